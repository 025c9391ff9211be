// The heat-map: what is pointed at is told and can be opened, at each of its sizes.
import { expect, logIn, test } from '../lib/test.js';
import { awake } from '../lib/test.js';

/** Devices that nobody asks: paused, and told apart by their names. */
const paused = async (server, count) => {
  for (let number = 0; number < count; number += 1) {
    const name = `device-${String(number).padStart(3, '0')}`;
    await server.addDevice({ name, ip_address: '127.0.0.1', device_type: 'server', enabled: false });
  }
};

const heat = (page) => page.locator('.heat');

/** The middle of the cell at a place of the first site. */
const middle = async (page, place) => {
  const { columns, pitch, left, top } = await heat(page).evaluate((heat) => {
    const block = heat.querySelector('.heat-cells');
    const { left, top } = block.getBoundingClientRect();
    const drawing = block.querySelector('svg');
    const columns = drawing.viewBox.baseVal.width / 11;
    return { columns, pitch: drawing.getBoundingClientRect().width / columns, left, top };
  });
  return [left + ((place % columns) + 0.5) * pitch, top + (Math.floor(place / columns) + 0.5) * pitch];
};

for (const [size, count] of [['cells', 40], ['dots', 401]]) {
  test(`one of many ${size} tells whose it is, and opens it`, async ({ page, server }) => {
    await paused(server, count);
    await logIn(page, server);
    await awake(page);
    await expect(heat(page)).toHaveAttribute('data-size', size);
    await expect(async () => {
      await page.mouse.move(...(await middle(page, count - 1)));
      await expect(heat(page).locator('.heat-line')).toContainText(`device-${count - 1}`.replace(/-(\d\d)$/, '-0$1'), { timeout: 500 });
    }).toPass();
    await expect(heat(page).locator('.look-mark')).toHaveCount(1);
    await page.mouse.click(...(await middle(page, 7)));
    await expect(page.getByRole('heading', { name: 'device-007' })).toBeVisible();
    await page.locator('#filter').fill('device-003');
    await expect(heat(page).locator('path.dim')).toHaveCount(1);
  });
}

test('few devices stand there with their names, and open', async ({ page, server }) => {
  await paused(server, 3);
  await logIn(page, server);
  await awake(page);
  await heat(page).getByText('device-002').click();
  await expect(page.getByRole('heading', { name: 'device-002' })).toBeVisible();
});
