// Channels: added, tried out, changed and removed; a secret goes in and never comes out.
import { tabTo } from '../lib/keyboard.js';
import { Receiver } from '../lib/receiver.js';
import { expect, open, signIn, test as base } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const SECRET = 'between the two of us';

const test = base.extend({
  receiver: async ({}, use) => {
    const receiver = await Receiver.start();
    await use(receiver);
    await receiver.stop();
  },
});

const rowOf = (page, name) => page.getByRole('row', { name: new RegExp(`^${name}`) });
const kind = (page, word) => page.getByRole('radio', { name: new RegExp(`^${word}`) });

const hook = (server, receiver, more = {}) =>
  server.ask('POST', '/api/channels', {
    name: 'hook',
    kind: 'webhook',
    settings: { url: receiver.url },
    secrets: { secret: SECRET },
    ...more,
  });

test('an admin adds a webhook by keyboard, and its test arrives', async ({ page, server, receiver }) => {
  await signIn(page, server);
  await open(page, server, '/admin/channels');
  await expect(page.getByRole('heading', { name: en.channels_empty_title })).toBeVisible();
  await tabTo(page, page.getByRole('button', { name: en.channel_add }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: en.channel_add });
  await expect(kind(dialog, en.channel_telegram)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(kind(dialog, en.channel_webhook)).toBeChecked();
  await expect(dialog).toContainText(en.channel_webhook_help_1);
  await tabTo(page, dialog.getByLabel(en.user_name));
  await page.keyboard.type('hook');
  await tabTo(page, dialog.getByLabel(en.channel_webhook_url));
  await page.keyboard.type(receiver.url);
  await tabTo(page, dialog.getByLabel(en.channel_webhook_secret));
  await page.keyboard.type(SECRET);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();

  const row = rowOf(page, 'hook');
  await expect(row).toContainText(receiver.url);
  await expect(row).toContainText(en.channel_unused);
  await row.getByRole('button', { name: fill(en.channel_test_of, { name: 'hook' }) }).click();
  await expect(row).toContainText(en.channel_works);
  await expect(page.getByText(fill(en.channel_said_works, { name: 'hook' }))).toBeVisible();
  await expect(row).toContainText(en.channel_well);
  expect(receiver.got).toHaveLength(1);
  expect(receiver.got[0].headers['x-routewarden-signature']).toMatch(/^sha256=[0-9a-f]{64}$/);
  expect(JSON.stringify(receiver.got[0].body)).toContain(en.told_trial_title);
});

test('a failure is told in the far end’s own words', async ({ page, server, receiver }) => {
  receiver.status = 503;
  await hook(server, receiver);
  await signIn(page, server);
  await open(page, server, '/admin/channels');
  const row = rowOf(page, 'hook');
  await row.getByRole('button', { name: fill(en.channel_test_of, { name: 'hook' }) }).click();
  await expect(row).toContainText(en.channel_fails);
  await expect(row).toContainText('503');
  await expect(page.getByText(fill(en.channel_said_fails, { name: 'hook' }))).toBeVisible();
});

test('what is refused is said at its field, and nothing typed is lost', async ({ page, server, tolerated }) => {
  tolerated.push(/\/api\/create_channel/);
  await signIn(page, server);
  await open(page, server, '/admin/channels');
  await page.getByRole('button', { name: en.channel_add }).click();
  const dialog = page.getByRole('dialog', { name: en.channel_add });
  const submit = () => dialog.getByRole('button', { name: en.channel_add }).click();
  await submit();
  for (const label of [en.user_name, en.channel_telegram_token, en.channel_telegram_chat]) {
    await expect(dialog.getByLabel(label, { exact: true })).toHaveAttribute('aria-invalid', 'true');
  }
  await kind(dialog, en.channel_webhook).check();
  await dialog.getByLabel(en.user_name).fill('hook');
  const url = dialog.getByLabel(en.channel_webhook_url, { exact: true });
  await url.fill('not an address');
  await submit();
  await expect(url).toHaveAttribute('aria-invalid', 'true');
  await expect(url).toBeFocused();
  await expect(dialog).toContainText(en.error_url);
  await expect(dialog.getByLabel(en.user_name)).toHaveValue('hook');
  await expect(dialog.getByRole('alert')).toHaveCount(0);
});

test('a secret is never shown again, stays when it is not typed, and can be taken away', async ({ page, server, receiver }) => {
  await hook(server, receiver);
  await signIn(page, server);
  await open(page, server, '/admin/channels');
  expect(await page.content()).not.toContain(SECRET);
  const edit = () => page.getByRole('button', { name: fill(en.channel_edit_of, { name: 'hook' }) }).click();
  const dialog = page.getByRole('dialog');
  const save = () => dialog.getByRole('button', { name: en.action_save }).click();
  await edit();
  await expect(dialog.getByLabel(en.channel_webhook_secret)).toHaveValue('');
  await expect(dialog).toContainText(en.channel_secret_kept);
  await dialog.getByLabel(en.channels_told).selectOption('info');
  await dialog.getByLabel(en.language_label).selectOption('ru');
  await save();
  await expect(dialog).toBeHidden();
  await expect(rowOf(page, 'hook')).toContainText(en.severity_from_info);
  await expect(rowOf(page, 'hook')).toContainText('Русский');
  const stored = async () => (await server.ask('GET', '/api/channels')).channels[0];
  expect((await stored()).secrets).toEqual({ secret: { set: true, set_at: expect.any(String) } });
  expect((await stored()).language).toBe('ru');

  await edit();
  await dialog.getByRole('switch', { name: en.channel_secret_remove }).check();
  await expect(dialog).toContainText(en.channel_secret_goes);
  await save();
  await expect(dialog).toBeHidden();
  expect((await stored()).secrets).toEqual({});
});

test('a channel is switched off and on in its row, and removed when its name was typed', async ({ page, server, receiver }) => {
  await hook(server, receiver);
  await signIn(page, server);
  await open(page, server, '/admin/channels');
  const row = rowOf(page, 'hook');
  const enabled = async () => (await server.ask('GET', '/api/channels')).channels[0].enabled;
  await row.getByRole('switch').click();
  await expect(page.getByText(fill(en.channel_said_off, { name: 'hook' }))).toBeVisible();
  await expect(row).toContainText(en.channel_off);
  expect(await enabled()).toBe(false);
  await row.getByRole('switch').click();
  await expect(page.getByText(fill(en.channel_said_on, { name: 'hook' }))).toBeVisible();
  expect(await enabled()).toBe(true);

  await row.getByRole('button', { name: fill(en.user_remove_of, { name: 'hook' }) }).click();
  const dialog = page.getByRole('dialog', { name: fill(en.remove_title, { name: 'hook' }) });
  await expect(dialog).toContainText(en.channel_remove_lost);
  await expect(dialog.getByRole('button', { name: en.remove_do })).toBeDisabled();
  await dialog.getByRole('textbox').fill('hook');
  await dialog.getByRole('button', { name: en.remove_do }).click();
  await expect(page.getByRole('heading', { name: en.channels_empty_title })).toBeVisible();
  expect((await server.ask('GET', '/api/channels')).total).toBe(0);
});

for (const [device, width] of [['a desk', 1280], ['a phone', 390]]) {
  test(`on ${device} a long address is one line, and whole in its title`, async ({ page, server, receiver }) => {
    await page.setViewportSize({ width, height: 844 });
    await hook(server, receiver);
    await hook(server, receiver, { name: 'long', settings: { url: `${receiver.url}/${'a'.repeat(180)}` } });
    await signIn(page, server);
    await open(page, server, '/admin/channels');
    const height = async (name) => (await rowOf(page, name).boundingBox()).height;
    expect(Math.abs((await height('long')) - (await height('hook')))).toBeLessThan(2);
    await expect(rowOf(page, 'long').getByTitle(`${receiver.url}/${'a'.repeat(180)}`)).toBeVisible();
    const wide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    expect(await page.evaluate(wide)).toBe(0);
  });
}

test('a channel that fails says since when, why, and what waits; and what is lost with it', async ({ page, server, receiver, target }) => {
  test.slow();
  receiver.status = 503;
  await hook(server, receiver);
  await server.addDevice(target.tunnel('branch-1'));
  await expect.poll(async () => (await server.ask('GET', '/api/tunnel/branch-1')).state).toBe('up');
  await signIn(page, server);
  await open(page, server, '/admin/channels');
  await target.down();
  const row = rowOf(page, 'hook');
  await expect(row).toContainText(en.channel_failing, { timeout: 45_000 });
  await expect(row).toContainText('503');
  await expect(row).toContainText(fill(en.channel_waiting_one, { n: 1 }));
  await row.getByRole('button', { name: fill(en.user_remove_of, { name: 'hook' }) }).click();
  await expect(page.getByRole('dialog')).toContainText(fill(en.channel_remove_waiting_one, { n: 1 }));
  await page.keyboard.press('Escape');

  receiver.status = 204;
  await expect(row).toContainText(en.channel_well, { timeout: 60_000 });
  expect(receiver.got.at(-1).body.incident.device.name).toBe('branch-1');
});

test('a viewer has no such page', async ({ page, server, tolerated }) => {
  tolerated.push(/403/);
  await signIn(page, server, 'viewer');
  const answer = await page.goto(`${server.url}/admin/channels`);
  expect(answer.status()).toBe(403);
});

test('a channel has words of its own, shown before they are saved, and what is not known is named', async ({ page, server, receiver, tolerated }) => {
  tolerated.push(/\/api\/update_channel/);
  await hook(server, receiver);
  await signIn(page, server);
  await open(page, server, '/admin/channels');
  await page.getByRole('button', { name: fill(en.channel_edit_of, { name: 'hook' }) }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(en.channel_words, { exact: true }).click();
  const example = dialog.getByRole('status', { name: en.channel_words_example });
  await expect(example).toContainText('edge-1');
  const title = dialog.getByLabel(en.channel_title_template, { exact: true });
  await title.fill('[{site}] {name}');
  await dialog.getByLabel(en.channel_body_template, { exact: true }).fill('{title}\nWhy: {cause}\nHides {affected}');
  await expect(example).toContainText('[Bandung] edge-1');
  await expect(example).toContainText('Why: connection refused');
  await expect(example).not.toContainText('Hides');

  await title.fill('{nmae}');
  await expect(example).toContainText(fill(en.channel_words_unknown, { place: '{nmae}' }));
  await dialog.getByRole('button', { name: en.action_save }).click();
  await expect(title).toHaveAttribute('aria-invalid', 'true');
  await expect(dialog).toContainText(en.error_template);

  await title.fill('{name}: {{{severity}}}');
  await expect(example).toContainText(`edge-1: {${en.severity_critical}}`);
  await dialog.getByRole('button', { name: en.action_save }).click();
  await expect(dialog).toBeHidden();
  const { settings } = (await server.ask('GET', '/api/channels')).channels[0];
  expect(settings.title_template).toBe('{name}: {{{severity}}}');
  expect(settings.body_template).toBe('{title}\nWhy: {cause}\nHides {affected}');
});
