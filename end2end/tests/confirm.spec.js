// The password again, before an act that wants it, with nothing lost that was typed.
import { axeFindings } from '../lib/axe.js';
import { tabTo } from '../lib/keyboard.js';
import { PASSWORD } from '../lib/server.js';
import { expect, open, signIn, test } from '../lib/test.js';
import { answer } from '../lib/wire.js';
import { en } from '../lib/words.js';

/** Lets the server seem to want the password, once. */
const wantPassword = async (page, path) => {
  // "The password is needed", in the pages' wire.
  await page.route(path, (route) => answer(route, 403, [11]), { times: 1 });
};

const confirming = (page) => page.getByRole('dialog', { name: en.confirm_title });

test('the act goes on once the password was given, by keyboard', async ({ page, server, tolerated }) => {
  tolerated.push(/\/api\/(create_user|confirm_password)/);
  await signIn(page, server);
  await open(page, server, '/admin/users');
  await page.getByRole('button', { name: en.user_add }).click();
  const adding = page.getByRole('dialog', { name: en.user_add });
  await adding.getByLabel(en.user_name).fill('night-shift');
  await adding.getByLabel(en.password, { exact: true }).fill(PASSWORD);
  await wantPassword(page, '**/api/create_user');
  await page.keyboard.press('Enter');

  const dialog = confirming(page);
  await expect(dialog.getByLabel(en.password, { exact: true })).toBeFocused();
  expect(await axeFindings(page)).toEqual([]);
  await page.keyboard.type('not the password');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText(en.error_password_wrong)).toBeVisible();
  await dialog.getByLabel(en.password, { exact: true }).fill(PASSWORD);
  // A wrong password makes the next try wait a moment.
  await expect(async () => {
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden({ timeout: 1_000 });
  }).toPass();
  await expect(adding).toBeHidden();
  await expect(page.getByRole('row', { name: /^night-shift/ })).toBeVisible();
});

test('who does not give it loses nothing but the act', async ({ page, server, tolerated }) => {
  tolerated.push(/\/api\/create_token/);
  await signIn(page, server);
  await open(page, server, '/account');
  await page.getByRole('button', { name: en.token_add }).click();
  const adding = page.getByRole('dialog', { name: en.token_add });
  await adding.getByLabel(en.token_name).fill('Grafana');
  await wantPassword(page, '**/api/create_token');
  await tabTo(page, adding.getByRole('button', { name: en.token_add }));
  await page.keyboard.press('Enter');
  await expect(confirming(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(confirming(page)).toBeHidden();
  await expect(adding.getByText(en.failure_password_needed)).toBeVisible();
  await expect(adding.getByLabel(en.token_name)).toHaveValue('Grafana');
  await adding.getByRole('button', { name: en.token_add }).click();
  await expect(adding.getByLabel(en.token_itself)).toBeVisible();
});
