// Notifications: switched on in the account, sent to a push service of the test's own, read there, and shown by the
// service worker.
import { axeFindings } from '../lib/axe.js';
import { PushService } from '../lib/push_service.js';
import { PASSWORD } from '../lib/server.js';
import { awake, expect, logInByForm as logIn, open, test as base } from '../lib/test.js';
import { notifications, subscribeBy, workerOf } from '../lib/worker.js';
import { en, fill, ru } from '../lib/words.js';

const test = base.extend({
  server: async ({ installed }, use) => {
    const server = await installed.copy();
    process.env.ROUTEWARDEN_OUTBOUND_ALLOW = '127.0.0.0/8';
    await server.resume('127.0.0.1:0');
    delete process.env.ROUTEWARDEN_OUTBOUND_ALLOW;
    await use(server);
    await server.stop();
  },

  service: async ({}, use) => {
    const service = await PushService.start();
    await use(service);
    await service.stop();
  },
});
test.use({ serviceWorkers: 'allow' });

const here = (page) => page.getByRole('switch', { name: en.push_here });
const allow = (context, server) => context.grantPermissions(['notifications'], { origin: server.url });
const channels = async (server) => (await server.ask('GET', '/api/channels')).channels;

const down = async (server, target, name) => {
  await server.addDevice(target.tunnel(name));
  await expect.poll(async () => (await server.ask('GET', `/api/tunnel/${name}`)).state).toBe('up');
  await target.down();
};

test('what is switched on in the account arrives, is shown once per incident, and leads to its page', async ({ page, context, server, service, target }) => {
  test.slow();
  await allow(context, server);
  await subscribeBy(context, service.subscription('laptop'));
  await logIn(page, server, 'viewer');
  await open(page, server, '/account');
  await expect(here(page)).toBeEnabled();
  await expect(here(page)).not.toBeChecked();
  await here(page).click();
  await expect(page.getByText(en.push_said_on)).toBeVisible();
  await expect(here(page)).toBeChecked();
  expect(service.got[0]).toMatchObject({ title: en.told_trial_title, tag: 'test', url: '/' });
  const own = page.getByRole('listitem').filter({ hasText: en.session_this }).filter({ has: page.getByLabel(en.channels_told) });
  await expect(own).toContainText(en.channel_sent);
  await expect(own.getByLabel(en.channels_told)).toHaveValue('warning');
  await own.getByLabel(en.channels_told).selectOption('critical');
  await expect.poll(async () => (await channels(server))[0].severity).toBe('critical');
  await own.getByLabel(en.language_label).selectOption('id');
  await expect.poll(async () => (await channels(server))[0].language).toBe('id');
  await expect(own.getByLabel(en.channels_told)).toHaveValue('critical');

  await down(server, target, 'branch-1');
  await expect.poll(() => service.got.length, { timeout: 60_000 }).toBe(2);
  const told = service.got[1];
  expect(told.title).toContain('branch-1');
  expect(told.url).toMatch(/^\/devices\/\d+$/);

  const worker = await workerOf(context, page, server);
  await worker.deliver(told);
  const shown = () => notifications(page);
  await expect.poll(shown).toEqual([{ title: told.title, body: told.body, tag: told.tag, path: told.url }]);
  await worker.deliver({ ...told, title: 'branch-1 is up again' });
  await expect.poll(async () => (await shown()).map(({ title }) => title)).toEqual(['branch-1 is up again']);
  await worker.deliver({ ...told, tag: 'incident-999', title: 'another' });
  await expect.poll(async () => (await shown()).length).toBe(2);
  expect(await axeFindings(page)).toEqual([]);

  await page.getByRole('button', { name: new RegExp(`^${fill(en.push_remove_of, { browser: '' }).trim()}`) }).click();
  await expect(here(page)).not.toBeChecked();
  expect(await channels(server)).toEqual([]);
});

test('what is pushed never leads elsewhere, and says something even when nothing is said', async ({ page, context, server }) => {
  await allow(context, server);
  await logIn(page, server, 'viewer');
  const worker = await workerOf(context, page, server);
  await worker.deliver('no object');
  await expect.poll(async () => (await notifications(page)).map(({ title }) => title)).toEqual(['Routewarden']);
});

test('whoever logs out is not told any more, and messages speak the language of the browser', async ({ page, context, server, service }) => {
  await allow(context, server);
  await subscribeBy(context, service.subscription('laptop'));
  await context.addCookies([{ name: 'language', value: 'ru', url: server.url }]);
  await page.goto(`${server.url}/login`);
  await awake(page);
  await page.getByLabel(ru.user_name).fill('viewer');
  await page.getByLabel(ru.password, { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: ru.login_submit }).click();
  await expect(page.getByRole('navigation', { name: ru.nav_label })).toBeVisible();
  await open(page, server, '/account');
  await page.getByRole('switch', { name: ru.push_here }).click();
  await expect(page.getByText(ru.push_said_on)).toBeVisible();
  expect(service.got[0].title).toBe(ru.told_trial_title);
  expect(await channels(server)).toHaveLength(1);
  await page.locator('.avatar').click();
  await page.getByRole('button', { name: ru.action_log_out }).click();
  await expect(page.getByRole('button', { name: ru.login_submit })).toBeVisible();
  expect(await channels(server)).toEqual([]);
});

test('a browser that says no, and a place without a push service, are told so', async ({ page, context, server, another }) => {
  await context.clearPermissions();
  await context.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' }));
  await logIn(page, server, 'viewer');
  await open(page, server, '/account');
  await expect(page.getByText(en.push_denied)).toBeVisible();
  await expect(here(page)).toBeDisabled();
  expect(await axeFindings(page)).toEqual([]);

  const old = await another();
  await old.addInitScript(() => delete globalThis.PushManager);
  await logIn(old, server, 'viewer');
  await open(old, server, '/account');
  await expect(old.getByText(en.push_impossible)).toBeVisible();
});

test('a new incident is said on the open page once, with the way to it', async ({ page, server, target, another }) => {
  test.slow();
  await logIn(page, server, 'viewer');
  await open(page, server, '/history');
  await down(server, target, 'branch-1');
  const toast = page.locator('.toast', { hasText: 'branch-1' });
  await expect(toast).toHaveCount(1, { timeout: 60_000 });
  await toast.getByRole('link').click();
  await expect(page).toHaveURL(/\/devices\/\d+$/);
  const late = await another();
  await logIn(late, server, 'admin');
  await open(late, server, '/alerts');
  await expect(late.getByText('branch-1').first()).toBeVisible();
  await expect(late.locator('.toast', { hasText: 'branch-1' })).toHaveCount(0);
});
