// One's own account: the password, and tokens for programs.
import { PASSWORD } from '../lib/server.js';
import { expect, logIn, logInByForm, open, signIn, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const NEW_PASSWORD = 'staple battery horse';

test('a password is changed by who knows the old one, and ends the other sessions', async ({
  page,
  server,
  another,
  tolerated,
}) => {
  tolerated.push(/\/api\/change_password/, /401|403/);
  const elsewhere = await another();
  await logIn(elsewhere, server);
  await signIn(page, server);
  await open(page, server, '/account');
  const [old, fresh] = [en.password_old, en.password_new].map((name) => page.getByLabel(name, { exact: true }));
  const submit = page.getByRole('button', { name: en.password_change });
  await old.fill('not the password');
  await fresh.fill(NEW_PASSWORD);
  await submit.click();
  await expect(old).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText(en.error_password_wrong)).toBeVisible();
  await old.fill(PASSWORD);
  // A wrong password makes the next try wait a moment.
  await expect(async () => {
    await submit.click();
    await expect(page.getByText(en.password_said_changed)).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(old).toHaveValue('');

  await open(page, server, '/account');
  await expect(page.getByRole('heading', { name: en.account_title, level: 1 })).toBeVisible();
  // Nobody has to touch the other browser.
  await expect(elsewhere).toHaveURL(/\/login/);
  await expect(elsewhere.getByText(en.login_ended)).toBeVisible();
  await logInByForm(elsewhere, server, 'admin', NEW_PASSWORD);
});

test('a token is shown once, works, and ends when it is removed', async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, '/account');
  await page.getByRole('button', { name: en.token_add }).click();
  const dialog = page.getByRole('dialog', { name: en.token_add });
  await dialog.getByLabel(en.token_name).fill('Grafana');
  await dialog.getByRole('button', { name: en.token_add }).click();
  const shown = dialog.getByLabel(en.token_itself);
  const token = await shown.inputValue();

  // A press beside the dialog does not take away what is shown only once.
  await page.mouse.click(5, 5);
  await expect(shown).toBeVisible();
  const ask = () => fetch(`${server.url}/api/devices`, { headers: { authorization: `Bearer ${token}` } });
  expect((await ask()).status).toBe(200);

  await dialog.getByRole('button', { name: en.action_done }).click();
  const entry = page.getByRole('listitem').filter({ hasText: 'Grafana' });
  await expect(entry).toContainText(en.token_read);
  expect(await page.content()).not.toContain(token);
  await entry.getByRole('button', { name: en.action_remove }).click();
  await expect(entry).toContainText(en.token_remove_sure);
  await entry.getByRole('button', { name: en.action_remove }).click();
  await expect(page.getByText(fill(en.token_said_removed, { name: 'Grafana' }))).toBeVisible();
  expect((await ask()).status).toBe(401);
});

test('a viewer’s token can only read', async ({ page, server }) => {
  await signIn(page, server, 'viewer');
  await open(page, server, '/account');
  await page.getByRole('button', { name: en.token_add }).click();
  await expect(page.getByRole('dialog').getByRole('radio')).toHaveCount(1);
});
