// Acts on several devices at once.
import { addFleet, rowOf } from '../lib/fleet.js';
import { expect, logIn, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const bar = (page) => page.getByRole('region', { name: en.bulk_label });
const box = (page, name) => page.getByRole('checkbox', { name: fill(en.bulk_pick, { name }) });

/** Six devices, by name. */
const six = async (page, server) => {
  await addFleet(server, 6);
  await logIn(page, server);
  await page.getByRole('columnheader', { name: en.column_name, exact: true }).getByRole('button').click();
  await expect(page.locator('tr[data-id]').first()).toContainText('ap-0000');
};

test('rows are picked one by one, as a range, by key, and all', async ({ page, server }) => {
  await six(page, server);
  await expect(bar(page)).toHaveCount(0);
  await box(page, 'ap-0001').check();
  await rowOf(page, 'ap-0003').locator('.c-response').click({ modifiers: ['Shift'] });
  await expect(bar(page)).toContainText(fill(en.bulk_picked_other, { n: 3 }));
  await expect(box(page, 'ap-0002')).toBeChecked();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(bar(page)).toContainText(fill(en.bulk_picked_other, { n: 2 }));
  await bar(page).getByRole('button', { name: fill(en.bulk_all, { count: 6 }) }).click();
  await expect(page.getByRole('checkbox', { name: en.bulk_pick_all })).toBeChecked();
  await expect(page).toHaveURL(`${server.url}/`);
  await page.keyboard.press('Escape');
  await expect(bar(page)).toHaveCount(0);
});

test('devices are paused, resumed and checked together', async ({ page, server }) => {
  await six(page, server);
  await box(page, 'ap-0000').check();
  await box(page, 'ap-0002').click({ modifiers: ['Shift'] });
  await bar(page).getByRole('button', { name: en.device_pause }).click();
  await expect(page.getByText(fill(en.bulk_said_paused_other, { n: 3 }))).toBeVisible();
  await expect(bar(page)).toHaveCount(0);
  for (const name of ['ap-0000', 'ap-0001', 'ap-0002']) {
    await expect(rowOf(page, name)).toContainText(en.state_paused);
  }
  await expect(rowOf(page, 'ap-0003')).not.toContainText(en.state_paused);

  await page.getByRole('checkbox', { name: en.bulk_pick_all }).check();
  await bar(page).getByRole('button', { name: en.device_resume }).click();
  await expect(page.getByText(fill(en.bulk_said_resumed_other, { n: 3 }))).toBeVisible();
  await expect(rowOf(page, 'ap-0000')).not.toContainText(en.state_paused);

  await expect(bar(page)).toContainText(fill(en.bulk_picked_other, { n: 3 }));
  await bar(page).getByRole('button', { name: en.device_check }).click();
  await expect(page.getByText(fill(en.bulk_said_checked_other, { n: 3 }))).toBeVisible({ timeout: 45_000 });
});

test('devices are removed only when their number is typed', async ({ page, server }) => {
  await six(page, server);
  await box(page, 'ap-0000').check();
  await box(page, 'ap-0003').click({ modifiers: ['Shift'] });
  await bar(page).getByRole('button', { name: en.action_remove }).click();
  const dialog = page.getByRole('dialog', { name: fill(en.bulk_remove_title_other, { n: 4 }) });
  await expect(dialog).toContainText('ap-0000, ap-0001, ap-0002, ap-0003');
  const remove = dialog.getByRole('button', { name: en.action_remove });
  await dialog.getByRole('textbox').fill('3');
  await expect(remove).toBeDisabled();
  await dialog.getByRole('textbox').fill('4');
  await remove.click();
  await expect(page.getByText(fill(en.bulk_said_removed_other, { n: 4 }))).toBeVisible();
  await expect(page.locator('tr[data-id]')).toHaveCount(2);
  expect((await server.ask('GET', '/api/devices')).total).toBe(2);
});

test('what the filter hides is left alone', async ({ page, server }) => {
  await six(page, server);
  await page.getByRole('checkbox', { name: en.bulk_pick_all }).check();
  await page.getByRole('searchbox', { name: en.toolbar_filter }).fill('ap-0005');
  await expect(bar(page)).toContainText(fill(en.bulk_picked_one, { n: 1 }));
  await bar(page).getByRole('button', { name: en.device_pause }).click();
  await expect(page.getByText(fill(en.bulk_said_paused_one, { n: 1 }))).toBeVisible();
  const { devices } = await server.ask('GET', '/api/devices');
  expect(devices.filter((device) => !device.enabled).map((device) => device.name)).toEqual(['ap-0005']);
});

test('a viewer picks nothing', async ({ page, server }) => {
  await addFleet(server, 2);
  await logIn(page, server, 'viewer');
  await expect(rowOf(page, 'ap-0000')).toBeVisible();
  await expect(page.locator('.fleet').getByRole('checkbox')).toHaveCount(0);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(bar(page)).toHaveCount(0);
});
