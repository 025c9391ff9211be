// The door: in with the right password, with or without scripts, and out again.
import { PASSWORD } from '../lib/server.js';
import { expect, logIn, open, test } from '../lib/test.js';
import { en } from '../lib/words.js';

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
  await logIn(page, server);
  await page.getByRole('button', { name: 'admin' }).click();
  await page.getByRole('button', { name: en.action_log_out }).click();
  await expect(page.getByRole('button', { name: en.login_submit })).toBeVisible();
  await open(page, server, '/');
  await expect(page).toHaveURL(/\/login/);
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
