// Alerts: what is wrong appears by itself, is seen to by somebody, and ends by itself.
import { tabTo } from '../lib/keyboard.js';
import { Target } from '../lib/target.js';
import { expect, logIn, open, signIn, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const SOON = { timeout: 45_000 };

const alertOf = (page, name) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: new RegExp(`^${name}`) }) });

/** Waits until its first round is over: what was never seen well is not known to be down. */
const isUp = (server, name) =>
  expect.poll(async () => (await server.ask('GET', `/api/tunnel/${name}`)).state, SOON).toBe('up');

test('an outage appears by itself, is seen to with a note, and ends by itself', async ({ page, server, target, another }) => {
  test.slow();
  await server.addDevice(target.tunnel('branch-1'));
  await isUp(server, 'branch-1');
  await logIn(page, server);
  await page.getByRole('link', { name: en.nav_alerts, exact: true }).click();
  await expect(page.getByText(en.alerts_calm, { exact: true })).toBeVisible();
  await expect(page.getByText(en.alerts_untold)).toBeVisible();
  await page.evaluate(() => (window.isTheSamePage = true));

  await target.down();
  const alert = alertOf(page, 'branch-1');
  await expect(alert).toContainText(en.alert_down, SOON);
  await expect(alert).toContainText(en.severity_critical);
  await expect(alert).toContainText('refused');
  await expect(page.getByText(en.alerts_calm, { exact: true })).toBeHidden();
  const nav = page.getByRole('navigation', { name: en.nav_label });
  await expect(nav).toContainText(fill(en.nav_trouble_one, { n: 1 }));

  const theirs = await another();
  await signIn(theirs, server, 'viewer');
  await open(theirs, server, '/alerts');
  await expect(alertOf(theirs, 'branch-1')).toContainText(en.alert_down);
  await expect(theirs.getByRole('button', { name: en.alert_acknowledge })).toHaveCount(0);
  await expect(theirs.getByText(en.alerts_untold)).toHaveCount(0);

  // By keyboard alone.
  const button = alert.getByRole('button', { name: fill(en.alert_acknowledge_of, { name: 'branch-1' }) });
  await tabTo(page, button);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: fill(en.alert_acknowledge_of, { name: 'branch-1' }) });
  await expect(dialog.getByLabel(en.alert_note)).toBeFocused();
  await page.keyboard.type('calling the <provider>');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(alert).toContainText(fill(en.alert_seen_by, { name: 'admin' }));
  await expect(alert).toContainText('calling the <provider>');
  await expect(alert.getByRole('button', { name: fill(en.alert_change_note_of, { name: 'branch-1' }) })).toBeFocused();
  // Somebody else's page follows too, within its own time.
  await expect(alertOf(theirs, 'branch-1')).toContainText('calling the <provider>', SOON);

  await target.up();
  await expect(alert).toContainText(en.alert_ended_recovered, SOON);
  await expect(alert).toContainText(en.alert_was_down);
  await expect(alert.getByRole('button')).toHaveCount(0);
  await expect(page.getByText(en.alerts_calm, { exact: true })).toBeVisible();
  expect(await page.evaluate(() => window.isTheSamePage)).toBe(true);
  await alert.getByRole('link', { name: 'branch-1', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('branch-1');
});

test('an alert is silenced for a while, takes more notes, and the silence is ended early', async ({ page, server, target }) => {
  test.slow();
  await server.addDevice(target.tunnel('branch-1'));
  await isUp(server, 'branch-1');
  await target.down();
  await signIn(page, server);
  await open(page, server, '/alerts');
  const alert = alertOf(page, 'branch-1');
  await expect(alert).toBeVisible(SOON);
  await alert.getByRole('button', { name: fill(en.quiet_now_of, { name: 'branch-1' }) }).click();
  const dialog = page.getByRole('dialog', { name: fill(en.quiet_now_of, { name: 'branch-1' }) });
  await dialog.getByLabel(en.quiet_about).selectOption({ label: en.quiet_one_alert });
  await expect(dialog.getByRole('radio')).toHaveCount(0);
  await dialog.getByLabel(en.quiet_title).fill('known');
  await dialog.getByRole('button', { name: en.quiet_begin }).click();
  await expect(dialog).toBeHidden();
  await expect(alert).toContainText('known');

  for (const note of ['first', 'second']) {
    await alert.getByText(new RegExp(`^(${en.alert_acknowledge}|${en.alert_change_note})$`)).click();
    await page.getByRole('dialog').getByLabel(en.alert_note).fill(note);
    await page.keyboard.press('Enter');
    await expect(alert.locator('.alert-notes')).toContainText(note);
  }
  await expect(alert.locator('.alert-notes li')).toHaveCount(2);
  await alert.getByRole('link', { name: /known/ }).click();
  await page.getByRole('button', { name: fill(en.quiet_end_of, { name: 'known' }) }).click();
  await page.getByRole('dialog').getByRole('button', { name: en.quiet_end, exact: true }).click();
  await open(page, server, '/alerts');
  await expect(alertOf(page, 'branch-1')).not.toContainText('known');
});

