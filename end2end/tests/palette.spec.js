// Ctrl-K: devices, pages and acts.
import { addFleet } from '../lib/fleet.js';
import { expect, logIn, test } from '../lib/test.js';
import { en, fill, ru } from '../lib/words.js';

const search = async (page, text) => {
  await page.keyboard.press('Control+k');
  const box = page.getByRole('combobox', { name: en.palette_title });
  await expect(box).toBeFocused();
  await box.fill(text);
};

test('a device is found by a part of its name', async ({ page, server }) => {
  await addFleet(server, 30);
  await logIn(page, server);
  await search(page, '0017');
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('ap-0017');
});

test('the chosen line is always in sight', async ({ page, server }) => {
  await addFleet(server, 30);
  await logIn(page, server);
  await search(page, 'ap-');
  const lines = page.getByRole('option');
  await expect(lines.nth(15)).toBeAttached();
  const last = (await lines.count()) - 1;
  for (let step = 0; step < last; step += 1) await page.keyboard.press('ArrowDown');
  await expect(lines.nth(last)).toHaveAttribute('aria-selected', 'true');
  await expect(lines.nth(last)).toBeInViewport({ ratio: 1 });
  for (let step = 0; step < last; step += 1) await page.keyboard.press('ArrowUp');
  await expect(lines.first()).toBeInViewport({ ratio: 1 });
});

test('an admin adds a device from anywhere', async ({ page, server }) => {
  await logIn(page, server);
  await search(page, en.dashboard_add_device);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/admin\/routers\/new$/);
  await expect(page.getByRole('complementary', { name: en.router_add })).toBeVisible();
});

test('the fleet is checked and read again from anywhere', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('branch-1'));
  await logIn(page, server);
  await search(page, en.palette_check_all);
  await page.keyboard.press('Enter');
  await expect(page.getByText(en.palette_said_checked_all)).toBeVisible();
  await search(page, en.routers_reload);
  await page.keyboard.press('Enter');
  await expect(page.getByText(fill(en.routers_said_reloaded_one, { n: 1 }))).toBeVisible();
});

test('theme and language change, and logging out leaves', async ({ page, server }) => {
  await logIn(page, server);
  await search(page, 'dark theme');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('button', { name: 'admin' }).click();
  await expect(page.getByRole('button', { name: en.theme_dark })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('Escape');
  await search(page, en.action_log_out);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: en.login_submit })).toBeVisible();
});

test('the language changes from the palette', async ({ page, server }) => {
  await logIn(page, server);
  await search(page, 'Русский');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: ru.nav_history, exact: true })).toBeVisible();
});

test('a viewer is offered nothing that an admin does', async ({ page, server }) => {
  await logIn(page, server, 'viewer');
  await search(page, '');
  await expect(page.getByRole('option', { name: en.nav_dashboard })).toBeVisible();
  for (const act of [en.dashboard_add_device, en.palette_check_all, en.routers_reload, en.nav_users]) {
    await expect(page.getByRole('option', { name: act, exact: true })).toHaveCount(0);
  }
});
