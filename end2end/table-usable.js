// How soon the dashboard can be used: `cargo xtask bench fleet` starts this and reads what it prints.
import { chromium } from '@playwright/test';

const { ROUTEWARDEN_URL: url, ROUTEWARDEN_COOKIES: sent, ROUTEWARDEN_DEVICE: device } = process.env;
const VISITS = Number(process.env.VISITS);
const VISIT_DEADLINE_MS = 20_000;
const SCREEN = { width: 1440, height: 900 };

/** In the page, frame by frame: the times since its address was entered. */
const watch = (device) => {
  const times = (window.__times = { row: null, awake: null, found: null });
  const now = () => performance.now();
  const rows = () => document.querySelectorAll('tbody tr[data-id]');
  const look = () => {
    const [first] = rows();
    if (times.row === null && first?.getBoundingClientRect().height > 0) times.row = now();
    if (times.awake === null && document.documentElement?.hasAttribute('data-awake')) {
      times.awake = now();
      const filter = document.querySelector('#filter');
      filter.value = device;
      filter.dispatchEvent(new Event('input', { bubbles: true }));
    }
    if (times.awake !== null && rows().length === 1 && first.textContent.includes(device)) times.found = now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const cookies = sent.split('; ').map((cookie) => {
  const [name, value] = cookie.split(/=(.*)/s);
  return { name, value, url };
});
const visits = [];
for (let visit = 0; visit < VISITS; visit += 1) {
  // A context of its own: nothing is cached, as at a first visit.
  const context = await browser.newContext({ viewport: SCREEN, locale: 'en-GB' });
  // The login page leaves the session behind, and how wide the window is.
  await context.addCookies([...cookies, { name: 'screen', value: String(SCREEN.width), url }]);
  const page = await context.newPage();
  await page.addInitScript(watch, device);
  await page.goto(`${url}/`, { waitUntil: 'commit' });
  await page.waitForFunction(() => window.__times.found !== null, undefined, { timeout: VISIT_DEADLINE_MS });
  visits.push(await page.evaluate(() => window.__times));
  await context.close();
}
await browser.close();
console.log(JSON.stringify(visits));
