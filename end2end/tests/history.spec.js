// The past: devices beside each other, and one alone with its states, graphs, outages and files.
import { awake, expect, logIn, open, signIn, test } from '../lib/test.js';
import { tabTo } from '../lib/keyboard.js';
import { en, fill, ru } from '../lib/words.js';

const ROUNDS = 3;
const MINUTE_MS = 60_000;

/** A tunnel that has been asked so many times. */
const measured = async (server, target, name, more = {}, rounds = ROUNDS) => {
  const device = await server.addDevice(target.tunnel(name, more));
  const answered = async () => {
    const { history } = await server.ask('GET', `/api/history/${name}`);
    return history.filter((round) => round.tcp_time !== null).length;
  };
  await expect.poll(answered, { timeout: 40_000 }).toBeGreaterThanOrEqual(rounds);
  return device;
};

/** Long enough ago for everything, and short enough that every round has a place of its own. */
const lately = () => `from=${Date.now() - 5 * MINUTE_MS}&to=${Date.now() + MINUTE_MS}`;

const response = (page, target) =>
  page.getByRole('slider', { name: fill(en.history_round_trip, { check: `${en.check_tcp} ${target.port}` }) });

test('a graph tells its exact values under the pointer and by keys', async ({ page, server, target }) => {
  const device = await measured(server, target, 'reachable');
  await signIn(page, server);
  await open(page, server, `/history/${device.id}?${lately()}`);
  await expect(page.getByRole('heading', { level: 1, name: 'reachable' })).toBeVisible();
  const graph = response(page, target);
  await expect(graph).toHaveAttribute('aria-valuetext', /ms/);
  const readout = page.locator('.graph', { has: graph }).locator('.readout-when');
  await expect(readout).toBeEmpty();
  const { width, height } = await graph.boundingBox();
  await graph.hover({ position: { x: width * 0.8, y: height / 2 } });
  await expect(readout).toHaveText(/\d\d:\d\d/);
  // Every chart shows the same instant.
  await expect(page.locator('.crosshair.on')).toHaveCount(await page.locator('.crosshair').count());
  await page.mouse.move(0, 0);
  await expect(readout).toBeEmpty();

  await tabTo(page, graph);
  await page.keyboard.press('ArrowLeft');
  await expect(graph).toHaveAttribute('aria-valuetext', /\d\d:\d\d, .*\sms/);
  const last = await graph.getAttribute('aria-valuenow');
  expect(last).toBe(await graph.getAttribute('aria-valuemax'));
  await page.keyboard.press('ArrowLeft');
  await expect(graph).toHaveAttribute('aria-valuenow', String(Number(last) - 1));
  await page.keyboard.press('Home');
  await expect(graph).toHaveAttribute('aria-valuenow', '0');
  await page.keyboard.press('Escape');
  await expect(readout).toBeEmpty();
});

test('what is ahead of now is not drawn as unobserved', async ({ page, server, target }) => {
  const device = await measured(server, target, 'reachable', {}, 1);
  await signIn(page, server);
  await open(page, server, `/history/${device.id}?from=${Date.now() - MINUTE_MS}&to=${Date.now() + 9 * MINUTE_MS}`);
  const timeline = page.getByRole('slider', { name: en.history_states });
  const { x, width, height } = await timeline.boundingBox();
  await timeline.hover({ position: { x: width * 0.9, y: height / 2 } });
  await expect(timeline).toHaveAttribute('aria-valuetext', en.history_nothing);
  const ends = await timeline.locator('rect').evaluateAll((all) => all.map((rect) => rect.getBoundingClientRect().right));
  expect(ends.length).toBeGreaterThan(0);
  expect(Math.max(...ends)).toBeLessThan(x + width / 2);
});

