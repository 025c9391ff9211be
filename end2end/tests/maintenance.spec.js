// Maintenance windows and silences: planned, begun, seen on every page that they matter to, and ended.
import { tabTo } from '../lib/keyboard.js';
import { expect, logIn, open, signIn, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const SOON = { timeout: 45_000 };

const rowOf = (page, title) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

test('an admin plans a weekly window by keyboard, changes it and ends it', async ({ page, server, target, tolerated }) => {
  tolerated.push(/400/);
  await server.addDevice(target.tunnel('branch-1', { tags: ['core'] }));
  await signIn(page, server);
  await open(page, server, '/admin/maintenance');
  await expect(page.getByRole('heading', { name: en.quiets_empty_title })).toBeVisible();
  await tabTo(page, page.getByRole('main').getByRole('button', { name: en.quiet_add }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: en.quiet_add });
  await dialog.getByLabel(en.quiet_title).fill('Nightly <upgrade>');
  await dialog.getByLabel(en.quiet_starts).fill('2035-01-07T02:30');
  await dialog.getByLabel(en.quiet_repeats).selectOption({ label: en.quiet_weekly });
  await dialog.getByLabel(en.quiet_zone).fill('Mars/Olympus');
  await dialog.getByLabel(en.router_tags).selectOption('core');
  await dialog.getByRole('button', { name: en.action_save }).click();
  await expect(dialog).toContainText(en.error_required);
  await dialog.getByLabel(en.day_sun).check();
  await dialog.getByRole('button', { name: en.action_save }).click();
  await expect(dialog).toContainText(en.error_zone);
  await dialog.getByLabel(en.quiet_zone).fill('Asia/Jakarta');
  await dialog.getByRole('button', { name: en.action_save }).click();
  await expect(dialog).toBeHidden();

  const row = rowOf(page, 'Nightly <upgrade>');
  await expect(row).toContainText(`${en.day_sun} 02:30`);
  await expect(row).toContainText('Asia/Jakarta');
  await expect(row).toContainText('#core');
  await expect(row).toContainText(fill(en.device_count_one, { n: 1 }));
  await row.getByRole('button', { name: fill(en.channel_edit_of, { name: 'Nightly <upgrade>' }) }).click();
  const edit = page.getByRole('dialog', { name: fill(en.channel_edit_of, { name: 'Nightly <upgrade>' }) });
  await expect(edit.getByLabel(en.day_sun)).toBeChecked();
  await edit.getByLabel(en.quiet_title).fill('Weekly');
  await edit.getByRole('button', { name: en.action_save }).click();
  await expect(edit).toBeHidden();
  await rowOf(page, 'Weekly').getByRole('button', { name: fill(en.quiet_end_of, { name: 'Weekly' }) }).click();
  await page.getByRole('dialog').getByRole('button', { name: en.quiet_end_all }).click();
  await expect(rowOf(page, 'Weekly')).toContainText(en.quiet_ended);
  await expect(rowOf(page, 'Weekly').getByRole('button')).toHaveCount(0);
});

test('maintenance that begins at a device is worn on every page, and an outage in it is not told', async ({ page, server, target, another }) => {
  test.slow();
  const device = await server.addDevice(target.tunnel('branch-1'));
  await expect.poll(async () => (await server.ask('GET', '/api/tunnel/branch-1')).state, SOON).toBe('up');
  const theirs = await another();
  await logIn(theirs, server, 'viewer');
  await signIn(page, server);
  await open(page, server, `/devices/${device.id}`);
  await page.getByRole('button', { name: en.quiet_maintenance, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: fill(en.quiet_now_of, { name: 'branch-1' }) });
  await dialog.getByLabel(en.quiet_title).fill('New fibre');
  await dialog.getByRole('button', { name: en.quiet_begin }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('main')).toContainText('New fibre', SOON);
  // It comes by itself to whoever looks.
  await expect(theirs.getByRole('row', { name: /branch-1/ })).toContainText('New fibre', SOON);
  await open(theirs, server, '/admin/maintenance');
  await expect(rowOf(theirs, 'New fibre')).toBeVisible();
  await expect(theirs.getByRole('main').getByRole('button')).toHaveCount(0);

  await target.down();
  await open(page, server, '/alerts');
  const alert = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: /^branch-1/ }) });
  await expect(alert).toContainText('New fibre', SOON);
  await open(page, server, `/history/${device.id}`);
  await expect(page.locator('.timeline .window').first()).toBeAttached();
  await expect(page.locator('.figures').first()).toContainText(en.quiet_maintenance);
});

test('names as long as they may be fit the dialog, and the pages of a phone', async ({ page, server, target }) => {
  test.slow();
  const name = 'W'.repeat(64);
  const { id } = await server.addDevice(target.tunnel(name, { location: 'S'.repeat(64) }));
  await signIn(page, server);
  await open(page, server, '/admin/maintenance');
  await page.getByRole('main').getByRole('button', { name: en.quiet_add }).click();
  const dialog = page.getByRole('dialog', { name: en.quiet_add });
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 });
    await expect(dialog.getByRole('button', { name: en.action_save })).toBeInViewport({ ratio: 1 });
    expect(await dialog.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
  }
  await dialog.getByLabel(en.nav_routers, { exact: true }).selectOption(name);
  expect(await dialog.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
  for (const path of ['/', '/alerts', '/history', `/history/${id}`, `/devices/${id}`, '/reports']) {
    await open(page, server, path);
    await expect(page.getByRole('main')).toContainText(path === '/alerts' ? en.alerts_title : name);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(390);
  }
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('what runs can be read', async ({ page, server }) => {
    await server.ask('POST', '/api/maintenance', { title: 'Core', scope: {}, minutes: 60 });
    await page.goto(`${server.url}/login`);
    await page.getByLabel(en.user_name).fill('viewer');
    await page.getByLabel(en.password, { exact: true }).fill('correct horse battery');
    await page.getByRole('button', { name: en.login_submit }).click();
    await page.goto(`${server.url}/admin/maintenance`);
    await expect(rowOf(page, 'Core')).toContainText(en.quiet_all);
  });
});
