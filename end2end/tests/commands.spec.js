// One command for many devices, asked of real SSH servers through the real program.
import { axeFindings } from '../lib/axe.js';
import { Sshd } from '../lib/sshd.js';
import { expect, logIn, open, signIn, test as base } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

/** Three servers with a host key each. */
const test = base.extend({
  sshds: async ({}, use) => {
    const sshds = await Promise.all([1, 2, 3].map(() => Sshd.start()));
    await use(sshds);
    await Promise.all(sshds.map((sshd) => sshd.stop()));
  },
});

const button = (page, name) => page.getByRole('button', { name, exact: true });
const box = (page, name) => page.getByRole('checkbox', { name: new RegExp(`^${name}`) });
const groups = (page) => page.locator('.command-group');
const state = (page) => page.locator('.command-head [role=status]');

/** Devices with a login; all but those named have an accepted host key. */
const add = async (server, target, sshds, untrusted = []) => {
  const ids = {};
  for (const [at, sshd] of sshds.entries()) {
    const name = `branch-${at + 1}`;
    const { id } = await server.addDevice(target.tunnel(name, { location: at < 2 ? 'Bandung' : 'Medan', ssh: sshd.login() }));
    ids[name] = id;
    if (!untrusted.includes(name)) {
      await server.ask('POST', `/api/devices/${id}/host-key`, { algorithm: 'ssh-ed25519', fingerprint: sshd.fingerprint });
    }
  }
  return ids;
};

const typed = (page, command) => page.getByLabel(en.command_command).fill(command);

/** Runs what may change something. */
const confirmed = async (page, command, count) => {
  await typed(page, command);
  await button(page, fill(count === 1 ? en.command_run_one : en.command_run_other, { n: count })).click();
  const dialog = page.getByRole('dialog', { name: en.command_sure });
  await expect(dialog).toContainText(command);
  await dialog.getByLabel(fill(en.command_sure_type, { count })).fill(String(count));
  await dialog.getByRole('button', { name: fill(count === 1 ? en.command_run_one : en.command_run_other, { n: count }) }).click();
  await expect(dialog).toBeHidden();
};