test('an outage is in the timeline and in the list, with its cause and its end', async ({ page, server, target }) => {
  const device = await measured(server, target, 'flaky');
  const state = async () => (await server.ask('GET', `/api/devices/${device.id}`)).state;
  await target.down();
  await expect.poll(state, { timeout: 40_000 }).toBe('down');
  await signIn(page, server);
  await open(page, server, `/history/${device.id}?${lately()}`);
  const outages = page.getByRole('table', { name: en.history_outages });
  await expect(outages).toContainText(en.history_ongoing);
  await expect(outages).toContainText('refused');
  const timeline = page.getByRole('slider', { name: en.history_states });
  await timeline.focus();
  await page.keyboard.press('End');
  await expect(timeline).toHaveAttribute('aria-valuetext', new RegExp(`^${en.state_down} · .*refused`));
  await page.keyboard.press('ArrowLeft');
  await expect(timeline).toHaveAttribute('aria-valuetext', new RegExp(`^${en.state_up} · `));

  await target.up();
  await expect.poll(state, { timeout: 40_000 }).toBe('up');
  await page.getByRole('button', { name: en.history_refresh }).click();
  await open(page, server, `/history/${device.id}?${lately()}`);
  await expect(outages).not.toContainText(en.history_ongoing);
  await expect(page.locator('.graph-missed path')).toHaveAttribute('d', /^M/);
});

test('another period is a link, two fields, or refused', async ({ page, server, target }) => {
  const device = await measured(server, target, 'reachable', {}, 1);
  await signIn(page, server);
  await open(page, server, `/history/${device.id}`);
  const periods = page.getByRole('navigation', { name: en.history_period });
  await expect(periods.getByRole('link', { name: en.history_day })).toHaveAttribute('aria-current', 'page');
  const week = periods.getByRole('link', { name: en.history_week });
  await week.click();
  await expect(page).toHaveURL(/range=7d$/);
  await expect(week).toHaveAttribute('aria-current', 'page');
  await expect(week).toBeFocused();
  await expect(page.locator('.history.busy')).toHaveCount(0);

  const [from, to] = [page.getByLabel(en.history_from, { exact: true }), page.getByLabel(en.history_to, { exact: true })];
  const before = await to.inputValue();
  await from.fill('2026-01-02T00:00');
  await to.fill('2026-01-01T00:00');
  await page.getByRole('button', { name: en.history_show }).click();
  await expect(page.getByText(en.error_span_order)).toBeVisible();
  await expect(page).toHaveURL(/range=7d$/);
  await from.fill(before.replace(/T.*/, 'T00:00'));
  await to.fill(before.replace(/T.*/, 'T23:59'));
  await page.getByRole('button', { name: en.history_show }).click();
  await expect(page).toHaveURL(/from=\d+&to=\d+$/);
  await expect(page.getByText(en.error_span_order)).toHaveCount(0);
  await expect(to).toHaveValue(before.replace(/T.*/, 'T23:59'));
  await page.goBack();
  await expect(week).toHaveAttribute('aria-current', 'page');

  await open(page, server, `/history/${device.id}?from=7&to=5`);
  await expect(page.getByRole('alert')).toContainText(en.error_span_order);
  await open(page, server, `/history/${device.id}?from=1000000&to=2000000`);
  await expect(page.getByRole('heading', { name: en.history_empty_title })).toBeVisible();
});

test('what is shown is also a file', async ({ page, server, target }) => {
  const device = await measured(server, target, '=2+3 reachable', {}, 2);
  await signIn(page, server);
  await open(page, server, `/history/${device.id}`);
  const fetched = async (name) => {
    const answer = await page.request.get(new URL(await page.getByRole('link', { name }).getAttribute('href'), server.url).href);
    expect(answer.headers()['content-type']).toContain('text/csv');
    expect(answer.headers()['content-disposition']).toMatch(/^attachment; filename="_2_3_reachable-\w+\.csv"$/);
    return (await answer.text()).trim().split(/\r?\n/);
  };
  const series = await fetched(en.history_csv_series);
  expect(series[0]).toBe('time,measure,subject,unit,mean,min,max,answered,unanswered');
  expect(series.length).toBeGreaterThan(2);
  expect(series[1]).toMatch(new RegExp(`^20.*Z,round_trip,tcp:${target.port},ms,[\\d.]+,[\\d.]+,[\\d.]+,1,0$`));
  expect(await fetched(en.history_csv_outages)).toEqual(['start,end,seconds,seconds_observed,cause']);
});

