// Whatever people, routers and other far ends call things or write is text on every page that shows it: a corpus of
// injections through the real doors, with the content security policy in force.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CORPUS, EDGES, ELEMENTS, FORMULAS, LINKS, NAMES, STATES, TEMPLATES, UNSEEN } from '../lib/corpus.js';
import { calm, lookAt, sideBySide, test as base } from '../lib/hostile.js';
import { refusingHook, refusingMail } from '../lib/hostile_ends.js';
import { HostileRouter } from '../lib/hostile_router.js';
import { strangers } from '../lib/intruders.js';
import { inside } from '../lib/pages.js';
import { Router } from '../lib/router.js';
import { awake, expect, logIn, open, signIn } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const SOON = { timeout: 60_000 };
const SYSLOG = /received by syslog.*127\.0\.0\.1:(\d+)/;

const test = base.extend({
  router: async ({}, use) => {
    const router = await Router.start();
    await use(router);
    await router.stop();
  },
});

/** Takes lines by syslog from now on; answers the port. */
const takeSyslog = async (server) => {
  await server.pause();
  await writeFile(join(server.folder, 'routewarden.toml'), 'syslog_listen = "127.0.0.1:0"\n');
  await server.resume();
  await expect.poll(() => server.said(SYSLOG)).toBeTruthy();
  return Number(server.said(SYSLOG));
};

/** Every word of the corpus as RouterOS, RFC 3164 and RFC 5424 would send it, and alone; each form from the next host. */
const sendSyslog = async (port, ...hosts) => {
  const sockets = hosts.map((host) => createSocket('udp4').bind(0, host));
  await Promise.all(sockets.map((socket) => once(socket, 'listening')));
  for (const text of CORPUS) {
    const lines = [`script,info ${text}`, `<30>Nov 29 10:00:00 ${text} ${text}: ${text}`, `<14>1 2026-11-29T10:00:00Z ${text} ${text} - - [x a="${text}"] ${text}`, text];
    for (const [form, line] of lines.entries()) {
      await new Promise((resolve) => sockets[form % sockets.length].send(line, port, '127.0.0.1', resolve));
    }
  }
  for (const socket of sockets) socket.close();
};

