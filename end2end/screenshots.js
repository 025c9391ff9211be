// Takes the pictures of docs/screenshots from the real program: `cargo xtask screenshots`.
import { chromium } from '@playwright/test';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Receiver } from './lib/receiver.js';
import { Router } from './lib/router.js';
import { PASSWORD, Server } from './lib/server.js';
import { Sshd } from './lib/sshd.js';
import { Target } from './lib/target.js';
import { en } from './lib/words.js';

const FOLDER = process.env.SCREENSHOTS ?? new URL('../docs/screenshots/', import.meta.url).pathname;
const DESKTOP = { width: 1440, height: 900 };
const DEMO_LIVES_MS = 90_000;
const CHART_S = 40;
const PHONE = { width: 390, height: 844 };

const awake = (page) => page.locator('html[data-awake]').waitFor({ state: 'attached' });

class Photographer {
  static async start() {
    const photographer = new Photographer();
    photographer.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    await mkdir(FOLDER, { recursive: true });
    return photographer;
  }

  /** One page in light, in dark and on a phone. */
  async take(server, name, path, { login = true, password = PASSWORD, until } = {}) {
    for (const [suffix, viewport, colorScheme] of [
      ['', DESKTOP, 'light'],
      ['-dark', DESKTOP, 'dark'],
      ['-phone', PHONE, 'light'],
    ]) {
      const context = await this.browser.newContext({ viewport, colorScheme, locale: 'en-GB', deviceScaleFactor: suffix === '-phone' ? 2 : 1 });
      const page = await context.newPage();
      if (login) await this.#logIn(page, server, password);
      await page.goto(`${server.url}${path}`);
      await awake(page);
      if (until) await until(page);
      // Where the button of the login was, something else would look touched.
      await page.mouse.move(0, 0);
      await page.screenshot({ path: `${FOLDER}/${name}${suffix}.png` });
      await context.close();
    }
    console.log(name);
  }

  /** What the API answers to this account's own session. */
  async ask(server, path, password) {
    const context = await this.browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    await this.#logIn(page, server, password);
    const answer = await (await context.request.get(`${server.url}${path}`)).json();
    await context.close();
    return answer;
  }

  async #logIn(page, server, password) {
    await page.goto(`${server.url}/login`);
    await awake(page);
    await page.getByLabel(en.user_name).fill('admin');
    await page.getByLabel(en.password, { exact: true }).fill(password);
    await page.getByRole('button', { name: en.login_submit }).click();
    await page.getByRole('navigation', { name: en.nav_label }).waitFor();
  }
}

const SITES = ['Bandung', 'Jakarta', 'Surabaya'];

/** Nine tunnels on three sites, one of which stops answering once there is somebody to tell; what the messages go to, too. */
const nineTunnels = async (server) => {
  const targets = await Promise.all(Array.from({ length: 9 }, () => Target.start()));
  for (const [number, target] of targets.entries()) {
    const site = SITES[number % SITES.length];
    await server.addDevice(target.tunnel(`${site.toLowerCase()}-${Math.floor(number / 3) + 1}`, { location: site }));
  }
  await settled(server, 9);
  const receiver = await tellPeople(server);
  await targets[4].down();
  await settled(server, 8);
  return { targets, receiver };
};