test('who acknowledges what somebody else sees to meanwhile is told who, and leaves a note', async ({ page, server, target, another, tolerated }) => {
  tolerated.push(/\/api\/acknowledge/);
  test.slow();
  await server.addUser('budi', 'admin');
  await server.addDevice(target.tunnel('branch-1'));
  await isUp(server, 'branch-1');
  await target.down();
  await signIn(page, server);
  await open(page, server, '/alerts');
  const acknowledge = { name: fill(en.alert_acknowledge_of, { name: 'branch-1' }) };
  await alertOf(page, 'branch-1').getByRole('button', acknowledge).click(SOON);
  await page.getByLabel(en.alert_note).fill('on my way');

  const theirs = await another();
  await signIn(theirs, server, 'budi');
  await open(theirs, server, '/alerts');
  await alertOf(theirs, 'branch-1').getByRole('button', acknowledge).click();
  await theirs.getByRole('dialog').getByRole('button', { name: en.alert_acknowledge, exact: true }).click();
  await expect(alertOf(theirs, 'branch-1')).toContainText(fill(en.alert_seen_by, { name: 'budi' }));

  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: en.alert_acknowledge, exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('budi');
  await dialog.getByRole('button', { name: en.form_load_new }).click();
  await dialog.getByRole('button', { name: en.alert_change_note, exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(alertOf(page, 'branch-1')).toContainText(fill(en.alert_seen_by, { name: 'budi' }));
  await expect(alertOf(page, 'branch-1').locator('.alert-notes')).toContainText('on my way');
});

test('what a device had to do with ends when it is removed', async ({ page, server, target }) => {
  test.slow();
  const device = await server.addDevice(target.tunnel('branch-1'));
  await isUp(server, 'branch-1');
  await target.down();
  await signIn(page, server);
  await open(page, server, `/devices/${device.id}`);
  await page.getByRole('link', { name: `${en.alerts_title}: ${en.alert_down}` }).click();
  await expect(page).toHaveURL(/state=open#alert-/);
  await expect(alertOf(page, 'branch-1')).toBeVisible(SOON);
  await server.ask('DELETE', `/api/devices/${device.id}`);
  await expect(alertOf(page, 'branch-1')).toHaveCount(0, SOON);
  await page.getByRole('link', { name: en.alerts_all, exact: true }).click();
  await expect(alertOf(page, 'branch-1')).toContainText(en.alert_ended_removed);
  await expect(alertOf(page, 'branch-1').locator('a[href^="/devices/"]')).toHaveCount(0);
});

test('the devices behind an outage are counted, named, and all shown when asked for', async ({ page, server, target }) => {
  test.slow();
  const { id } = await server.addDevice(target.tunnel('core'));
  const behind = await Promise.all(Array.from({ length: 24 }, (_, number) => Target.start(`127.0.1.${number + 1}`)));
  const names = behind.map((_, number) => `edge-${String(number).padStart(2, '0')}`);
  for (const [number, name] of names.entries()) await server.addDevice(behind[number].tunnel(name, { parent_id: id }));
  for (const name of ['core', ...names]) await isUp(server, name);
  await Promise.all([target, ...behind].map((one) => one.down()));
  await signIn(page, server);
  await open(page, server, '/alerts');
  const alert = page.getByRole('main').locator('.alert');
  await expect(alert).toContainText(fill(en.alert_hides_other, { n: 24 }), { timeout: 90_000 });
  await alert.getByText(fill(en.alert_hides_other, { n: 24 })).click();
  await expect(alert.getByRole('link', { name: /^edge-/ })).toHaveCount(20);
  await alert.getByRole('button', { name: fill(en.alert_show_all, { count: 24 }) }).click();
  await expect(alert.getByRole('link', { name: /^edge-/ })).toHaveCount(24);
});

test('a fleet with nothing in it is no good news', async ({ page, server }) => {
  await signIn(page, server);
  await open(page, server, '/alerts');
  await expect(page.getByRole('heading', { name: en.empty_title })).toBeVisible();
  await expect(page.getByText(en.alerts_calm)).toHaveCount(0);
  await open(page, server, '/alerts?page=7');
  await page.getByRole('link', { name: en.alerts_newest }).click();
  await expect(page).toHaveURL(`${server.url}/alerts`);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the list and its filter can be read', async ({ page, server, target }) => {
    await server.addDevice(target.tunnel('branch-1'));
    await isUp(server, 'branch-1');
    await page.goto(`${server.url}/login`);
    await page.getByLabel(en.user_name).fill('viewer');
    await page.getByLabel(en.password, { exact: true }).fill('correct horse battery');
    await page.getByRole('button', { name: en.login_submit }).click();
    await page.goto(`${server.url}/alerts`);
    await expect(page.getByText(en.alerts_calm, { exact: true })).toBeVisible();
    await page.getByRole('link', { name: en.alerts_only_open, exact: true }).click();
    await expect(page).toHaveURL(/state=open/);
  });
});

test('a page whose line is lost says so, and catches up with what happened meanwhile', async ({ page, server, target, tolerated }) => {
  test.slow();
  tolerated.push(/ERR_CONNECTION_REFUSED|WebSocket|Failed to fetch/);
  await server.addDevice(target.tunnel('branch-1'));
  await isUp(server, 'branch-1');
  await signIn(page, server);
  await open(page, server, '/alerts');
  const banner = page.getByText(en.banner_lost.split('{')[0].trim());
  await server.pause();
  await expect(banner).toBeVisible();
  await target.down();
  await server.resume();
  await expect(banner).toBeHidden(SOON);
  await expect(alertOf(page, 'branch-1')).toContainText(en.alert_down, SOON);
});