/** Everything that stands in a file of comma-separated values (RFC 4180). */
const cells = (text) =>
  [...text.matchAll(/(?:^|,|\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare);

const isName = (text) =>
  [...text].length <= 64 && text.trim() === text && !text.includes('/') && !UNSEEN.includes(text);
const cut = (text, length) => [...text].slice(0, length).join('');

/** Devices that are called by these words of the corpus, in every field that takes words. */
const addNamed = async (server, names = NAMES) => {
  const kinds = ['router', 'switch', 'wifi_ap', 'server', 'firewall', 'tunnel'];
  const devices = [];
  for (const [number, text] of names.entries()) {
    const called = isName(text) ? text : `named-${number}`;
    const { id } = await server.addDevice({
      name: called,
      ip_address: `127.9.0.${number + 1}`,
      device_type: kinds[number % kinds.length],
      port: 9,
      enabled: number % 4 === 0,
      description: text,
      location: cut(text, 64),
      vendor: cut(text, 64),
      model: cut(text, 64),
      tags: [cut(text, 32)],
      checks: [],
      parent_id: devices.at(-1)?.id,
    });
    devices.push({ id, name: called });
  }
  return devices;
};

/** Channels, rules, windows and tokens that are called so; what may be no more of is left out. */
const addOthers = async (server, hook) => {
  for (const [number, text] of NAMES.entries()) {
    const name = cut(text, 64).trim();
    const scope = { sites: [cut(text, 64)], tags: [cut(text, 32)] };
    const rule = { name, condition: { state: 'down' }, scope };
    await server.ask('POST', '/api/rules', number % 2 ? rule : { ...rule, condition: { measure: 'round_trip', side: 'above', limit: 9, subject: cut(text, 64) } });
    await server.ask('POST', '/api/maintenance', { title: name, scope, minutes: 60, kind: number % 2 ? 'silence' : 'maintenance' });
    if (number % 2 === 0) await server.ask('POST', '/api/channels', { name, kind: 'webhook', enabled: false, settings: { url: `${hook}?${encodeURIComponent(text)}` } });
    if (number % 3 === 0) await server.run(['token', 'create', '--user', 'admin', `--name=${name}`, '--scope', 'read']);
    // What is no filter is refused, and otherwise it is written into the log.
    if (number % 3 === 1) await server.ask('POST', '/api/logging', { filter: `warn,x${text.replace(/[,=\s]/g, '')}=info` }).catch(() => {});
  }
};

test('who watches for intruders sees them', async ({ page, server, tolerated, intrusions }) => {
  tolerated.push(/Content Security Policy|canary|Unsafe attempt to load/);
  await page.route('**://canary.invalid/**', (route) => route.abort());
  await open(page, server, '/login');
  expect(await strangers(page)).toEqual([]);
  // A second body is none, wherever it stands, and one of them leads away at once.
  for (const text of ELEMENTS.filter((text) => !/^<(body|meta)/.test(text))) {
    const intruder = await page.evaluateHandle((text) => {
      const intruder = document.body.appendChild(document.createElement('div'));
      intruder.innerHTML = text;
      return intruder;
    }, text);
    expect(await strangers(page), text).not.toEqual([]);
    await intruder.evaluate((intruder) => intruder.remove());
  }
  for (const text of ['abc\u202egpj.exe', 'a\u009bb']) {
    await page.evaluate((text) => document.body.append(text), text);
    expect(await strangers(page), text).not.toEqual([]);
    await page.evaluate(() => document.body.lastChild.remove());
  }
  // The policy stopped the handlers and what would have come from elsewhere, and was heard doing it.
  await expect.poll(() => intrusions.filter((what) => what.includes('the policy stopped')).length).toBeGreaterThan(5);
  await page.evaluate(() => window.owned('by hand'));
  expect(intrusions.at(-1)).toContain('by hand');
  intrusions.length = 0;
});

test('what things are called is text on every page', async ({ page, plain, server, tolerated }) => {
  test.setTimeout(300_000);
  tolerated.push(/\/no\/such\/page/);
  const devices = await addNamed(server);
  await addOthers(server, 'http://127.0.0.1:9/hook');
  await signIn(page, server);
  const named = devices.find(({ name }) => name.startsWith('<img'));
  await lookAt({ page, plain, server }, inside(named.id, encodeURIComponent(named.name)));
});

test('every name leads to its device and to its terminal', async ({ page, plain, server }) => {
  test.setTimeout(300_000);
  const devices = await addNamed(server);
  await signIn(page, server);
  const found = [];
  await sideBySide([await plain(), await plain(), await plain()], devices, async (still, { id, name }) => {
    await still.goto(`${server.url}/devices/${id}`);
    found.push(...(await strangers(still)).map((what) => `${name}: ${what}`));
    expect(await still.locator('h1').textContent()).toBe(name);
    expect((await still.title()).replace(/\s+/g, ' ')).toContain(name.replace(/\s+/g, ' '));
    await still.getByRole('link', { name: en.terminal_title, exact: true }).click();
    await still.waitForURL('**/terminal');
    expect(await still.locator('h1').textContent()).toContain(name);
    found.push(...(await strangers(still)).map((what) => `${name}, terminal: ${what}`));
  });
  expect(found).toEqual([]);
});

// The pages' own router takes addresses apart in a way of its own.
test('a name of signs that addresses are made of leads to its terminal, also without a word to the server', async ({ page, server }) => {
  test.slow();
  const devices = await addNamed(server, NAMES.filter((text) => isName(text) && /[%\\?#&~]|^\.+$/.test(text)));
  await signIn(page, server);
  await sideBySide([page, await page.context().newPage()], devices, async (one, { id, name }) => {
    await open(one, server, `/devices/${id}`);
    await one.getByRole('main').getByRole('link', { name: en.terminal_title, exact: true }).click();
    await expect.poll(() => one.locator('h1').textContent(), { message: name }).toContain(`${name} · `);
    await one.reload();
    await awake(one);
    expect(await one.locator('h1').textContent()).toContain(`${name} · `);
  });
});

test('what a router says is text, be it a fact, a line of its log or a refusal', async ({ page, plain, server, router }) => {
  test.setTimeout(300_000);
  const syslog = await takeSyslog(server);
  const routers = [];
  for (const [number, host] of ['127.0.2.1', '127.0.2.2', '127.0.2.3', '127.0.2.4'].entries()) {
    const hostile = await HostileRouter.start(router, host, number * 20);
    const { id } = await server.addDevice({
      name: `gate-${number}`, ip_address: host, device_type: 'router',
      checks: [{ kind: 'routeros', interval_seconds: 5 }],
      routeros: { ...Router.login, port: hostile.port },
    });
    routers.push({ id, host, hostile });
  }
  const ask = (at) => server.ask('GET', `/api/devices/${routers[at].id}`);
  for (const at of routers.keys()) await expect.poll(async () => (await ask(at)).metrics?.routeros_version, SOON).toBeTruthy();
  await router.log('info', ...CORPUS);
  await sendSyslog(syslog, routers[0].host);
  const count = async ({ id }) => (await server.ask('GET', `/api/devices/${id}/logs?limit=1000`)).lines.length;
  for (const one of routers) {
    await expect.poll(() => count(one), SOON).toBeGreaterThan(CORPUS.length * (one === routers[0] ? 4 : 1));
  }
  // One goes on as it was; the others refuse a question, everything, and everybody.
  const [, half, mute, shut] = routers;
  half.hostile.refusal = `not allowed ${ELEMENTS[2]} ${UNSEEN[0]}`;
  mute.hostile.refusal = `${UNSEEN[4]} no such command ${ELEMENTS[4]}`;
  shut.hostile.close(`invalid user name ${ELEMENTS[0]}${UNSEEN[0]}`);
  await expect.poll(async () => (await ask(3)).state, SOON).not.toBe('up');

  await signIn(page, server);
  await open(page, server, `/devices/${shut.id}`);
  await expect(page.getByRole('main')).toContainText(`invalid user name ${ELEMENTS[0]}`);
  const ids = routers.map(({ id }) => id);
  await lookAt({ page, plain, server }, [
    '/', '/logs', '/alerts', '/history', '/reports', '/admin/routers', '/admin/logs', '/admin/audit',
    ...ids.flatMap((id) => [`/devices/${id}`, `/history/${id}`, `/admin/routers/${id}`]),
  ]);
});

test('what is searched for is what was typed, whatever signs are in it', async ({ page, plain, server, target }) => {
  await server.addDevice(target.tunnel('branch-1'));
  await signIn(page, server);
  const still = await plain();
  for (const text of ['%3Cscript%3E', '100%', '%2541', 'a+b&c=d#e', ...ELEMENTS.slice(0, 3)]) {
    const search = async (one) => {
      await one.goto(`${server.url}/logs?${new URLSearchParams({ search: text })}`);
      await expect(one.getByRole('search').getByLabel(en.audit_text, { exact: true }), text).toHaveValue(text);
    };
    await Promise.all([still, page].map(search));
    await awake(page);
    await expect(page.getByRole('search').getByLabel(en.audit_text, { exact: true }), text).toHaveValue(text);
    await open(page, server, `/?${new URLSearchParams({ q: text })}`);
    await expect(page.locator('#filter')).toHaveValue(text);
  }
});

test('no file that is taken along makes a spreadsheet calculate', async ({ server }) => {
  const syslog = await takeSyslog(server);
  const devices = await addNamed(server);
  await addOthers(server, 'http://127.0.0.1:9/hook');
  // Of those that are not paused, for one may send less than all of it at once.
  await sendSyslog(syslog, '127.9.0.1', '127.9.0.5', '127.9.0.9', '127.9.0.13');
  const file = async (path) => {
    const answer = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${server.token}` } });
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="[\w.-]+"$/);
    return cells(await answer.text());
  };
  await expect.poll(async () => (await file('/api/logs.csv')).length, SOON).toBeGreaterThan(4 * 6 * CORPUS.length);
  const calculating = [];
  const seen = new Set();
  const { id } = devices.find(({ name }) => name.startsWith('='));
  for (const path of ['/api/logs.csv', '/api/reports/uptime.csv', '/api/audit.csv', `/api/devices/${id}/history.csv`, `/api/devices/${id}/outages.csv`]) {
    for (const cell of await file(path)) {
      if (/^[=+@\t\r\n\0]|^-(?!\d+(\.\d+)?$)/.test(cell)) calculating.push(`${path}: ${cell}`);
      seen.add(cell);
    }
  }
  expect(calculating).toEqual([]);
  for (const text of FORMULAS) expect(seen, text).toContain(`'${text}`);
});

test('what is told of an outage is text, and so is what people and far ends say to it', async ({ page, server, target }) => {
  test.setTimeout(300_000);
  const [hook, mail] = [await refusingHook(`${ELEMENTS[4]} ${UNSEEN[0]} ${UNSEEN[4]}`), await refusingMail(`${ELEMENTS[2]} ${UNSEEN[0]}`)];
  await server.ask('POST', '/api/channels', { name: 'hook <b>', kind: 'webhook', settings: { url: hook.url } });
  const letters = { to: 'a@example.org', from: '"<b>" <b@example.org>', host: '127.0.0.1', port: String(mail.port), security: 'none' };
  await server.ask('POST', '/api/channels', { name: 'mail <b>', kind: 'email', settings: letters });
  const called = ELEMENTS[2];
  const more = { location: EDGES[14], tags: [ELEMENTS[4]], description: EDGES[6] };
  const device = await server.addDevice(target.tunnel(called, more));
  await server.addDevice({ name: ELEMENTS[4], ip_address: '127.9.0.1', device_type: 'tunnel', port: 9, parent_id: device.id, enabled: false });
  await server.ask('POST', '/api/rules', { name: TEMPLATES[0], condition: { state: 'down' } });
  await expect.poll(async () => (await server.ask('GET', `/api/devices/${device.id}`)).state, SOON).toBe('up');
  await logIn(page, server);
  await target.down();
  await expect(page.locator('.toast').filter({ hasText: called })).toBeVisible(SOON);
  await calm(page, 'a toast');
  await page.locator('tr[data-id]').filter({ hasText: called }).locator('.c-response').click();
  await expect(page.getByRole('complementary')).toContainText(called);
  await calm(page, 'the drawer');
  await page.keyboard.press('Escape');
  await page.getByRole('checkbox', { name: fill(en.bulk_pick, { name: called }) }).check();
  await calm(page, 'the bar of acts');
  await page.keyboard.press('Control+k');
  for (const text of ['<', 'terminal <', 'owned', TEMPLATES[0]]) {
    await page.getByRole('combobox', { name: en.palette_title }).fill(text);
    await calm(page, `the search for ${text}`);
  }
  await page.keyboard.press('Escape');

  await open(page, server, '/alerts');
  const alert = page.getByRole('listitem').filter({ has: page.getByRole('heading') }).filter({ hasText: called }).first();
  await alert.getByRole('button', { name: fill(en.alert_acknowledge_of, { name: called }) }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(en.alert_note).fill(`${ELEMENTS[0]}${LINKS[0]}${STATES[0]}${'W'.repeat(200)}`);
  await calm(page, 'acknowledging');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(alert).toContainText(ELEMENTS[0]);
  await calm(page, 'a note');
  await alert.getByRole('button', { name: fill(en.quiet_now_of, { name: called }) }).click();
  await dialog.getByLabel(en.quiet_title).fill(ELEMENTS[7]);
  await calm(page, 'silencing');
  await dialog.getByRole('button', { name: en.quiet_begin }).click();
  await expect(dialog).toBeHidden();

  await open(page, server, '/admin/channels');
  for (const name of ['hook <b>', 'mail <b>']) {
    await page.getByRole('button', { name: fill(en.channel_test_of, { name }) }).click();
    await expect(page.getByText(fill(en.channel_said_fails, { name })).first()).toBeVisible();
    await calm(page, `the test of ${name}`);
  }
  await expect(page.getByRole('main')).toContainText(ELEMENTS[2]);
  await page.getByRole('button', { name: fill(en.user_remove_of, { name: 'hook <b>' }) }).click();
  await calm(page, 'removing a channel');

  await open(page, server, '/admin/rules');
  await page.getByRole('button', { name: fill(en.rule_edit_of, { name: TEMPLATES[0] }) }).click();
  await calm(page, 'the form of a rule');
  await dialog.getByRole('button', { name: en.rule_try }).click();
  await expect(dialog.getByRole('link', { name: called }).first()).toBeVisible();
  await calm(page, 'a rule that was tried');

  await open(page, server, `/admin/routers/${device.id}`);
  await calm(page, 'the form of a device');
  await open(page, server, `/devices/${device.id}`);
  await page.getByRole('button', { name: en.quiet_maintenance, exact: true }).click();
  await calm(page, 'the dialog of maintenance');
  await open(page, server, '/reports');
  await page.emulateMedia({ media: 'print' });
  await calm(page, 'the sheet that is printed');
  await page.emulateMedia({ media: 'screen' });
  for (const path of ['/admin/audit', '/history', `/history/${device.id}`, '/admin/maintenance', '/account']) {
    await open(page, server, path);
    await calm(page, path);
  }
  for (const end of [hook, mail]) end.stop();
});
