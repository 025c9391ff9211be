// The main job, as a newcomer does it: create the admin, add a tunnel, watch it go down and come back.
import { PASSWORD, Server } from '../lib/server.js';
import { expect, logIn, open, signIn, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

test.describe('on the first run', () => {
  test.use({
    server: async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
  });

  const setUp = async (page) => {
    await page.getByLabel(en.user_name).fill('admin');
    await page.getByLabel(en.password, { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: en.setup_submit }).click();
  };

  test('a newcomer creates the admin and lands on an empty dashboard', async ({ page, server }) => {
    await open(page, server, '/');
    await expect(page).toHaveURL(/\/setup/);
    await setUp(page);
    await expect(page).toHaveURL(`${server.url}/`);
    await expect(page.getByRole('link', { name: en.empty_add })).toBeVisible();
  });

  test('a newcomer adds a tunnel and sees it go down and come back', async ({ page, server, target }) => {
    test.slow();
    await open(page, server, '/');
    await setUp(page);
    await page.getByRole('link', { name: en.empty_add }).click();
    await page.getByRole('radio', { name: new RegExp(`^${en.kind_tunnel}`) }).check();
    await page.getByRole('textbox', { name: en.router_name, exact: true }).fill('branch-1');
    await page.getByRole('textbox', { name: en.router_address, exact: true }).fill('127.0.0.1');
    // Ping needs a right that not every machine gives.
    await page.getByRole('button', { name: fill(en.check_remove, { kind: en.check_icmp }) }).click();
    await page.getByLabel(en.check_tcp_port, { exact: true }).fill(String(target.port));
    await page.getByLabel(en.check_interval, { exact: true }).fill('5');
    await page.getByRole('complementary').getByRole('button', { name: en.router_add, exact: true }).click();
    await expect(page.getByRole('row', { name: /branch-1/ })).toBeVisible();
    await page.getByRole('link', { name: en.nav_dashboard, exact: true }).click();
    const row = page.getByRole('row', { name: /branch-1/ });
    await expect(row).toContainText(en.state_up);
    await target.down();
    await expect(row).toContainText(en.state_down, { timeout: 45_000 });
    await target.up();
    await expect(row).toContainText(en.state_up, { timeout: 45_000 });
  });

  test('set-up is gone once there is an admin', async ({ page, server, tolerated }) => {
    tolerated.push(/404 \(Not Found\)/);
    await open(page, server, '/setup');
    await setUp(page);
    await expect(page).toHaveURL(`${server.url}/`);
    const answer = await page.goto(`${server.url}/setup`);
    expect(answer.status()).toBe(404);
    await expect(page.getByRole('button', { name: en.setup_submit })).toHaveCount(0);
  });

  test.describe('without scripts', () => {
    test.use({ javaScriptEnabled: false });

    test('the admin can be created', async ({ page, server }) => {
      await page.goto(`${server.url}/`);
      await setUp(page);
      await expect(page).toHaveURL(`${server.url}/`);
      await expect(page.getByRole('navigation', { name: en.nav_label })).toBeVisible();
    });
  });
});

test('the dashboard follows a real listener down and up without a reload', async ({ page, server, target }) => {
  test.slow();
  await server.addDevice(target.tunnel('branch-1'));
  await logIn(page, server);
  await page.evaluate(() => (window.isTheSamePage = true));
  const row = page.getByRole('row', { name: /branch-1/ });
  await expect(row).toContainText(en.state_up);
  await target.down();
  await expect(row).toContainText(en.state_down, { timeout: 45_000 });
  await target.up();
  await expect(row).toContainText(en.state_up, { timeout: 45_000 });
  expect(await page.evaluate(() => window.isTheSamePage)).toBe(true);
});

test('a device added on one page appears on another that is open', async ({ page, server, target }) => {
  await logIn(page, server);
  await server.addDevice(target.tunnel('branch-2'));
  await expect(page.getByRole('row', { name: /branch-2/ })).toContainText(en.state_up);
});

test('a device page tells the state of its checks as they change', async ({ page, server, target }) => {
  test.slow();
  const device = await server.addDevice(target.tunnel('branch-1', { location: 'Bandung' }));
  await signIn(page, server);
  await open(page, server, `/devices/${device.id}`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('branch-1');
  await expect(page.getByRole('main')).toContainText('Bandung');
  await expect(page.getByRole('main')).toContainText(en.state_up);
  await target.down();
  await expect(page.getByRole('main')).toContainText(en.state_down, { timeout: 45_000 });
});

test('a page says that its values are old while the server is away, and catches up', async ({
  page,
  server,
  target,
  tolerated,
}) => {
  test.slow();
  tolerated.push(/ERR_CONNECTION_REFUSED|WebSocket/);
  await server.addDevice(target.tunnel('branch-1'));
  await logIn(page, server);
  const banner = page.getByText(en.banner_lost.split('{')[0].trim());
  await expect(page.getByRole('row', { name: /branch-1/ })).toContainText(en.state_up);
  await expect(banner).toBeHidden();
  await server.pause();
  await expect(banner).toBeVisible();
  await target.down();
  await server.resume();
  await expect(banner).toBeHidden({ timeout: 45_000 });
  await expect(page.getByRole('row', { name: /branch-1/ })).toContainText(en.state_down, { timeout: 45_000 });
});
