// The whole way to a Telegram chat, against somebody else's emulator of the Bot API.
import { createServer } from 'node:net';
import { once } from 'node:events';
import TelegramServer from 'telegram-test-api';
import { expect, open, signIn, test as base } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const TOKEN = '123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr';
const CHAT = '-1001234567890';
const NAME = 'core <b>&"';

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const test = base.extend({
  /** It forgets messages after a while, which is longer than any outage here. */
  telegram: async ({}, use) => {
    const config = { host: '127.0.0.1', port: await freePort(), storeTimeout: 600 };
    const telegram = new TelegramServer(config);
    await telegram.start();
    await use(telegram);
    await telegram.stop();
  },
});

test('a chat hears of an outage and of its end, with the name as it is', async ({ page, server, target, telegram }) => {
  test.slow();
  await server.addDevice(target.tunnel(NAME));
  await expect.poll(async () => (await server.ask('GET', '/api/devices')).devices[0].state).toBe('up');
  await signIn(page, server);
  await open(page, server, '/admin/channels');
  await page.getByRole('button', { name: en.channel_add }).click();
  const dialog = page.getByRole('dialog', { name: en.channel_add });
  await dialog.getByLabel(en.user_name).fill('night-shift');
  await dialog.getByLabel(en.channel_telegram_token, { exact: true }).fill(TOKEN);
  await dialog.getByLabel(en.channel_telegram_chat, { exact: true }).fill(CHAT);
  await dialog.getByLabel(en.channel_telegram_api, { exact: true }).fill(telegram.config.apiURL);
  await dialog.getByRole('button', { name: en.channel_add }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: fill(en.channel_test_of, { name: 'night-shift' }) }).click();
  await expect(page.getByRole('row', { name: /^night-shift/ })).toContainText(en.channel_works);

  const texts = () => telegram.storage.botMessages.map(({ message }) => message.text);
  expect(texts()[0]).toContain(en.told_trial_title);
  await target.down();
  await expect.poll(() => texts().length, { timeout: 60_000 }).toBe(2);
  // In the Bot API's HTML these four are written so.
  const escaped = NAME.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  expect(texts()[1].replaceAll('&quot;', '"')).toContain(fill(en.told_down, { device: escaped }));
  expect(texts()[1]).not.toContain('core <b>');
  const [, { message, botToken }] = telegram.storage.botMessages;
  expect([message.parse_mode, String(message.chat_id), botToken]).toEqual(['HTML', CHAT, TOKEN]);

  await target.up();
  await expect.poll(() => texts().length, { timeout: 60_000 }).toBe(3);
  expect(texts()[2]).toContain('🟢');
});

test('a person connects Telegram, asks, and acknowledges from there', async ({ page, server, target, telegram }) => {
  test.slow();
  await server.addDevice(target.tunnel(NAME));
  await expect.poll(async () => (await server.ask('GET', '/api/devices')).devices[0].state).toBe('up');
  const channel = {
    name: 'night-shift',
    kind: 'telegram',
    settings: { chat_id: CHAT, api_url: telegram.config.apiURL },
    secrets: { token: TOKEN },
  };
  await server.ask('POST', '/api/channels', channel);
  await signIn(page, server);
  await open(page, server, '/account');
  await page.getByRole('button', { name: en.chat_connect }).click();
  const said = page.getByRole('textbox', { name: en.chat_connect });
  await expect(said).toHaveValue(/^\/start [2-9A-Z]{4}(-[2-9A-Z]{4}){3}$/);
  await expect(page.getByRole('link', { name: fill(en.chat_open, { bot: 'TestNameBot' }) })).toBeVisible();

  const ani = telegram.getClient(TOKEN, { userId: 7, chatId: 7, userName: 'ani' });
  const say = (text) => ani.sendCommand(ani.makeCommand(text));
  const answers = () =>
    telegram.storage.botMessages.map(({ message }) => message).filter(({ chat_id: chat }) => Number(chat) === 7);
  const answered = async (count, words) => {
    await expect.poll(() => answers().length, { timeout: 30_000 }).toBe(count);
    expect(answers().at(-1).text).toContain(words);
  };
  await say(await said.inputValue());
  await answered(1, '/ack');
  await expect(page.getByText('@ani')).toBeVisible();
  await expect(said).toBeHidden();

  await target.down();
  await expect.poll(async () => (await server.ask('GET', '/api/devices')).devices[0].state, { timeout: 60_000 }).toBe('down');
  await say('/down');
  await answered(2, 'core &lt;b&gt;&amp;&quot;');
  await say('/ack');
  await answered(3, 'core &lt;b&gt;&amp;&quot;');
  const [alert] = (await server.ask('GET', '/api/alerts?state=open')).alerts;
  expect([alert.state, alert.acknowledged.by]).toEqual(['acknowledged', 'admin']);
  await say('/summary');
  await answered(4, '📋');

  await page.getByRole('button', { name: fill(en.user_remove_of, { name: '@ani' }) }).click();
  await page.locator('button.danger', { hasText: en.action_remove }).click();
  await expect(page.getByText(en.chat_none)).toBeVisible();
  const state = await server.ask('GET', '/api/audit?act=chat_unbound');
  expect(state.entries[0].subject).toBe('admin');
});
