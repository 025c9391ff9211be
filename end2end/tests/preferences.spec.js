// Language and theme are the browser's own, kept from visit to visit.
import { expect, logIn, open, signIn, test } from '../lib/test.js';
import { en, id, ru } from '../lib/words.js';

for (const [code, words] of [['id', id], ['ru', ru]]) {
  test(`a browser that asks for ${code} gets it`, async ({ another, server }) => {
    const page = await another({ locale: code });
    await open(page, server, '/login');
    await expect(page.locator('html')).toHaveAttribute('lang', code);
    await expect(page.getByRole('button', { name: words.login_submit })).toBeVisible();
  });
}

test('a chosen language is kept', async ({ page, server }) => {
  await logIn(page, server);
  await page.getByRole('button', { name: 'admin' }).click();
  await page.getByLabel(en.language_label).selectOption('ru');
  await expect(page.getByRole('link', { name: ru.nav_history, exact: true })).toBeVisible();
  await open(page, server, '/account');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ru');
});

test('a chosen theme is kept', async ({ page, server }) => {
  await logIn(page, server);
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await page.getByRole('button', { name: 'admin' }).click();
  await page.getByRole('button', { name: en.theme_dark }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await open(page, server, '/');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await background()).not.toBe(light);
});

test('the theme chosen in one place holds in the other, whatever language comes next', async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, '/account');
  await page.getByRole('button', { name: 'admin' }).click();
  const menu = page.locator('#user-menu');
  await menu.getByRole('button', { name: en.theme_dark }).click();
  await page.keyboard.press('Escape');
  const main = page.getByRole('main');
  await expect(main.getByRole('button', { name: en.theme_dark })).toHaveAttribute('aria-pressed', 'true');
  await main.getByLabel(en.language_label).selectOption('ru');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ru');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
