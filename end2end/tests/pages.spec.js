// Rules for every page: it wakes up without a complaint, suits everyone's eyes and fits a phone.
import { axeFindings } from '../lib/axe.js';
import { awake, expect, logIn, open, test } from '../lib/test.js';
import { inside } from '../lib/pages.js';

/** Runs `look` on every page, with a device that is up and one that is down to be seen on them. */
const everywhere = async (page, server, target, look) => {
  const device = await server.addDevice(target.tunnel('reachable', { location: 'Bandung' }));
  await server.addDevice(target.tunnel('unreachable', { checks: [{ kind: 'tcp', settings: { port: 1 } }] }));
  await open(page, server, '/login');
  await look('/login');
  await logIn(page, server);
  for (const path of inside(device.id)) {
    await open(page, server, path);
    await look(path);
  }
};

test('every page wakes up without a complaint', async ({ page, server, target }) => {
  await everywhere(page, server, target, async () => {
    await expect(page.getByRole('main')).toBeVisible();
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  });
});

for (const theme of ['light', 'dark']) {
  test(`no page shuts anybody out in the ${theme} theme`, async ({ page, server, target }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const findings = [];
    await everywhere(page, server, target, async (path) => {
      findings.push(...(await axeFindings(page)).map((finding) => `${path} ${finding}`));
    });
    expect(findings).toEqual([]);
  });
}

test('every page fits a phone without scrolling sideways', async ({ page, server, target }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = [];
  await everywhere(page, server, target, async (path) => {
    const [content, screen] = await page.evaluate(() => {
      const root = document.documentElement;
      return [root.scrollWidth, root.clientWidth];
    });
    if (content > screen) wide.push(`${path}: ${content} of ${screen} px`);
  });
  expect(wide).toEqual([]);
});

test('an address that leads nowhere says so', async ({ page, server, tolerated }) => {
  tolerated.push(/404 \(Not Found\)/);
  await logIn(page, server);
  const answer = await page.goto(`${server.url}/no/such/page`);
  expect(answer.status()).toBe(404);
  await awake(page);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});
