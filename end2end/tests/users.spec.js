// Accounts: added, limited, and never without an admin.
import { PASSWORD } from '../lib/server.js';
import { expect, logIn, logInByForm, open, signIn, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const rowOf = (page, name) => page.getByRole('row', { name: new RegExp(`^${name}`) });

test('an admin adds a viewer, who can log in', async ({ page, server, another }) => {
  await signIn(page, server);
  await open(page, server, '/admin/users');
  await page.getByRole('button', { name: en.user_add }).click();
  const dialog = page.getByRole('dialog', { name: en.user_add });
  await expect(dialog.getByLabel(en.user_name)).toBeFocused();
  await dialog.getByLabel(en.user_name).fill('night-shift');
  await dialog.getByLabel(en.password, { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: en.user_add }).click();
  await expect(dialog).toBeHidden();
  await expect(rowOf(page, 'night-shift')).toBeVisible();

  await logInByForm(await another(), server, 'night-shift');
});

test('a name that is taken is refused at its field', async ({ page, server, tolerated }) => {
  tolerated.push(/\/api\/create_user/);
  await signIn(page, server);
  await open(page, server, '/admin/users');
  await page.getByRole('button', { name: en.user_add }).click();
  const dialog = page.getByRole('dialog', { name: en.user_add });
  await dialog.getByLabel(en.user_name).fill('viewer');
  await dialog.getByLabel(en.password, { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: en.user_add }).click();
  await expect(dialog.getByLabel(en.user_name)).toHaveAttribute('aria-invalid', 'true');
});

test('the last admin can be neither removed nor demoted', async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, '/admin/users');
  const row = rowOf(page, 'admin');
  await expect(row.getByRole('button', { name: fill(en.user_remove_of, { name: 'admin' }) })).toBeDisabled();
  await expect(row.getByRole('combobox')).toBeDisabled();
  await expect(row).toContainText(en.user_last_admin);
});

test('a disabled account is shut out at once', async ({ page, server, another, tolerated }) => {
  tolerated.push(/401|403/);
  const theirs = await another();
  await logIn(theirs, server, 'viewer');
  await signIn(page, server);
  await open(page, server, '/admin/users');
  // An open page would leave by itself, some time later: the next request is what is looked at.
  await theirs.goto('about:blank');
  await rowOf(page, 'viewer').getByRole('switch').click();
  await expect(page.getByText(fill(en.user_said_disabled, { name: 'viewer' }))).toBeVisible();
  await expect(rowOf(page, 'viewer').getByRole('switch')).not.toBeChecked();
  await theirs.goto(`${server.url}/`);
  expect(new URL(theirs.url()).pathname).toBe('/login');

  // Another role does not let them in again, and nothing says so.
  await rowOf(page, 'viewer').getByRole('combobox').selectOption('admin');
  await expect(page.getByText(fill(en.user_said_changed, { name: 'viewer', role: en.role_admin }))).toBeVisible();
  await expect(page.getByText(fill(en.user_said_disabled, { name: 'viewer' }))).toHaveCount(1);
  await rowOf(page, 'viewer').getByRole('switch').click();
  await expect(page.getByText(fill(en.user_said_enabled, { name: 'viewer' }))).toBeVisible();
  await logInByForm(theirs, server, 'viewer');
});

test('a press beside the dialog throws nothing away', async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, '/admin/users');
  await page.getByRole('button', { name: en.user_add }).click();
  const dialog = page.getByRole('dialog', { name: en.user_add });
  await dialog.getByLabel(en.user_name).fill('night-shift');
  await page.mouse.click(5, 5);
  await expect(dialog.getByLabel(en.user_name)).toHaveValue('night-shift');
  await page.keyboard.press('Escape');
  const question = dialog.getByRole('alertdialog', { name: en.dialog_discard });
  await question.getByRole('button', { name: en.dialog_discard_do }).click();
  await expect(dialog).toBeHidden();
});

test('an admin gives an account a new password', async ({ page, server, another, tolerated }) => {
  tolerated.push(/401|403/);
  const theirs = await another();
  await logIn(theirs, server, 'viewer');
  await signIn(page, server);
  await open(page, server, '/admin/users');
  await page.getByRole('button', { name: fill(en.user_reset_password_of, { name: 'viewer' }) }).click();
  const dialog = page.getByRole('dialog', { name: fill(en.user_reset_password_of, { name: 'viewer' }) });
  await dialog.getByLabel(en.password_new, { exact: true }).fill('staple battery horse');
  await dialog.getByRole('button', { name: en.user_reset_password, exact: true }).click();
  await expect(page.getByText(fill(en.user_said_password, { name: 'viewer' }))).toBeVisible();
  await theirs.goto(`${server.url}/`);
  await expect(theirs).toHaveURL(/\/login/);
  await logInByForm(theirs, server, 'viewer', 'staple battery horse');
});

test('an account is removed only when its name was typed', async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, '/admin/users');
  await page.getByRole('button', { name: fill(en.user_remove_of, { name: 'viewer' }) }).click();
  const dialog = page.getByRole('dialog', { name: fill(en.remove_title, { name: 'viewer' }) });
  await expect(dialog.getByRole('button', { name: en.remove_do })).toBeDisabled();
  await dialog.getByRole('textbox').fill('viewer');
  await dialog.getByRole('button', { name: en.remove_do }).click();
  await expect(rowOf(page, 'viewer')).toHaveCount(0);
});
