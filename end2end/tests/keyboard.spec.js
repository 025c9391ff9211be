// The whole work of an admin without a pointer.
import { tabTo } from '../lib/keyboard.js';
import { PASSWORD } from '../lib/server.js';
import { awake, expect, open, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const goTo = async (page, what) => {
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('combobox', { name: en.palette_title });
  await expect(palette).toBeFocused();
  await page.keyboard.type(what);
  await page.keyboard.press('Enter');
  await expect(palette).toBeHidden();
};

test('an admin logs in, adds, edits and removes by keyboard alone', async ({ page, server, target }) => {
  test.slow();
  await open(page, server, '/login');
  await expect(page.getByLabel(en.user_name)).toBeFocused();
  await page.keyboard.type('admin');
  await tabTo(page, page.getByLabel(en.password, { exact: true }));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation', { name: en.nav_label })).toBeVisible();
  await awake(page);

  await goTo(page, en.dashboard_add_device);
  const panel = page.getByRole('complementary');
  await tabTo(page, panel.getByRole('radio').first());
  const tunnel = panel.getByRole('radio', { name: new RegExp(`^${en.kind_tunnel}`) });
  await page.keyboard.press('Space');
  while (!(await tunnel.isChecked())) await page.keyboard.press('ArrowDown');
  await tabTo(page, panel.getByRole('textbox', { name: en.router_name, exact: true }));
  await page.keyboard.type('branch-1');
  await page.keyboard.press('Tab');
  await page.keyboard.type('127.0.0.1');
  await tabTo(page, panel.getByLabel(en.check_tcp_port, { exact: true }));
  await page.keyboard.press('Control+a');
  await page.keyboard.type(String(target.port));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${server.url}/admin/routers`);
  const row = page.getByRole('row', { name: /branch-1/ });
  await expect(row).toBeVisible();

  await tabTo(page, row.getByRole('link', { name: 'branch-1' }));
  await page.keyboard.press('Enter');
  await tabTo(page, panel.getByRole('textbox', { name: en.router_location }));
  await page.keyboard.type('Bandung');
  await page.keyboard.press('Control+s');
  await expect(row).toContainText('Bandung');

  await tabTo(page, panel.getByRole('button', { name: en.action_remove, exact: true }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: fill(en.remove_title, { name: 'branch-1' }) });
  await expect(dialog.getByRole('textbox')).toBeFocused();
  await page.keyboard.type('branch-1');
  await page.keyboard.press('Enter');
  await expect(row).toHaveCount(0);

  await goTo(page, en.nav_users);
  await tabTo(page, page.getByRole('button', { name: en.user_add }));
  await page.keyboard.press('Enter');
  const adding = page.getByRole('dialog', { name: en.user_add });
  await tabTo(page, adding.getByLabel(en.user_name));
  await page.keyboard.type('night-shift');
  await tabTo(page, adding.getByLabel(en.password, { exact: true }));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row', { name: /night-shift/ })).toBeVisible();
});
