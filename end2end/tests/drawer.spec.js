// One device beside the list: opened, stepped through, closed; and what its page says when it is gone.
import { addFleet, rowOf } from '../lib/fleet.js';
import { expect, logIn, open, signIn, test } from '../lib/test.js';
import { en } from '../lib/words.js';

const drawer = (page) => page.getByRole('complementary', { name: en.drawer_label });

test('the drawer takes the keyboard and gives it back', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await logIn(page, server);
  await rowOf(page, 'branch-1').getByRole('link', { name: 'branch-1' }).click();
  await expect(drawer(page)).toBeFocused();
  await expect(page).toHaveURL(new RegExp(`\\?d=${device.id}$`));
  await expect(drawer(page).getByRole('heading', { level: 2, name: 'branch-1' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer(page)).toHaveCount(0);
  await expect(rowOf(page, 'branch-1').getByRole('link', { name: 'branch-1' })).toBeFocused();
});

test('stepping through the whole list with the drawer open throws nobody out', async ({ page, server }) => {
  await addFleet(server, 130);
  await logIn(page, server);
  await expect(page.locator('.link-state')).toHaveAttribute('data-link', 'live');
  await page.getByRole('columnheader', { name: en.column_name, exact: true }).getByRole('button').click();
  await rowOf(page, 'ap-0000').getByRole('link').first().click();
  await expect(drawer(page)).toBeVisible();
  for (let step = 1; step < 130; step += 1) await page.keyboard.press('j');
  await expect(drawer(page).getByRole('heading', { name: 'ap-0129' })).toBeVisible();
  await expect(rowOf(page, 'ap-0129')).toBeInViewport();
  await expect(page.locator('.link-state')).toHaveAttribute('data-link', 'live');
  await expect(page).toHaveURL(/\?d=\d+$/);
});

test('a device that is removed elsewhere says so on its open page', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await signIn(page, server);
  await open(page, server, `/devices/${device.id}`);
  await expect(page.getByRole('main')).toContainText(en.state_up);
  await server.ask('DELETE', `/api/devices/${device.id}`);
  await expect(page.getByText(en.device_removed)).toBeVisible();
  await expect(page.getByRole('button', { name: en.device_check })).toHaveCount(0);
});

test('a device’s page leads to where it is edited', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await signIn(page, server);
  await open(page, server, `/devices/${device.id}`);
  await page.getByRole('link', { name: en.action_edit }).click();
  await expect(page.getByRole('complementary', { name: 'branch-1' })).toBeVisible();
});

test('a device that does not exist has a page that says so', async ({ page, server, tolerated }) => {
  tolerated.push(/404 \(Not Found\)/);
  await signIn(page, server);
  await open(page, server, '/devices/999');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(en.device_gone_title);
});
