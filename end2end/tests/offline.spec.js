// Installed and without a connection: the last known state, plainly old, and nothing after whoever was there has left.
import { axeFindings } from '../lib/axe.js';
import { awake, expect, logInByForm as logIn, open, test } from '../lib/test.js';
import { en } from '../lib/words.js';

test.use({ serviceWorkers: 'allow' });

const kept = (page) =>
  page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys()) {
      for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
    }
    return found;
  });

/** Until the worker is at work and has kept the page. */
const isKept = async (page) => {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect.poll(() => kept(page)).toEqual(['/offline']);
};

test('the app can be installed', async ({ page, context, server }) => {
  await logIn(page, server);
  const tools = await context.newCDPSession(page);
  const { installabilityErrors } = await tools.send('Page.getInstallabilityErrors');
  // A context of Playwright's is a private window, where nothing is installed.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
  const { errors } = await tools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  for (const icon of ['icon-192.png', 'icon-512.png', 'icon-maskable-512.png', 'badge-96.png']) {
    expect((await fetch(`${server.url}/${icon}`)).status, icon).toBe(200);
  }
  const worker = await fetch(`${server.url}/sw.js`);
  expect(worker.headers.get('cache-control')).toBe('no-cache');
  expect(worker.headers.get('content-security-policy')).toContain("connect-src 'self'");
});

test('while the server is gone the last known state is shown with its age, and the live one once it is back', async ({ page, server, target, tolerated }) => {
  tolerated.push(/ERR_CONNECTION_REFUSED|WebSocket/);
  await server.addDevice(target.tunnel('branch-1'));
  await expect.poll(async () => (await server.ask('GET', '/api/tunnel/branch-1')).state).toBe('up');
  await logIn(page, server);
  await isKept(page);
  await server.pause();

  await page.goto(`${server.url}/alerts`);
  await expect(page.getByRole('heading', { name: en.offline_title })).toBeVisible();
  await expect(page.getByText(en.offline_text)).toBeVisible();
  const device = page.getByRole('listitem').filter({ hasText: 'branch-1' });
  await expect(device).toContainText(en.state_up);
  await expect(device.locator('time')).toContainText(/sec|min/);
  expect(await page.content()).not.toContain('127.0.0.1:');
  expect(await axeFindings(page)).toEqual([]);

  await server.resume();
  await page.getByRole('link', { name: en.action_again }).click();
  await expect(page.getByRole('heading', { name: en.alerts_title })).toBeVisible();
});

test('nothing is kept of whoever has logged out', async ({ page, server, tolerated }) => {
  // What was being fetched for other pages ends with the page.
  tolerated.push(/ERR_|WebSocket|did not come/);
  await logIn(page, server);
  await isKept(page);
  await page.locator('.avatar').click();
  await page.getByRole('button', { name: en.action_log_out }).click();
  await expect(page.getByRole('button', { name: en.login_submit })).toBeVisible();
  await awake(page);
  await expect.poll(() => kept(page)).toEqual([]);
  await server.pause();
  await expect(page.goto(`${server.url}/`)).rejects.toThrow(/ERR_/);
});

test('nor of whose session has ended elsewhere', async ({ page, server, another, tolerated }) => {
  tolerated.push(/401|ERR_|did not come/);
  await logIn(page, server, 'viewer');
  await isKept(page);
  const admin = await another();
  await logIn(admin, server);
  await server.run(['user', 'remove', 'viewer']);
  // The page leaves by itself, perhaps while it is asked.
  await expect(page.getByRole('button', { name: en.login_submit })).toBeVisible();
  await expect.poll(() => kept(page).catch(() => undefined)).toEqual([]);
});
