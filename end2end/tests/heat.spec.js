// The heat-map: what is pointed at is told and can be opened, at each of its sizes.
import { addMany } from '../lib/fleet.js';
import { awake, expect, logIn, test } from '../lib/test.js';

const SITES = ['<b>A & "a"</b>', 'B'];

/** Devices that nobody asks: paused, and told apart by their names. */
const paused = (server, count) =>
  addMany(server, count, (number) => {
    const name = `device-${String(number).padStart(3, '0')}`;
    const location = SITES[number % 2];
    return { name, location, ip_address: '127.0.0.1', device_type: 'server', enabled: false };
  });

const heat = (page) => page.locator('.heat');

/** The middle of the cell at a place of a site. */
const middle = (page, site, place) =>
  heat(page).evaluate(
    (heat, [site, place]) => {
      const block = heat.querySelectorAll('.heat-cells')[site];
      const drawing = block.querySelector('svg');
      drawing.scrollIntoView({ block: 'end' });
      const { left, top, width } = drawing.getBoundingClientRect();
      const columns = drawing.viewBox.baseVal.width / 11;
      const pitch = width / columns;
      return [left + ((place % columns) + 0.5) * pitch, top + (Math.floor(place / columns) + 0.5) * pitch];
    },
    [site, place],
  );

for (const [size, count] of [['cells', 40], ['dots', 401]]) {
  test(`one of many ${size} tells whose it is, and opens it`, async ({ page, server }) => {
    await paused(server, count);
    await logIn(page, server);
    await awake(page);
    await expect(heat(page)).toHaveAttribute('data-size', size);
    await expect(heat(page).locator('.heat-name').first()).toHaveText(SITES[0]);
    const line = heat(page).locator('.heat-line');
    await expect(async () => {
      await page.mouse.move(...(await middle(page, 1, 4)));
      await expect(line).toContainText('device-009', { timeout: 500 });
    }).toPass();
    await expect(heat(page).locator('.heat-mark')).toBeVisible();
    await page.mouse.click(...(await middle(page, 0, 3)));
    await expect(page.getByRole('heading', { name: 'device-006' })).toBeVisible();
    await expect(heat(page).locator('.look-mark')).toHaveCount(1);
    // The drawer took room, and another cell is where the ring was.
    await expect(heat(page).locator('.heat-mark')).toBeHidden();
    await page.locator('#filter').fill('device-003');
    await expect(heat(page).locator('path.dim')).toHaveCount(2);
  });
}

test('a press counts though the map changes under it', async ({ page, server }) => {
  await paused(server, 40);
  const { devices } = await server.ask('GET', '/api/devices');
  await logIn(page, server);
  await awake(page);
  await expect(heat(page)).toHaveAttribute('data-size', 'cells');
  await page.mouse.move(...(await middle(page, 1, 4)));
  await page.mouse.down();
  await server.ask('DELETE', `/api/devices/${devices.find((device) => device.name === 'device-039').id}`);
  await expect(page.locator('.fleet')).toHaveAttribute('aria-rowcount', '39');
  await page.mouse.up();
  await expect(page.getByRole('heading', { name: 'device-009' })).toBeVisible();
  await expect(heat(page).locator('svg')).toHaveCount(2);
});

test('few devices stand there with their names, and open', async ({ page, server }) => {
  await paused(server, 3);
  await logIn(page, server);
  await awake(page);
  await heat(page).getByText('device-002').click();
  await expect(page.getByRole('heading', { name: 'device-002' })).toBeVisible();
});

test('a press that ended elsewhere opens nothing, whatever is released on its cell later', async ({ page, server }) => {
  await paused(server, 40);
  await logIn(page, server);
  await awake(page);
  await expect(heat(page)).toHaveAttribute('data-size', 'cells');
  const opened = [];
  page.on('framenavigated', (frame) => opened.push(frame.url()));
  const [cell, beside] = [await middle(page, 1, 4), [5, 5]];
  for (const [from, to] of [[cell, beside], [beside, cell]]) {
    await page.mouse.move(...from);
    await page.mouse.down();
    await page.mouse.move(...to);
    await page.mouse.up();
  }
  await page.mouse.move(...cell);
  await page.mouse.down({ button: 'right' });
  await page.mouse.up({ button: 'right' });
  await page.mouse.click(...(await middle(page, 1, 5)));
  await expect(page.getByRole('heading', { name: 'device-011' })).toBeVisible();
  expect(opened).toHaveLength(1);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  /** A finger on the screen, which Playwright's own tap does not hold. */
  const finger = async (page) => {
    const line = await page.context().newCDPSession(page);
    const touch = (type, touchPoints) => line.send('Input.dispatchTouchEvent', { type, touchPoints });
    return {
      down: (x, y) => touch('touchStart', [{ x, y }]),
      move: (x, y) => touch('touchMove', [{ x, y }]),
      up: () => touch('touchEnd', []),
    };
  };

  for (const how of ['still', 'rolling a little', 'while its site is written anew']) {
    test(`a tap on a cell, ${how}, opens its device and presses nothing of the page that opens`, async ({ page, server }) => {
      await paused(server, 40);
      const { devices } = await server.ask('GET', '/api/devices');
      await logIn(page, server);
      await awake(page);
      await page.evaluate(() => addEventListener('click', () => (window.clicked = true), true));
      const [x, y] = await middle(page, 1, 4);
      const { down, move, up } = await finger(page);
      await down(x, y);
      if (how.startsWith('rolling')) await move(x + 12, y + 3);
      if (how.startsWith('while')) {
        const other = devices.find((device) => device.name === 'device-011');
        const before = await heat(page).locator('svg').nth(1).innerHTML();
        await server.ask('PUT', `/api/devices/${other.id}`, { ...other, enabled: true });
        await expect.poll(() => heat(page).locator('svg').nth(1).innerHTML()).not.toBe(before);
      }
      await up();
      await expect(page.getByRole('heading', { name: 'device-009' })).toBeVisible();
      expect(await page.evaluate(() => window.clicked)).toBeUndefined();
    });
  }
});
