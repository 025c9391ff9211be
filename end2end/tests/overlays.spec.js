// What opens over or beside the dashboard keeps the rules of every page.
import { axeFindings } from '../lib/axe.js';
import { rowOf } from '../lib/fleet.js';
import { expect, logIn, test } from '../lib/test.js';
import { en } from '../lib/words.js';

for (const theme of ['light', 'dark']) {
  test(`drawer, palette and bulk acts shut nobody out in the ${theme} theme`, async ({ page, server, target }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await server.addDevice(target.tunnel('branch-1', { location: 'Bandung' }));
    await server.addDevice(target.tunnel('branch-2', { checks: [{ kind: 'tcp', settings: { port: 1 } }] }));
    await logIn(page, server);
    const findings = [];
    const look = async (where) => findings.push(...(await axeFindings(page)).map((finding) => `${where} ${finding}`));

    await rowOf(page, 'branch-1').getByRole('link').first().click();
    await expect(page.getByRole('heading', { level: 2, name: 'branch-1' })).toBeVisible();
    await look('drawer');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('option').first()).toBeVisible();
    await look('palette');
    await page.keyboard.press('Escape');
    await page.getByRole('checkbox', { name: en.bulk_pick_all }).check();
    await look('bulk bar');
    await page.getByRole('region', { name: en.bulk_label }).getByRole('button', { name: en.action_remove }).click();
    await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
    await look('removal');
    expect(findings).toEqual([]);
  });
}

test('the bulk acts of a phone are all within reach', async ({ page, server, target }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await server.addDevice(target.tunnel('branch-1'));
  await logIn(page, server);
  await rowOf(page, 'branch-1').getByRole('checkbox').check();
  const bar = page.getByRole('region', { name: en.bulk_label });
  for (const act of [en.device_check, en.device_pause, en.device_resume, en.action_remove, en.bulk_clear]) {
    await expect(bar.getByRole('button', { name: act })).toBeInViewport({ ratio: 1 });
  }
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(isWide).toBe(false);
});
