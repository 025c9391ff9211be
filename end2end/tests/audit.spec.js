// The audit log: who did what; found, taken along as a file, and checked.
import { readFile } from 'node:fs/promises';
import { expect, open, signIn, test } from '../lib/test.js';
import { en } from '../lib/words.js';

const rows = (page) => page.getByRole('table', { name: en.audit_title }).locator('.list-row');

test('an admin finds an act, and takes what was found along as a file without formulas', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('=1+1'));
  await signIn(page, server);
  await open(page, server, '/admin/audit');
  await expect(rows(page).filter({ hasText: en.act_device_created })).toContainText('=1+1');
  await expect(rows(page).first()).toContainText('admin');
  await page.getByRole('combobox', { name: en.audit_act }).selectOption({ label: en.act_device_created });
  await page.getByRole('button', { name: en.list_filter }).click();
  await expect(page).toHaveURL(/act=device_created/);
  await expect(rows(page)).toHaveCount(1);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toContain(",'=1+1,");
  expect(text.trim().split('\n')).toHaveLength(2);
  await page.getByLabel(en.audit_text, { exact: true }).fill('<script>');
  await page.getByRole('button', { name: en.list_filter }).click();
  await expect(page.getByText(en.audit_none)).toBeVisible();
  await expect(page.getByLabel(en.audit_text, { exact: true })).toHaveValue('<script>');
});

test('the chain is checked when asked, and says that it is whole', async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, '/admin/audit');
  await expect(page.getByText(en.audit_unchecked)).toBeVisible();
  await page.getByRole('button', { name: en.audit_check }).click();
  await expect(page.getByRole('main')).toContainText(en.audit_checked.split('{')[0].trim());
});

test('a long log goes on page after page', async ({ page, server }) => {
  for (let number = 0; number < 60; number++) await server.ask('POST', '/api/rules', {
    name: `rule ${String(number).padStart(2, '0')}`,
    condition: { measure: 'cpu_load', side: 'above', limit: 99 },
  });
  await signIn(page, server);
  await open(page, server, '/admin/audit?text=rule');
  await expect(rows(page)).toHaveCount(50);
  await page.getByRole('link', { name: en.list_older }).click();
  await expect(rows(page).filter({ hasText: 'rule 00' })).toHaveCount(1);
  await page.getByRole('link', { name: en.list_newer }).click();
  await expect(rows(page).first()).toContainText('rule 59');
});

test('a viewer has no such page', async ({ page, server, tolerated }) => {
  tolerated.push(/403/);
  await signIn(page, server, 'viewer');
  const answer = await page.goto(`${server.url}/admin/audit`);
  expect(answer.status()).toBe(403);
});
