// Alert rules: seen by everybody, and added, tried on the past, switched and removed by an admin.
import { tabTo } from '../lib/keyboard.js';
import { expect, open, signIn, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const SOON = { timeout: 45_000 };

const rowOf = (page, name) => page.getByRole('row', { name: new RegExp(`^\\S+ ?${name}`) });
const isUp = (server, name) =>
  expect.poll(async () => (await server.ask('GET', `/api/tunnel/${name}`)).state, SOON).toBe('up');
const stored = async (server, name) => (await server.ask('GET', '/api/rules')).rules.find((rule) => rule.name === name);

test('the first rules say what they tell of, and a viewer may look and not touch', async ({ page, server }) => {
  await signIn(page, server, 'viewer');
  await open(page, server, '/alerts');
  await page.getByRole('link', { name: en.alerts_rules, exact: true }).click();
  await expect(page.getByRole('heading', { name: en.rules_title })).toBeVisible();
  await expect(rowOf(page, 'CPU load')).toContainText(/CPU load above 90.% for 10min/);
  await expect(rowOf(page, 'Device down')).toContainText(en.rule_state_down);
  await expect(rowOf(page, 'Device down')).toContainText(en.rule_everywhere);
  await expect(rowOf(page, 'Device down')).toContainText(en.rule_never);
  await expect(rowOf(page, 'Device down').getByRole('switch')).toBeDisabled();
  await expect(page.getByRole('button', { name: en.rule_add })).toHaveCount(0);
});

test('an admin adds a rule by keyboard, with its units, and it opens an alert that leads back to it', async ({ page, server, target }) => {
  test.slow();
  await server.addDevice(target.tunnel('branch-1'));
  await isUp(server, 'branch-1');
  await signIn(page, server);
  await open(page, server, '/admin/rules');
  await tabTo(page, page.getByRole('button', { name: en.rule_add }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: en.rule_add });
  await expect(dialog.getByLabel(en.user_name)).toBeFocused();
  await page.keyboard.type('Slow');
  await dialog.getByLabel(en.rule_measure, { exact: true }).selectOption('round_trip');
  await dialog.getByLabel(en.rule_side, { exact: true }).selectOption('below');
  const limit = dialog.getByLabel(en.rule_limit, { exact: true });
  await expect(dialog).toContainText('ms');
  await dialog.getByLabel(en.rule_for_field).fill('0');

  // What is wrong is said at its field.
  await limit.fill('fast');
  await dialog.getByRole('button', { name: en.rule_add }).click();
  await expect(limit).toHaveAttribute('aria-invalid', 'true');
  await expect(dialog).toContainText(en.error_number);
  await limit.fill('900');

  // Tried on the past before anybody is told by it.
  await dialog.getByRole('button', { name: en.rule_try }).click();
  await expect(dialog.getByRole('status').first()).toContainText(fill(en.rule_fires_one, { n: 1 }), SOON);
  await expect(dialog.getByRole('link', { name: 'branch-1' })).toBeVisible();
  await limit.fill('0');
  await expect(dialog.getByRole('link', { name: 'branch-1' })).toHaveCount(0);
  await dialog.getByRole('button', { name: en.rule_try }).click();
  await expect(dialog.getByRole('status').first()).toContainText(en.rule_fires_none);
  await limit.fill('900');
  await dialog.getByRole('button', { name: en.rule_add }).click();
  await expect(dialog).toBeHidden();
  await expect(rowOf(page, 'Slow')).toContainText(/Round trip below 900.*ms/);
  await expect(rowOf(page, 'Slow')).toContainText(fill(en.rule_open_one, { n: 1 }), SOON);

  await open(page, server, '/alerts');
  const alert = page.getByRole('listitem').filter({ hasText: 'branch-1' });
  await alert.getByRole('link', { name: 'Slow' }).click();
  await expect(page).toHaveURL(/\/admin\/rules#rule-\d+$/);
});

test('a rule about a state is switched off, given a time and a place, and removed', async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, '/admin/rules');
  const row = rowOf(page, 'Device degraded');
  await row.getByRole('switch').uncheck();
  await expect(page.getByText(fill(en.rule_said_off, { name: 'Device degraded' }))).toBeVisible();
  expect((await stored(server, 'Device degraded')).enabled).toBe(false);

  await row.getByRole('button', { name: fill(en.rule_edit_of, { name: 'Device degraded' }) }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel(en.rule_limit, { exact: true })).toHaveCount(0);
  await dialog.getByLabel(en.rule_for_field).fill('5');
  await dialog.getByLabel(en.rule_severity).selectOption('info');
  await dialog.getByRole('switch', { name: en.kind_router, exact: true }).check();
  await dialog.getByLabel(en.rule_sites).fill('Bekasi');
  await page.keyboard.press('Enter');
  await dialog.getByRole('switch', { name: en.channel_enabled, exact: true }).check();
  await dialog.getByRole('button', { name: en.action_save }).click();
  await expect(dialog).toBeHidden();
  await expect(row).toContainText('Router · Bekasi');
  await expect(row).toContainText('for 5min');
  const rule = await stored(server, 'Device degraded');
  expect([rule.enabled, rule.for_seconds, rule.severity]).toEqual([true, 300, 'info']);
  expect(rule.scope).toMatchObject({ kinds: ['router'], sites: ['Bekasi'] });

  await row.getByRole('button', { name: fill(en.user_remove_of, { name: 'Device degraded' }) }).click();
  await expect(dialog).toContainText(en.rule_remove_lost);
  await dialog.getByRole('textbox').fill('Device degraded');
  await dialog.getByRole('button', { name: en.remove_do }).click();
  await expect(row).toHaveCount(0);
});

