// The heat-map: what is pointed at is told and can be opened, at each of its sizes.
import { awake, expect, logIn, test } from '../lib/test.js';

const SITES = ['<b>A & "a"</b>', 'B'];

/** Devices that nobody asks: paused, and told apart by their names. */
const paused = async (server, count) => {
  for (let number = 0; number < count; number += 1) {
    const name = `device-${String(number).padStart(3, '0')}`;
    const location = SITES[number % 2];
    await server.addDevice({ name, location, ip_address: '127.0.0.1', device_type: 'server', enabled: false });
  }
};

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
