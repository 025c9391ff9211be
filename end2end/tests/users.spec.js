// Accounts: added, limited, and never without an admin.
import { PASSWORD } from '../lib/server.js';
import { expect, logIn, open, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const rowOf = (page, name) => page.getByRole('row', { name: new RegExp(`^${name}`) });

test('an admin adds a viewer, who can log in', async ({ page, server, browser }) => {
  await logIn(page, server);
  await open(page, server, '/admin/users');
  await page.getByRole('button', { name: en.user_add }).click();
  const dialog = page.getByRole('dialog', { name: en.user_add });
  await dialog.getByLabel(en.user_name).fill('night-shift');
  await dialog.getByLabel(en.password, { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: en.user_add }).click();
  await expect(dialog).toBeHidden();
  await expect(rowOf(page, 'night-shift')).toBeVisible();

  const other = await browser.newContext();
  await logIn(await other.newPage(), server, 'night-shift');
  await other.close();
});

test('a name that is taken is refused at its field', async ({ page, server, tolerated }) => {
  tolerated.push(/\/api\/create_user/);
  await logIn(page, server);
  await open(page, server, '/admin/users');
  await page.getByRole('button', { name: en.user_add }).click();
  const dialog = page.getByRole('dialog', { name: en.user_add });
  await dialog.getByLabel(en.user_name).fill('viewer');
  await dialog.getByLabel(en.password, { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: en.user_add }).click();
  await expect(dialog.getByLabel(en.user_name)).toHaveAttribute('aria-invalid', 'true');
});

test('the last admin can be neither removed nor demoted', async ({ page, server }) => {
  await logIn(page, server);
  await open(page, server, '/admin/users');
  const row = rowOf(page, 'admin');
  await expect(row.getByRole('button', { name: fill(en.user_remove_of, { name: 'admin' }) })).toBeDisabled();
  await expect(row.getByRole('combobox')).toBeDisabled();
  await expect(row).toContainText(en.user_last_admin);
});

test('a disabled account is shut out at once', async ({ page, server, browser, tolerated }) => {
  tolerated.push(/401|403/);
  const other = await browser.newContext();
  const theirs = await other.newPage();
  await logIn(theirs, server, 'viewer');
  await logIn(page, server);
  await open(page, server, '/admin/users');
  await rowOf(page, 'viewer').getByRole('switch').click();
  await expect(rowOf(page, 'viewer').getByRole('switch')).not.toBeChecked();
  await expect(async () => {
    await theirs.goto(`${server.url}/`);
    await expect(theirs).toHaveURL(/\/login/);
  }).toPass({ timeout: 10_000 });
  await other.close();
});