/** Waits until so many of nine tunnels are up, and the others known to be down. */
const settled = async (server, up) => {
  const deadline = Date.now() + 180_000;
  for (;;) {
    const { devices } = await server.ask('GET', '/api/devices');
    const count = (state) => devices.filter((device) => device.state === state).length;
    if (count('up') === up && count('down') === 9 - up) return;
    if (Date.now() > deadline) throw new Error(`only ${count('up')} of nine tunnels are up`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

/** People to be told and times when they are not; answers what the messages go to. */
const tellPeople = async (server) => {
  const receiver = await Receiver.start();
  const channel = { kind: 'webhook', settings: { url: receiver.url } };
  await server.ask('POST', '/api/channels', { ...channel, name: 'Tickets' });
  await server.ask('POST', '/api/channels', { ...channel, name: 'Night shift', severity: 'critical', enabled: false });
  const scope = { sites: ['Jakarta'] };
  await server.ask('POST', '/api/maintenance', { title: 'New power supply', scope, minutes: 120 });
  await server.ask('POST', '/api/maintenance', {
    title: 'Nightly updates',
    scope: { kinds: ['tunnel'] },
    zone: 'Asia/Jakarta',
    starts: '2030-01-06T02:00',
    minutes: 90,
    repeats: 'weekly',
    weekdays: ['sun', 'wed'],
  });
  return receiver;
};

const manyDevices = async (server, count) => {
  for (let number = 0; number < count; number += 1) {
    await server.addDevice({
      name: `ap-${String(number).padStart(4, '0')}`,
      ip_address: `127.3.${Math.floor(number / 250)}.${(number % 250) + 1}`,
      device_type: 'wifi_ap',
      location: SITES[number % SITES.length],
    });
  }
};

/** What somebody does at a prompt; nothing that would tell of the machine that takes the pictures. */
const AT_THE_PROMPT = [
  'ip -br -c address show lo',
  'column -ts, uptime.csv',
  "grep --color -nE '^(ssh|snmp|syslog)' /etc/services",
  'ip -c route get 127.0.0.1',
  'date -u +%FT%TZ',
];
const UPTIME = 'name,site,uptime\nbandung-1,Bandung,99.98 %\njakarta-2,Jakarta,97.31 %\nsurabaya-3,Surabaya,100 %\n';
const KEY_MS = 60;

/** Types, and waits for each answer: the prompt after it. */
const typed = async (page, home) => {
  const isLive = page.locator('.term-foot', { hasText: en.link_live });
  const trust = page.getByRole('button', { name: en.terminal_key_trust, exact: true });
  await trust.or(isLive).first().waitFor();
  if (await trust.isVisible()) await trust.click();
  await isLive.waitFor();
  const prompt = String.raw`PS1='\[\e[32m\]admin@files-1\[\e[0m\]:\[\e[34m\]\w\[\e[0m\]$ '`;
  await page.keyboard.insertText(`cd ${home} && exec env ${prompt} HOME=${home} LC_ALL=C.UTF-8 bash --norc --noprofile`);
  await page.keyboard.press('Enter');
  await page.keyboard.insertText('clear');
  await page.keyboard.press('Enter');
  const isAsked = (times) =>
    page.waitForFunction(
      (times) => document.querySelector('.term-stage:not([hidden]) .xterm-rows').textContent.split('admin@files-1').length === times + 1,
      times,
    );
  for (const [before, line] of AT_THE_PROMPT.entries()) {
    await isAsked(before + 1);
    // As fast as people do, so that its recording is one that can be played.
    await page.keyboard.type(line, { delay: KEY_MS });
    await page.keyboard.press('Enter');
  }
  await isAsked(AT_THE_PROMPT.length + 1);
};

/** In the middle of what was shown. */
const replayed = async (page) => {
  const slider = page.getByRole('slider');
  await slider.waitFor();
  await slider.evaluate((slider) => {
    slider.value = String(Math.round(Number(slider.max) * 0.7));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await page.locator('.replay-screen .xterm-rows', { hasText: 'files-1' }).waitFor();
};

const until = async (what, isSo) => {
  for (const deadline = Date.now() + 60_000; !(await isSo()); await new Promise((resolve) => setTimeout(resolve, 200))) {
    if (Date.now() > deadline) throw new Error(`${what} within a minute`);
  }
};

/** A prompt on a real server, what is kept of it, and the program's own log with the loss of a router in it. */
const prompts = async (server) => {
  await server.ask('POST', '/api/logging', { filter: 'warn,server=debug,engine=debug,russh=info' });
  const router = await Router.start();
  const gate = { name: 'jakarta-gw', ip_address: '127.0.0.1', device_type: 'router', checks: [{ kind: 'routeros', interval_seconds: 5 }] };
  const { id: gateId } = await server.addDevice({ ...gate, routeros: { ...Router.login, port: router.port } });
  const stateOf = async (id) => (await server.ask('GET', `/api/devices/${id}`)).state;
  await until('the router is not up', async () => (await stateOf(gateId)) === 'up');

  const sshd = await Sshd.start();
  const target = await Target.start();
  const home = await mkdtemp(join(tmpdir(), 'files-'));
  await writeFile(join(home, 'uptime.csv'), UPTIME);
  await server.addDevice(target.tunnel('files-1', { device_type: 'server', location: 'Jakarta', ssh: sshd.login() }));
  await photographer.take(server, 'terminal', '/router/files-1/terminal', { until: (page) => typed(page, home) });
  const ended = async () => (await server.ask('GET', '/api/recordings')).recordings.filter(({ end }) => end);
  await until('the terminals did not end with their pages', async () => (await ended()).length === 3);
  await photographer.take(server, 'recordings', '/admin/recordings');
  // The first was as wide as a desk.
  const { id } = (await ended()).at(-1);
  await photographer.take(server, 'recording', `/admin/recordings/${id}`, { until: replayed });
  await router.stop();
  await until('the router is not down', async () => (await stateOf(gateId)) !== 'up');
  await photographer.take(server, 'server-log', '/admin/logs', { until: shows(en.own_log_live) });
  await server.ask('DELETE', `/api/devices/${gateId}`);
  await target.down();
  await sshd.stop();
  await rm(home, { recursive: true });
};

const shows = (text) => (page) => page.getByText(text).first().waitFor({ timeout: 90_000 });

/** Waits until the line of the second-by-second rates is long enough to be seen as one. */
const drawn = (page) =>
  page.waitForFunction(
    (seconds) => document.querySelector('.sparkline-in')?.getAttribute('d').split('L').length > seconds,
    CHART_S,
    { timeout: 90_000 },
  );

const photographer = await Photographer.start();
const fresh = await Server.start();
await photographer.take(fresh, 'setup', '/setup', { login: false });
await fresh.addUser('admin', 'admin');
await fresh.addUser('night-shift', 'viewer');
await fresh.createToken();
// The running server notices within a second; until then every page leads to the set-up.
const noticed = Date.now() + 30_000;
while ((await fetch(`${fresh.url}/login`, { redirect: 'manual' })).status !== 200) {
  if (Date.now() > noticed) throw new Error('the server did not notice its first admin');
  await new Promise((resolve) => setTimeout(resolve, 100));
}
await photographer.take(fresh, 'dashboard-empty', '/');
await photographer.take(fresh, 'login', '/login', { login: false });
const { targets, receiver } = await nineTunnels(fresh);
await photographer.take(fresh, 'dashboard-tunnels', '/');
await photographer.take(fresh, 'users', '/admin/users');
await photographer.take(fresh, 'devices', '/admin/routers');
await photographer.take(fresh, 'account', '/account');
for (const place of ['alerts', 'reports', 'admin/rules', 'admin/channels', 'admin/maintenance', 'admin/audit', 'commands']) {
  await photographer.take(fresh, place.split('/').at(-1), `/${place}`);
}
await prompts(fresh);
await manyDevices(fresh, 990);
await photographer.take(fresh, 'dashboard-1000', '/', { until: shows(en.link_live) });
await fresh.stop();
await receiver.stop();
await Promise.all(targets.map((target) => target.down()));

const demo = await Server.start('--demo');
const password = demo.said(/with the password (\S+)/);
const { devices } = await photographer.ask(demo, '/api/devices?type=router', password);
// A fleet that has been watched for a while has more to show.
await new Promise((resolve) => setTimeout(resolve, DEMO_LIVES_MS));
await photographer.take(demo, 'dashboard', '/', { password, until: shows(/bps/) });
await photographer.take(demo, 'device', `/devices/${devices[0].id}`, { password, until: drawn });
await photographer.take(demo, 'history', '/history?days=1', { password });
await photographer.take(demo, 'past', `/history/${devices[0].id}`, { password });
await photographer.take(demo, 'logs', '/logs', { password });
await photographer.take(demo, 'workers', '/admin/workers', { password });
await demo.stop();
await photographer.browser.close();