test('devices are compared, found by name, and lead to their past', async ({ page, server, target }) => {
  await measured(server, target, 'bandung-1', { location: 'Bandung' }, 2);
  await server.addDevice(target.tunnel('jakarta-1', { location: 'Jakarta' }));
  await logIn(page, server, 'viewer');
  await page.getByRole('navigation', { name: en.nav_label }).getByRole('link', { name: en.nav_history }).click();
  await expect(page.getByRole('heading', { level: 1, name: en.history_title })).toBeVisible();
  const [bandung, jakarta] = ['bandung-1', 'jakarta-1'].map((name) => page.getByRole('row', { name: new RegExp(name) }));
  await expect(bandung).toContainText('100');
  await expect(jakarta).toBeVisible();
  const filter = page.getByRole('searchbox', { name: en.history_filter });
  await filter.fill('BAND');
  await expect(jakarta).toHaveCount(0);
  await page.getByRole('link', { name: en.history_month }).click();
  await expect(page).toHaveURL(/days=30$/);
  await expect(filter).toHaveValue('BAND');
  await expect(jakarta).toHaveCount(0);
  await filter.fill('nowhere');
  await expect(page.getByText(en.history_filter_none)).toBeVisible();
  await filter.fill('');
  await bandung.getByRole('link').click();
  await expect(page).toHaveURL(/\/history\/\d+\?range=30d$/);
  await expect(page.getByRole('heading', { level: 1, name: 'bandung-1' })).toBeVisible();
});

test('a device tells of its last week and leads to its past', async ({ page, server, target }) => {
  const device = await measured(server, target, 'reachable', {}, 2);
  await signIn(page, server);
  await open(page, server, `/devices/${device.id}`);
  const week = page.locator('.card', { has: page.getByRole('heading', { name: en.history_last_week }) });
  await expect(week).toContainText(/100/);
  await week.getByRole('link', { name: en.nav_history }).click();
  await expect(page).toHaveURL(new RegExp(`/history/${device.id}\\?range=7d$`));
  await expect(page.getByRole('heading', { level: 1, name: 'reachable' })).toBeVisible();
});

test('the last week on a device’s page follows an outage', async ({ page, server, target }) => {
  const device = await measured(server, target, 'flaky', {}, 1);
  await signIn(page, server);
  await open(page, server, `/devices/${device.id}`);
  const outages = page.locator('.week-figures > div', { hasText: en.history_outages }).locator('dd');
  await expect(outages).toHaveText('0');
  await target.down();
  await expect(outages).toHaveText('1', { timeout: 45_000 });
});

test('without scripts the past is there to be read', async ({ page, server, target, another }) => {
  const device = await measured(server, target, 'reachable', {}, 2);
  await signIn(page, server);
  const storageState = await page.context().storageState();
  const plain = await another({ javaScriptEnabled: false, storageState });
  await plain.goto(`${server.url}/history/${device.id}?${lately()}`);
  await expect(plain.getByRole('heading', { level: 1, name: 'reachable' })).toBeVisible();
  await expect(plain.locator('.graph-line')).toHaveAttribute('d', /^M/);
  await expect(plain.locator('.graph-scale span').first()).toHaveText(/ms/);
  await expect(plain.locator('.graph-times span').first()).toHaveText(/\d\d:\d\d/);
  await plain.getByRole('link', { name: en.history_week }).click();
  await expect(plain).toHaveURL(/range=7d$/);
  await plain.goto(`${server.url}/history`);
  await expect(plain.getByRole('row', { name: /reachable/ })).toBeVisible();
});

test('a device that is paused says so, and a language has its own words', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('quiet', { enabled: false }));
  await signIn(page, server);
  await page.context().addCookies([{ name: 'language', value: 'ru', url: server.url }]);
  await page.goto(`${server.url}/history/${device.id}`);
  await awake(page);
  await expect(page.getByText(ru.device_paused)).toBeVisible();
  await expect(page.getByRole('heading', { name: ru.history_empty_title })).toBeVisible();
  await expect(page.getByText(ru.history_outages_none)).toBeVisible();
});
