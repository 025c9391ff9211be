// The dashboard's list: scrolled, filtered, ordered, and with the columns one wants.
import { addFleet, rowOf } from '../lib/fleet.js';
import { expect, goToMore, logIn, open, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const PHONE = { width: 390, height: 844 };

const filter = (page) => page.getByRole('searchbox', { name: en.toolbar_filter });
const header = (page, name) => page.getByRole('columnheader', { name, exact: true });

/** Waits until the whole fleet has come over the live line. */
const whole = (page) => expect(page.locator('.link-state')).toHaveAttribute('data-link', 'live');

test('a list that was scrolled and then filtered shows what fits', async ({ page, server }) => {
  await addFleet(server, 300);
  await logIn(page, server);
  await whole(page);
  const grid = page.locator('.grid');
  await grid.evaluate((grid) => grid.scrollTo(0, grid.scrollHeight));
  await expect(rowOf(page, 'ap-0299')).toBeInViewport();
  await filter(page).fill('ap-0001');
  await expect(rowOf(page, 'ap-0001')).toBeInViewport();
  await filter(page).fill('nothing is called so');
  await expect(page.getByText(en.filter_none)).toBeVisible();
  await filter(page).fill('name:ap-0001');
  await expect(page.getByText(fill(en.filter_unread, { word: 'name:ap-0001' }))).toBeVisible();
  await filter(page).fill('');
  await expect(rowOf(page, 'ap-0000')).toBeInViewport();
  await grid.evaluate((grid) => grid.scrollTo(0, grid.scrollHeight));
  await expect(rowOf(page, 'ap-0299')).toBeInViewport();
});

// So narrow that some of the usual columns have no room.
for (const [device, viewport] of [['a small desk', { width: 940, height: 700 }], ['a phone', PHONE]]) {
  test(`on ${device} the server draws the columns that the page keeps`, async ({ page, server, target }) => {
    await page.setViewportSize(viewport);
    await server.addDevice(target.tunnel('branch-1'));
    await logIn(page, server);
    await whole(page);
    const html = await (await page.request.get(`${server.url}/`)).text();
    const drawn = [...html.matchAll(/<th [^>]*class="(c-[a-z]+)/g)].map(([, column]) => column);
    const kept = await page.locator('thead th').evaluateAll((all) => all.map((th) => th.classList[0]));
    expect(drawn).toEqual(kept);
  });
}

for (const [device, viewport] of [['a desk', { width: 1440, height: 900 }], ['a phone', PHONE]]) {
  test(`on ${device} there is a row wherever the list is scrolled to`, async ({ page, server }) => {
    await page.setViewportSize(viewport);
    await addFleet(server, 200);
    await logIn(page, server);
    await whole(page);
    for (const share of [0.25, 0.5, 0.75, 1]) {
      await page.evaluate((share) => {
        const grid = document.querySelector('.grid');
        const frame = grid.scrollHeight > grid.clientHeight + 1 ? grid : document.scrollingElement;
        frame.scrollTo(0, (frame.scrollHeight - frame.clientHeight) * share);
      }, share);
      const holes = () =>
        page.evaluate(() => {
          const rows = [...document.querySelectorAll('tr[data-id]')].map((row) => row.getBoundingClientRect());
          const list = document.querySelector('.grid').getBoundingClientRect();
          const [top, bottom] = [Math.max(list.top, 0) + 60, Math.min(list.bottom, innerHeight) - 130];
          const holes = [];
          for (let y = top; y < bottom; y += 20) {
            // Between two cards there is a gap of eight.
            if (!rows.some((row) => row.top - 9 <= y && y <= row.bottom + 9)) holes.push(y);
          }
          return holes;
        });
      await expect.poll(holes, `at ${share}`).toEqual([]);
    }
    await expect(rowOf(page, 'ap-0199')).toBeInViewport();
  });
}

test('rows are as high as the style says, with their gap', async ({ page, server }) => {
  await addFleet(server, 3);
  await logIn(page, server);
  for (const viewport of [{ width: 1440, height: 900 }, PHONE]) {
    await page.setViewportSize(viewport);
    const [pitch, said] = await page.evaluate(() => {
      const [first, second] = document.querySelectorAll('tr[data-id]');
      const said = getComputedStyle(document.documentElement).getPropertyValue('--row');
      return [second.getBoundingClientRect().top - first.getBoundingClientRect().top, parseFloat(said)];
    });
    expect(pitch).toBeCloseTo(said, 1);
  }
});

test('the filter is in the address, and the address is the filter', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('branch-1'));
  await addFleet(server, 2);
  await logIn(page, server);
  await filter(page).fill('branch');
  await filter(page).press('Tab');
  await expect(page).toHaveURL(/\?q=branch$/);
  await expect(page.locator('tr[data-id]')).toHaveCount(1);
  await page.getByRole('link', { name: en.nav_dashboard, exact: true }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(filter(page)).toHaveValue('');
  await expect(page.locator('tr[data-id]')).toHaveCount(3);
  await page.goBack();
  await expect(filter(page)).toHaveValue('branch');
  await expect(page.locator('tr[data-id]')).toHaveCount(1);
});

test('a count is a filter, pressed twice it is none', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('branch-1'));
  await logIn(page, server);
  await expect(rowOf(page, 'branch-1')).toContainText(en.state_up);
  const down = page.getByRole('group', { name: en.strip_label }).getByRole('button', { name: en.state_down });
  await down.click();
  await expect(down).toHaveAttribute('aria-pressed', 'true');
  await expect(filter(page)).toHaveValue('state:down');
  await expect(rowOf(page, 'branch-1')).toHaveCount(0);
  await down.click();
  await expect(rowOf(page, 'branch-1')).toBeVisible();
});

