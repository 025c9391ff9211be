// The keyboard, on the layouts that people have.
import { addFleet, rowOf } from '../lib/fleet.js';
import { expect, logIn, test } from '../lib/test.js';
import { en } from '../lib/words.js';

/** Presses what a Russian keyboard has at that place. */
const russian = (page, key, code, more = {}) =>
  page.evaluate(
    ([key, code, more]) => {
      const event = new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...more });
      document.activeElement.dispatchEvent(event);
    },
    [key, code, more],
  );

const filter = (page) => page.getByRole('searchbox', { name: en.toolbar_filter });
const drawer = (page) => page.getByRole('complementary', { name: en.drawer_label });
const link = (page, name) => rowOf(page, name).getByRole('link', { name, exact: true });

const listed = async (page, server) => {
  await addFleet(server, 3);
  await logIn(page, server);
  await page.getByRole('columnheader', { name: en.column_name, exact: true }).getByRole('button').click();
  await expect(page.locator('tr[data-id]').first()).toContainText('ap-0000');
};

test('the list is walked, opened and left by keys', async ({ page, server }) => {
  await listed(page, server);
  await page.keyboard.press('j');
  await expect(link(page, 'ap-0000')).toBeFocused();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await expect(link(page, 'ap-0001')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(drawer(page).getByRole('heading', { name: 'ap-0001' })).toBeVisible();
  await page.keyboard.press('j');
  await expect(drawer(page).getByRole('heading', { name: 'ap-0002' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(link(page, 'ap-0002')).toBeFocused();
});

test('the keys find their row again, wherever the list was scrolled to', async ({ page, server }) => {
  await addFleet(server, 300);
  await logIn(page, server);
  await expect(page.locator('.link-state')).toHaveAttribute('data-link', 'live');
  await page.getByRole('columnheader', { name: en.column_name, exact: true }).getByRole('button').click();
  await page.keyboard.press('j');
  const grid = page.locator('.grid');
  await grid.evaluate((grid) => grid.scrollTo(0, grid.scrollHeight));
  await expect(rowOf(page, 'ap-0299')).toBeInViewport();
  await expect(rowOf(page, 'ap-0001')).toHaveCount(0);
  await page.keyboard.press('j');
  await expect(link(page, 'ap-0001')).toBeFocused();
  await expect(link(page, 'ap-0001')).toBeInViewport();
});

test('a slash leads to the filter, Escape empties and leaves it', async ({ page, server }) => {
  await listed(page, server);
  await page.keyboard.press('/');
  await expect(filter(page)).toBeFocused();
  await page.keyboard.type('ap-0002');
  await expect(page.locator('tr[data-id]')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(filter(page)).toHaveValue('');
  await expect(page.locator('tr[data-id]')).toHaveCount(3);
});

test('a question mark shows the keys', async ({ page, server }) => {
  await listed(page, server);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: en.keys_title });
  for (const what of [en.keys_pick, en.keys_move, en.keys_help, en.filter_words]) await expect(help).toContainText(what);
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  // Another page has not those of the list.
  await page.getByRole('link', { name: en.nav_alerts }).first().click();
  await expect(page).toHaveURL(/\/alerts$/);
  await page.keyboard.press('?');
  await expect(help).toContainText(en.keys_help);
  for (const what of [en.keys_pick, en.keys_move, en.filter_words]) await expect(help).not.toContainText(what);
  await page.keyboard.press('Escape');
  await page.goBack();
  await expect(rowOf(page, 'ap-0000')).toBeVisible();
  await page.keyboard.press('?');
  await expect(help).toContainText(en.keys_move);
});

test('the same keys work on a Russian keyboard', async ({ page, server }) => {
  await listed(page, server);
  await russian(page, 'о', 'KeyJ');
  await expect(link(page, 'ap-0000')).toBeFocused();
  await russian(page, 'ч', 'KeyX');
  await expect(rowOf(page, 'ap-0000').getByRole('checkbox')).toBeChecked();
  await russian(page, '.', 'Slash');
  await expect(filter(page)).toBeFocused();
  await russian(page, 'л', 'KeyK', { ctrlKey: true });
  await expect(page.getByRole('dialog', { name: en.palette_title })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.locator('#main').focus();
  await russian(page, ',', 'Slash', { shiftKey: true });
  await expect(page.getByRole('dialog', { name: en.keys_title })).toBeVisible();
});
