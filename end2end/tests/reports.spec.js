// Reports: how everything was, on a sheet, and where it is sent by itself.
import { expect, logIn, open, signIn, test } from '../lib/test.js';
import { en } from '../lib/words.js';

const SOON = { timeout: 45_000 };

test('a report shows what is down, has a file, and changes its period', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('branch-1'));
  await expect.poll(async () => (await server.ask('GET', '/api/devices')).devices[0].state, SOON).toBe('up');
  await target.down();
  await expect.poll(async () => (await server.ask('GET', '/api/devices')).devices[0].state, SOON).toBe('down');
  await logIn(page, server, 'viewer');
  await page.getByRole('link', { name: en.nav_history, exact: true }).click();
  await page.getByRole('link', { name: en.report_title, exact: true }).click();
  await expect(page.getByRole('heading', { name: en.report_title, exact: true })).toBeVisible();
  const list = page.getByRole('heading', { name: en.report_down }).locator('..');
  await expect(list).toContainText('branch-1');
  await expect(page.getByRole('row', { name: /branch-1/ })).toBeVisible();
  // A viewer sees reports, and does not choose where they are sent.
  await expect(page.getByRole('heading', { name: en.report_plan })).toHaveCount(0);

  await page.getByRole('link', { name: en.history_day, exact: true }).click();
  await expect(page).toHaveURL(/days=1$/);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV', exact: true }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('1d-uptime.csv');
});

test('an admin chooses how often reports are sent and where to', async ({ page, server }) => {
  const channel = { name: 'ops', kind: 'webhook', settings: { url: 'http://192.0.2.1/hook' } };
  await server.ask('POST', '/api/channels', channel);
  await signIn(page, server);
  await open(page, server, '/reports');
  await page.getByLabel(en.report_every).selectOption('24');
  await page.getByRole('switch', { name: 'ops' }).check({ force: true });
  await page.getByRole('button', { name: en.action_save }).click();
  await expect(page.getByText(en.report_said)).toBeVisible();
  await expect(page.getByText(en.report_next)).toContainText('00:00 UTC');
  await page.reload();
  await expect(page.getByLabel(en.report_every)).toHaveValue('24');
  await expect(page.getByRole('switch', { name: 'ops' })).toBeChecked();
});