test('tags and addresses are found whatever their capitals', async ({ page, server }) => {
  await server.addDevice({ name: 'edge', ip_address: 'Edge-7.example.test', device_type: 'server', tags: ['Ядро'] });
  await addFleet(server, 1);
  await logIn(page, server);
  for (const text of ['tag:ядро', 'edge-7.EXAMPLE']) {
    await filter(page).fill(text);
    await expect(rowOf(page, 'edge')).toBeVisible();
    await expect(rowOf(page, 'ap-0000')).toHaveCount(0);
  }
});

test('columns are chosen, and stay chosen in this browser', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('branch-1'));
  await logIn(page, server);
  await expect(header(page, en.column_voltage)).toHaveCount(0);
  await page.getByRole('button', { name: en.toolbar_columns }).click();
  await page.getByRole('checkbox', { name: en.column_voltage }).check();
  await page.getByRole('checkbox', { name: en.column_webfig }).check();
  await expect(header(page, en.column_voltage)).toBeAttached();
  await goToMore(page, en.nav_users);
  await expect(page.getByRole('heading', { level: 1, name: en.nav_users })).toBeVisible();
  await page.getByRole('link', { name: en.nav_dashboard, exact: true }).click();
  await expect(header(page, en.column_voltage)).toBeAttached();
  await open(page, server, '/');
  await expect(header(page, en.column_voltage)).toBeAttached();
  await expect(header(page, en.column_webfig).getByRole('button')).toHaveCount(0);
});

test('a header orders the list, and a second click turns it round', async ({ page, server }) => {
  await addFleet(server, 3);
  await logIn(page, server);
  const names = page.locator('tr[data-id] .c-name');
  await header(page, en.column_name).getByRole('button').click();
  await expect(header(page, en.column_name)).toHaveAttribute('aria-sort', 'ascending');
  await expect(names).toHaveText(['ap-0000', 'ap-0001', 'ap-0002']);
  await header(page, en.column_name).getByRole('button').click();
  await expect(names).toHaveText(['ap-0002', 'ap-0001', 'ap-0000']);
});

test('a phone’s card tells what a row tells', async ({ page, server, target }) => {
  await page.setViewportSize(PHONE);
  await server.addDevice(target.tunnel('branch-1', { location: 'Bandung' }));
  await target.down();
  await logIn(page, server);
  const card = rowOf(page, 'branch-1');
  await expect(card.locator('.c-reason')).toHaveText(/refused/i, { timeout: 45_000 });
  for (const part of ['.c-name', '.c-site', '.c-since', '.c-beats', '.c-reason']) {
    await expect(card.locator(part)).toBeVisible();
  }
  for (const part of ['.c-cpu', '.c-memory', '.c-version', '.c-upload', '.c-download']) {
    await expect(card.locator(part)).toBeAttached();
  }
});

test('a router added from the dashboard is added on the page that does it', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('branch-1'));
  await logIn(page, server);
  await page.getByRole('link', { name: en.dashboard_add_device }).click();
  await expect(page.getByRole('complementary', { name: en.router_add })).toBeVisible();
});
