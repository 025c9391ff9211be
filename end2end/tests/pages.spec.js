// Rules for every page: it wakes up without a complaint, suits everyone's eyes and fits a phone.
import { axeFindings } from '../lib/axe.js';
import { Server } from '../lib/server.js';
import { awake, expect, open, signIn, test } from '../lib/test.js';
import { inside } from '../lib/pages.js';
import * as words from '../lib/words.js';

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 720 };

/** Runs `look` on every page, opened on a phone, with a device that is up and one that is down to be seen on them. */
const everywhere = async ({ page, server, target, tolerated }, language, look) => {
  tolerated.push(/\/no\/such\/page/);
  // Languages differ in the length of their words, and so in what fits.
  const speak = (url) => page.context().addCookies([{ name: 'language', value: language, url }]);
  const visit = async (at, path) => {
    await page.setViewportSize(PHONE);
    await open(page, at, path);
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await look(path);
  };
  const device = await server.addDevice(target.tunnel('reachable', { location: 'Bandung' }));
  await server.addDevice(target.tunnel('unreachable', { checks: [{ kind: 'tcp', settings: { port: 1 } }] }));
  const fresh = await Server.start();
  await speak(fresh.url);
  await visit(fresh, '/setup');
  await visit(server, '/login');
  await fresh.stop();
  await page.context().clearCookies();
  await signIn(page, server);
  await speak(server.url);
  for (const path of inside(device.id, 'reachable')) await visit(server, path);
};

/** By how much something is wider than its place. */
const excess = async (part) => {
  const [content, room] = await part.evaluate((part) => [part.scrollWidth, part.clientWidth]);
  return content > room ? [`${content} of ${room} px`] : [];
};

/** Every page awake, whole, and no wider than a phone; on a desk, `look` sees it too. */
const fits = async (given, language, look = async () => {}) => {
  const { page, server } = given;
  const wide = [];
  await everywhere(given, language, async (path) => {
    wide.push(...(await excess(page.locator('html'))).map((what) => `${path}: ${what}`));
    await page.setViewportSize(DESKTOP);
    await expect(page.getByRole('main')).toBeVisible();
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    await look(path);
  });
  await page.setViewportSize(PHONE);
  await open(page, server, '/admin/users');
  await page.getByRole('button', { name: words[language].user_add }).click();
  wide.push(...(await excess(page.getByRole('dialog'))).map((what) => `the dialog: ${what}`));
  expect(wide).toEqual([]);
};

test('every page wakes up without a complaint and fits a phone without scrolling sideways, in id', async ({ page, server, target, tolerated }) => {
  test.slow();
  await fits({ page, server, target, tolerated }, 'id');
});

// What is asked of one load of a page is asked of it together: loading is what takes the time.
for (const [theme, language] of [['light', 'en'], ['dark', 'ru']]) {
  test(`every page wakes up without a complaint, fits a phone and shuts nobody out in the ${theme} theme, in ${language}`, async ({ page, server, target, tolerated }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const findings = [];
    await fits({ page, server, target, tolerated }, language, async (path) => {
      findings.push(...(await axeFindings(page)).map((finding) => `${path} ${finding}`));
    });
    expect(findings).toEqual([]);
  });
}

test('an address that leads nowhere says so', async ({ page, server, tolerated }) => {
  tolerated.push(/404 \(Not Found\)/);
  await signIn(page, server);
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
