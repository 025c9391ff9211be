// What was typed into a dialog is not lost by a slip: Escape, the cross and Back ask first.
import { axeFindings } from '../lib/axe.js';
import { expect, open, signIn, test } from '../lib/test.js';
import { en } from '../lib/words.js';

const begin = async (page, server) => {
  await signIn(page, server);
  await open(page, server, '/admin/rules');
  await page.getByRole('button', { name: en.rule_add }).click();
  return page.getByRole('dialog', { name: en.rule_add });
};

test('Escape asks before what was typed is lost, and asks for nothing where nothing was', async ({ page, server }) => {
  let dialog = await begin(page, server);
  await expect(dialog.getByLabel(en.user_name, { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await page.getByRole('button', { name: en.rule_add }).click();
  const name = dialog.getByLabel(en.user_name, { exact: true });
  await name.fill('busy');
  await page.keyboard.press('Escape');
  const question = dialog.getByRole('alertdialog', { name: en.dialog_discard });
  await expect(question).toBeVisible();
  await expect(question.getByRole('button', { name: en.dialog_keep })).toBeFocused();
  // A second Escape is no answer in a hurry: it goes back to what was typed.
  await page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  await expect(name).toBeFocused();
  await expect(name).toHaveValue('busy');
  await page.keyboard.press('Escape');
  await expect(question.getByRole('button', { name: en.dialog_keep })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: en.rule_add }).click();
  await expect(name).toHaveValue('');
});

test('on a phone the cross asks too, and Cancel does not', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const dialog = await begin(page, server);
  await dialog.getByLabel(en.user_name, { exact: true }).fill('busy');
  await dialog.getByRole('button', { name: en.action_close }).click();
  const question = dialog.getByRole('alertdialog', { name: en.dialog_discard });
  await expect(question.getByRole('button', { name: en.dialog_discard_do })).toBeInViewport();
  expect(await axeFindings(page)).toEqual([]);
  await question.getByRole('button', { name: en.dialog_keep }).click();
  await dialog.getByRole('button', { name: en.action_cancel }).click();
  await expect(dialog).toBeHidden();
});
