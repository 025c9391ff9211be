// The program's own log: read as it is written, stopped, searched, and told what to write.
import { expect, open, signIn, test } from '../lib/test.js';
import { en } from '../lib/words.js';

const log = (page) => page.getByRole('log', { name: en.own_log_title });
const write = (server, filter) => server.ask('POST', '/api/logging', { filter });

test('lines arrive as they are written, stand still when told to, and are searched', async ({ page, server }) => {
  await write(server, 'warn,one=info');
  await signIn(page, server);
  await open(page, server, '/admin/logs');
  await expect(log(page)).toContainText('now=warn,one=info');
  await expect(page.getByText(en.own_log_live, { exact: true })).toBeVisible();
  await write(server, 'warn,x<b>two</b>=info');
  await expect(log(page)).toContainText('now=warn,x<b>two</b>=info');

  await page.getByRole('button', { name: en.own_log_pause, exact: true }).click();
  await write(server, 'warn,three=info');
  await expect(page.getByText(en.own_log_meanwhile_one.replace('{n}', '1'), { exact: true })).toBeVisible();
  await expect(log(page)).not.toContainText('three=info');
  await page.getByRole('button', { name: en.own_log_go_on, exact: true }).click();
  await expect(log(page)).toContainText('now=warn,three=info');

  await page.getByLabel(en.own_log_search).fill('ONE=info');
  await expect(log(page)).toContainText('now=warn,one=info');
  await expect(log(page)).not.toContainText('now=warn,three=info');
  await page.getByLabel(en.own_log_search).fill('');
  await page.getByLabel(en.own_log_least).selectOption('error');
  await expect(log(page)).toContainText(en.own_log_none);
});

test('an admin says what is written, by level and by filter, and is told what is no filter', async ({ page, server, tolerated }) => {
  tolerated.push(/400/);
  await signIn(page, server);
  await open(page, server, '/admin/logs');
  await page.getByText(en.own_log_written).click();
  const filter = page.getByLabel(en.own_log_filter, { exact: true });
  await page.getByLabel(en.own_log_level).selectOption('debug');
  await expect(filter).toHaveValue('warn,server=debug,engine=debug');
  await page.getByRole('button', { name: en.own_log_apply }).click();
  await expect(log(page)).toContainText('now=warn,server=debug,engine=debug');
  expect((await server.ask('GET', '/api/logging')).filter).toBe('warn,server=debug,engine=debug');
  await filter.fill('server=loud');
  await expect(page.getByLabel(en.own_log_level)).toHaveValue('own');
  await page.getByRole('button', { name: en.own_log_apply }).click();
  await expect(page.getByText(en.error_log_filter)).toBeVisible();
  await expect(filter).toBeFocused();
});

test('a line is copied whole', async ({ page, server, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await write(server, 'warn,copied=info');
  await signIn(page, server);
  await open(page, server, '/admin/logs');
  const line = page.locator('.own-log-line').filter({ hasText: 'copied=info' });
  await line.hover();
  await line.getByRole('button', { name: en.own_log_copy }).click();
  await expect(page.getByText(en.copy_done)).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^\d{4}-\d\d-\d\dT.*Z WARN server::backend::own_log: .*now=warn,copied=info by=admin$/);
});

test('a page that lost its line says so, comes back, and has what was written meanwhile', async ({ page, server, tolerated }) => {
  tolerated.push(/WebSocket|ERR_|Failed to load resource/);
  await signIn(page, server);
  await open(page, server, '/admin/logs');
  await expect(page.getByText(en.own_log_live, { exact: true })).toBeVisible();
  await page.context().setOffline(true);
  await expect(page.getByText(en.own_log_lost)).toBeVisible();
  await write(server, 'warn,meanwhile=info');
  await page.context().setOffline(false);
  await expect(log(page)).toContainText('now=warn,meanwhile=info');
  await expect(page.getByText(en.own_log_live, { exact: true })).toBeVisible();
});

test('without scripts the last lines are there, the newest in sight', async ({ page, server, browser }) => {
  for (let number = 0; number < 60; number++) await write(server, `warn,line${number}=info`);
  await signIn(page, server);
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const still = await plain.newPage();
  await still.goto(`${server.url}/admin/logs`);
  await expect(still.getByText('now=warn,line59=info')).toBeInViewport();
  await expect(still.getByText('now=warn,line0=info')).not.toBeInViewport();
  await plain.close();
});

test('a viewer has no such page', async ({ page, server, tolerated }) => {
  tolerated.push(/403/);
  await signIn(page, server, 'viewer');
  const answer = await page.goto(`${server.url}/admin/logs`);
  expect(answer.status()).toBe(403);
});