test('devices are chosen by a filter, and equal answers stand together beside what differs', async ({ page, server, target, sshds }, info) => {
  await add(server, target, sshds);
  await signIn(page, server);
  await open(page, server, '/commands');
  await page.getByLabel(en.command_filter).fill('site:bandung');
  await expect(box(page, 'branch-3')).toHaveCount(0);
  await button(page, fill(en.command_choose_other, { n: 2 })).click();
  await page.getByLabel(en.command_filter).fill('');
  await box(page, 'branch-3').check();
  await expect(page.getByText(fill(en.command_chosen_other, { n: 3 }))).toBeVisible();
  const isThird = `test "\${SSH_CONNECTION##* }" = ${sshds[2].port}`;
  await confirmed(page, `echo same; ${isThird} && echo other; printf '\\033[31m<img src=x onerror=alert(1)>\\033[0m\\n'`, 3);
  await expect(state(page)).toHaveText(en.command_finished);
  await expect(groups(page)).toHaveCount(2);
  await expect(page.locator('.command-runs a'), 'it is an earlier one now').toHaveCount(1);
  const same = groups(page).filter({ hasText: fill(en.command_same_other, { n: 2 }) });
  await expect(same).toContainText('branch-1, branch-2');
  // What a device prints is text, without what a terminal would obey.
  await expect(same.locator('pre')).toHaveText(/^\s*same\s+<img src=x onerror=alert\(1\)>\s*$/);
  await expect(groups(page).filter({ hasText: 'branch-3' }).locator('mark')).toHaveText('other');
  await expect(page.locator('.command-group img')).toHaveCount(0);
  await button(page, en.command_each).click();
  await expect(groups(page)).toHaveCount(3);
  await button(page, en.command_together).click();
  const findings = [];
  for (const [name, colorScheme, width] of [['light', 'light', 1280], ['dark', 'dark', 1280], ['phone', 'light', 390], ['phone-dark', 'dark', 390]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 844 });
    await page.screenshot({ path: info.outputPath(`commands-${name}.png`), fullPage: true });
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} does not scroll sideways`).toBe(true);
    findings.push(...(await axeFindings(page)));
  }
  expect(findings).toEqual([]);

  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: en.command_csv }).click();
  expect((await saved).suggestedFilename()).toMatch(/^command-\d+\.csv$/);
});

test('what only looks runs at once, and what cannot be asked says why and where that is mended', async ({ page, server, target, sshds }) => {
  const ids = await add(server, target, sshds, ['branch-2']);
  await server.addDevice(target.tunnel('no-login'));
  await signIn(page, server);
  await open(page, server, `/commands?devices=${ids['branch-1']},${ids['branch-2']}`);
  await expect(box(page, 'branch-1')).toBeChecked();
  await expect(box(page, 'branch-2')).toHaveCount(0);
  await page.getByText(fill(en.command_unready_other, { n: 2 })).click();
  const reasons = page.locator('.command-unready li');
  await expect(reasons.filter({ hasText: 'branch-2' }).getByRole('link')).toHaveAttribute('href', '/router/branch-2/terminal');
  await expect(reasons.filter({ hasText: 'no-login' }).getByRole('link', { name: en.command_no_login })).toBeVisible();
  await typed(page, '/system reboot');
  await expect(page.getByText(en.command_changes)).toBeVisible();
  await typed(page, '/ip address print');
  await expect(page.getByText(en.command_reads)).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(state(page)).toHaveText(en.command_finished);
  // This server is not RouterOS, and nobody confirmed anything: which is what failing looks like.
  await expect(groups(page).first()).toContainText(fill(en.command_failed_one, { n: 1 }));
  await expect(groups(page).first()).toContainText('it is not RouterOS');
  // Without its stroke it is asked about.
  await typed(page, 'ip address print');
  await expect(page.getByText(en.command_changes)).toBeVisible();
});

test('a run is counted while it goes on, cancelled, and found again', async ({ page, server, target, sshds }) => {
  await add(server, target, sshds);
  await signIn(page, server);
  await open(page, server, '/commands');
  await button(page, fill(en.command_choose_other, { n: 3 })).click();
  await confirmed(page, `test "\${SSH_CONNECTION##* }" = ${sshds[0].port} || exec tail -f /dev/null; echo done`, 3);
  await expect(page.locator('.command-head')).toContainText(fill(en.command_count, { answered: 1, asked: 3, failed: 0 }));
  await expect(state(page)).toHaveText(en.command_running);
  await expect(page.locator('.command-runs a')).toHaveCount(0);
  await page.getByRole('region', { name: en.command_results }).getByRole('button', { name: en.action_cancel }).click();
  await expect(state(page)).toHaveText(en.command_cancelled);
  await expect(groups(page).filter({ hasText: fill(en.command_cut_off_other, { n: 2 }) })).toBeVisible();
  await open(page, server, '/commands');
  await page.locator('.command-runs a').first().click();
  await expect(state(page)).toHaveText(en.command_cancelled);
  await expect(page).toHaveURL(/run=\d+$/);
});

test('a changed host key is a hard stop with a way to look at it', async ({ page, server, target, sshds }) => {
  const ids = await add(server, target, sshds);
  // What was accepted is not what it shows.
  const before = sshds[1].fingerprint;
  await server.ask('POST', `/api/devices/${ids['branch-1']}/host-key`, { algorithm: 'ssh-ed25519', fingerprint: before });
  await signIn(page, server);
  await open(page, server, '/commands');
  await button(page, fill(en.command_choose_other, { n: 3 })).click();
  await confirmed(page, 'echo in', 3);
  await expect(state(page)).toHaveText(en.command_finished);
  const changed = groups(page).first();
  await expect(changed).toContainText(fill(en.command_key_changed_one, { n: 1 }));
  await expect(changed).toContainText(before);
  await expect(changed).toContainText(sshds[0].fingerprint);
  await expect(changed.getByRole('link', { name: 'branch-1' })).toHaveAttribute('href', '/router/branch-1/terminal');
});

test('the dashboard and a device lead here, with what was picked chosen', async ({ page, server, target, sshds }) => {
  const ids = await add(server, target, sshds);
  await logIn(page, server);
  await page.getByRole('checkbox', { name: fill(en.bulk_pick, { name: 'branch-1' }) }).check();
  await page.getByRole('checkbox', { name: fill(en.bulk_pick, { name: 'branch-3' }) }).check();
  await page.getByRole('region', { name: en.bulk_label }).getByRole('link', { name: en.command_here }).click();
  await expect(box(page, 'branch-1')).toBeChecked();
  await expect(box(page, 'branch-2')).not.toBeChecked();
  await expect(box(page, 'branch-3')).toBeChecked();
  await open(page, server, `/devices/${ids['branch-2']}`);
  await page.getByRole('link', { name: en.command_here }).click();
  await expect(box(page, 'branch-2')).toBeChecked();
  await expect(box(page, 'branch-1')).not.toBeChecked();
});
