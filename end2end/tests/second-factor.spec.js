// A code besides the password: switched on, asked for, and switched off, by keyboard.
import { axeFindings } from '../lib/axe.js';
import { tabTo } from '../lib/keyboard.js';
import { PASSWORD } from '../lib/server.js';
import { awake, expect, logInByForm, open, signIn, test } from '../lib/test.js';
import { codeOf } from '../lib/totp.js';
import { en, fill } from '../lib/words.js';

const inside = (page) => expect(page.getByRole('navigation', { name: en.nav_label })).toBeVisible();

/** Switches it on by keys alone; the secret and the recovery codes. */
const switchOn = async (page, server) => {
  await open(page, server, '/account');
  await tabTo(page, page.getByRole('button', { name: en.factor_switch_on }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: en.factor_title });
  await expect(dialog.getByRole('img', { name: en.factor_picture })).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  const secret = await dialog.getByLabel(en.factor_secret, { exact: true }).inputValue();
  await tabTo(page, dialog.getByLabel(en.login_code, { exact: true }));
  await page.keyboard.type(codeOf(secret));
  await page.keyboard.press('Enter');
  const codes = (await dialog.getByLabel(en.factor_codes, { exact: true }).inputValue()).split('\n');
  expect(codes).toHaveLength(10);
  await tabTo(page, dialog.getByRole('button', { name: en.action_done }));
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByText(fill(en.factor_codes_left_other, { n: 10 }))).toBeVisible();
  return { secret, codes };
};

const giveName = async (page, server) => {
  await open(page, server, '/login');
  await page.getByLabel(en.user_name).fill('admin');
  await page.getByLabel(en.password, { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: en.login_code_title })).toBeVisible();
};

test('a login asks for the code, and takes each but once', async ({ page, server, another, tolerated }) => {
  tolerated.push(/\/api\/enter_code/, /401|403/);
  await signIn(page, server);
  const { secret, codes } = await switchOn(page, server);

  const theirs = await another();
  await giveName(theirs, server);
  await awake(theirs);
  expect(await axeFindings(theirs)).toEqual([]);
  const code = theirs.getByLabel(en.login_code, { exact: true });
  await expect(code).toBeFocused();
  // The code of now was used to switch it on.
  const next = codeOf(secret, 1);
  await theirs.keyboard.type(next);
  await theirs.keyboard.press('Enter');
  await inside(theirs);

  const again = await another();
  await giveName(again, server);
  await awake(again);
  await again.keyboard.type(next);
  await again.keyboard.press('Enter');
  await expect(again.getByText(en.error_code_wrong)).toBeVisible();
  await again.getByLabel(en.login_code, { exact: true }).fill(codes[0].toLowerCase());
  // A wrong code makes the next try wait a moment.
  await expect(async () => {
    await again.getByRole('button', { name: en.login_submit }).click({ timeout: 1_000 });
    await expect(again.getByRole('navigation', { name: en.nav_label })).toBeVisible({ timeout: 2_000 });
  }).toPass();

  await open(page, server, '/account');
  await page.getByRole('button', { name: en.factor_switch_off }).click();
  const dialog = page.getByRole('dialog', { name: en.factor_switch_off_title });
  await expect(dialog.getByLabel(en.password, { exact: true })).toBeFocused();
  await page.keyboard.type(PASSWORD);
  await dialog.getByLabel(en.login_code, { exact: true }).fill(codes[1]);
  await page.keyboard.press('Enter');
  await expect(page.getByText(en.factor_said_off)).toBeVisible();
  await expect(page.getByRole('button', { name: en.factor_switch_on })).toBeVisible();
});

test('an admin removes it for somebody who lost the phone', async ({ page, server, another, tolerated }) => {
  tolerated.push(/401|403/);
  const theirs = await another();
  await signIn(theirs, server, 'viewer');
  await switchOn(theirs, server);
  await signIn(page, server);
  await open(page, server, '/admin/users');
  const name = fill(en.user_take_factor_of, { name: 'viewer' });
  await page.getByRole('button', { name }).click();
  const dialog = page.getByRole('dialog', { name });
  await dialog.getByRole('button', { name: en.user_take_factor }).click();
  await expect(page.getByText(fill(en.user_said_factor_taken, { name: 'viewer' }))).toBeVisible();
  await expect(page.getByRole('button', { name })).toHaveCount(0);
  await logInByForm(await another(), server, 'viewer');
});

test.describe('without scripts', () => {
  test('the code is asked for, and who begins again is asked for the password', async ({ page, server, browser }) => {
    await signIn(page, server);
    const { codes } = await switchOn(page, server);
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    const givePassword = async () => {
      await plain.getByLabel(en.user_name).fill('admin');
      await plain.getByLabel(en.password, { exact: true }).fill(PASSWORD);
      await plain.getByRole('button', { name: en.login_submit }).click();
    };
    await plain.goto(`${server.url}/login`);
    await givePassword();
    await plain.getByRole('button', { name: en.login_begin_again }).click();
    await givePassword();
    await plain.getByLabel(en.login_code, { exact: true }).fill(codes[0]);
    await plain.getByRole('button', { name: en.login_submit }).click();
    await expect(plain).toHaveURL(`${server.url}/`);
    await context.close();
  });
});
