// The door: in with the right password, with or without scripts, and out again.
import { PASSWORD } from '../lib/server.js';
import { expect, logInByForm, open, test } from '../lib/test.js';
import { answer } from '../lib/wire.js';
import { en, fill } from '../lib/words.js';

test('a stranger is led to the login page', async ({ page, server }) => {
  await open(page, server, '/');
  await expect(page).toHaveURL(/\/login/);
});

test('a wrong password is refused and says so', async ({ page, server, tolerated }) => {
  tolerated.push(/\/api\/log_in/);
  await open(page, server, '/login');
  await page.getByLabel(en.user_name).fill('admin');
  await page.getByLabel(en.password, { exact: true }).fill('not the password');
  await page.getByRole('button', { name: en.login_submit }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page).toHaveURL(/\/login/);
});

test('logging out closes the door behind', async ({ page, server }) => {
  await logInByForm(page, server);
  await page.getByRole('button', { name: 'admin' }).click();
  await page.getByRole('button', { name: en.action_log_out }).click();
  await expect(page.getByRole('button', { name: en.login_submit })).toBeVisible();
  await open(page, server, '/');
  await expect(page).toHaveURL(/\/login/);
});

test('a logout that fails says so', async ({ page, server, tolerated }) => {
  tolerated.push(/ERR_|log_out|WebSocket/);
  await logInByForm(page, server);
  await page.route('**/api/log_out', (route) => route.abort());
  await page.getByRole('button', { name: 'admin' }).click();
  await page.getByRole('button', { name: en.action_log_out }).click();
  await expect(page.getByText(en.failure_unreachable)).toBeVisible();
});

test('the seconds until the next try tick for the eye and are told once', async ({ page, server, tolerated }) => {
  tolerated.push(/\/api\/log_in/);
  // "Too many" and the seconds, in the pages' wire.
  await page.route('**/api/log_in', (route) => answer(route, 429, [6, 60]));
  await open(page, server, '/login');
  await page.getByLabel(en.user_name).fill('admin');
  await page.getByLabel(en.password, { exact: true }).fill('not the password');
  await page.getByRole('button', { name: en.login_submit }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toHaveText(fill(en.failure_too_many_other, { n: 60 }));
  await alert.evaluate((node) => (node.isTheSame = true));
  await expect(page.getByText(fill(en.failure_too_many_other, { n: 58 }))).toBeVisible();
  await expect(alert).toHaveText(fill(en.failure_too_many_other, { n: 60 }));
  expect(await alert.evaluate((node) => node.isTheSame)).toBe(true);
  await expect(page.getByRole('button', { name: en.login_submit })).toBeDisabled();
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('logging in works and the dashboard can be read', async ({ page, server, target }) => {
    await server.addDevice(target.tunnel('branch-1'));
    await page.goto(`${server.url}/login`);
    await page.getByLabel(en.user_name).fill('admin');
    await page.getByLabel(en.password, { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: en.login_submit }).click();
    await expect(page).toHaveURL(`${server.url}/`);
    await expect(page.getByText('branch-1').first()).toBeVisible();
  });

  test('a wrong password is refused and says so', async ({ page, server, tolerated }) => {
    tolerated.push(/\/api\/log_in|\/login/);
    await page.goto(`${server.url}/login`);
    await page.getByLabel(en.user_name).fill('admin');
    await page.getByLabel(en.password, { exact: true }).fill('not the password');
    await page.getByRole('button', { name: en.login_submit }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await expect(page.getByRole('button', { name: en.login_submit })).toBeVisible();
  });
});
