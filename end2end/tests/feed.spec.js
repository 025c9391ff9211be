// Old data never looks live: the line breaks, falls silent, comes back, or is left.
import { expect, logIn, open, signIn, test } from '../lib/test.js';
import { en } from '../lib/words.js';

const link = (page) => page.locator('.link-state');
const lost = (page) => page.getByRole('status').filter({ hasText: en.banner_lost_said });

test('a browser that goes offline says so at once and catches up when it is back', async ({ page, context, server, target, tolerated }) => {
  tolerated.push(/ERR_INTERNET_DISCONNECTED|WebSocket/);
  await server.addDevice(target.tunnel('branch-1'));
  await logIn(page, server);
  await expect(link(page)).toHaveAttribute('data-link', 'live');
  await context.setOffline(true);
  await expect(lost(page)).toBeAttached();
  await expect(page.locator('.banner.bad')).toBeVisible();
  await expect(page.getByRole('main')).toHaveClass(/stale/);
  await context.setOffline(false);
  await expect(link(page)).toHaveAttribute('data-link', 'live');
  await expect(lost(page)).toHaveCount(0);
});

test('a line that says nothing for a minute is lost', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('branch-1'));
  let isMute = false;
  await page.routeWebSocket(/\/ws\/live$/, (socket) => {
    const far = socket.connectToServer();
    far.onMessage((message) => isMute || socket.send(message));
  });
  await page.clock.install();
  await logIn(page, server);
  await expect(link(page)).toHaveAttribute('data-link', 'live');
  isMute = true;
  await page.clock.fastForward(50_000);
  await expect(link(page)).toHaveAttribute('data-link', 'live');
  await page.clock.fastForward(20_000);
  await expect(link(page)).toHaveAttribute('data-link', 'lost');
  isMute = false;
  await page.clock.fastForward(90_000);
  await expect(link(page)).toHaveAttribute('data-link', 'live');
});

test('the seconds since the line was lost are not read out', async ({ page, context, server, target, tolerated }) => {
  tolerated.push(/ERR_INTERNET_DISCONNECTED|WebSocket/);
  await server.addDevice(target.tunnel('branch-1'));
  await logIn(page, server);
  await context.setOffline(true);
  await expect(page.locator('.banner.bad')).toHaveText(/[1-9]s/);
  await expect(page.locator('[role=status] .banner, [aria-live] .banner')).toHaveCount(0);
});

test('a device’s page greys when the line is lost', async ({ page, context, server, target, tolerated }) => {
  tolerated.push(/ERR_INTERNET_DISCONNECTED|WebSocket/);
  const device = await server.addDevice(target.tunnel('branch-1'));
  await signIn(page, server);
  await open(page, server, `/devices/${device.id}`);
  await expect(page.getByRole('main')).toContainText(en.state_up);
  const opacity = (part) => page.locator(part).first().evaluate((part) => getComputedStyle(part).opacity);
  expect(await opacity('.detail-state')).toBe('1');
  await context.setOffline(true);
  for (const part of ['.detail-state', '.detail .table tbody']) {
    await expect.poll(() => opacity(part)).toBe('0.5');
  }
});

test('leaving the inside while the line is open breaks nothing', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('branch-1'));
  const opened = page.waitForEvent('websocket');
  await logIn(page, server);
  const socket = await opened;
  await expect(link(page)).toHaveAttribute('data-link', 'live');
  const closed = socket.waitForEvent('close');
  await page.evaluate(() => {
    history.pushState({}, '', '/no/such/page');
    dispatchEvent(new PopStateEvent('popstate'));
  });
  await closed;
  await expect(page.getByRole('heading', { name: en.not_found_title })).toBeVisible();
});
