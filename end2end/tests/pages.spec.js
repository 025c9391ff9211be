// Rules for every page: it wakes up without a complaint, suits everyone's eyes and fits a phone.
import { axeFindings } from '../lib/axe.js';
import { Server } from '../lib/server.js';
import { awake, expect, logIn, open, test } from '../lib/test.js';
import { inside } from '../lib/pages.js';
import * as words from '../lib/words.js';

/** Runs `look` on every page, with a device that is up and one that is down to be seen on them. */
const everywhere = async ({ page, server, target, tolerated }, language, look) => {
  tolerated.push(/\/no\/such\/page/);
  // Languages differ in the length of their words, and so in what fits.
  const speak = (url) => page.context().addCookies([{ name: 'language', value: language, url }]);
  const device = await server.addDevice(target.tunnel('reachable', { location: 'Bandung' }));
  await server.addDevice(target.tunnel('unreachable', { checks: [{ kind: 'tcp', settings: { port: 1 } }] }));
  const fresh = await Server.start();
  await speak(fresh.url);
  await open(page, fresh, '/setup');
  await look('/setup');
  await open(page, server, '/login');
  await look('/login');
  await fresh.stop();
  await page.context().clearCookies();
  await logIn(page, server);
  await speak(server.url);
  for (const path of inside(device.id, 'reachable')) {
    await open(page, server, path);
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await look(path);
  }
};

test('every page wakes up without a complaint', async ({ page, server, target, tolerated }) => {
  await everywhere({ page, server, target, tolerated }, 'en', async () => {
    await expect(page.getByRole('main')).toBeVisible();
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  });
});

for (const [theme, language] of [['light', 'en'], ['dark', 'ru']]) {
  test(`no page shuts anybody out in the ${theme} theme, in ${language}`, async ({ page, server, target, tolerated }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const findings = [];
    await everywhere({ page, server, target, tolerated }, language, async (path) => {
      findings.push(...(await axeFindings(page)).map((finding) => `${path} ${finding}`));
    });
    expect(findings).toEqual([]);
  });
}

for (const language of ['en', 'id', 'ru']) {
  test(`every page fits a phone without scrolling sideways, in ${language}`, async ({ page, server, target, tolerated }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    const wide = [];
    await everywhere({ page, server, target, tolerated }, language, async (path) => {
      const [content, screen] = await page.evaluate(() => {
        const root = document.documentElement;
        return [root.scrollWidth, root.clientWidth];
      });
      if (content > screen) wide.push(`${path}: ${content} of ${screen} px`);
    });
    await open(page, server, '/admin/users');
    await page.getByRole('button', { name: words[language].user_add }).click();
    const [content, screen] = await page.getByRole('dialog').evaluate((dialog) => [dialog.scrollWidth, dialog.clientWidth]);
    if (content > screen) wide.push(`the dialog: ${content} of ${screen} px`);
    expect(wide).toEqual([]);
  });
}

test('an address that leads nowhere says so', async ({ page, server, tolerated }) => {
  tolerated.push(/404 \(Not Found\)/);
  await logIn(page, server);
  const answer = await page.goto(`${server.url}/no/such/page`);
  expect(answer.status()).toBe(404);
  await awake(page);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  // Whoever is logged in keeps the ways to every other page, and nothing of this one stays there.
  const ways = page.getByRole('navigation', { name: words.en.nav_label });
  await ways.getByRole('link', { name: words.en.nav_alerts }).click();
  await expect(page).toHaveURL(/\/alerts$/);
  await expect(ways).toHaveCount(1);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: words.en.keys_title })).toHaveCount(1);
});