test('a rule is kept quiet from its row, and wears it', async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, '/admin/rules');
  const row = rowOf(page, 'Device down');
  const name = fill(en.quiet_now_of, { name: 'Device down' });
  await row.getByRole('button', { name }).click();
  const dialog = page.getByRole('dialog', { name });
  await dialog.getByLabel(en.quiet_title).fill('Known since Monday');
  await expect(dialog.getByRole('radio')).toHaveCount(0);
  await dialog.getByRole('button', { name: en.quiet_begin }).click();
  await expect(page.getByText(en.quiet_said_begun)).toBeVisible();
  await expect(row).toContainText('Known since Monday');
  const { id } = await stored(server, 'Device down');
  const { maintenance } = await server.ask('GET', '/api/maintenance');
  expect(maintenance).toMatchObject([{ kind: 'silence', title: 'Known since Monday · Device down', rule_id: id, state: 'running' }]);
});

test('what is being typed while a rule is saved is left without a complaint', async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, '/admin/rules');
  let goOn;
  const held = new Promise((resolve) => (goOn = resolve));
  await page.route('**/api/update_rule', async (route) => {
    await held;
    await route.continue();
  });
  await rowOf(page, 'Device down').getByRole('button', { name: fill(en.rule_edit_of, { name: 'Device down' }) }).click();
  const dialog = page.getByRole('dialog');
  const asked = page.waitForRequest('**/api/update_rule');
  await dialog.getByRole('button', { name: en.action_save }).click();
  await asked;
  // The browser takes the keyboard away from what goes, and says so to it.
  await dialog.getByLabel(en.rule_sites).fill('Bek');
  goOn();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(fill(en.router_said_saved, { name: 'Device down' }))).toBeVisible();
});

test('without rules the page says what that means', async ({ page, server }) => {
  for (const { id } of (await server.ask('GET', '/api/rules')).rules) {
    await server.ask('DELETE', `/api/rules/${id}`);
  }
  await signIn(page, server);
  await open(page, server, '/admin/rules');
  await expect(page.getByRole('heading', { name: en.rules_empty_title })).toBeVisible();
  await expect(page.getByRole('button', { name: en.rule_add })).toHaveCount(1);
});
