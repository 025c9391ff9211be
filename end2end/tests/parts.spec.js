// Code that only some pages need comes when they do: it may be gone with an older build, or not come at all.
import { awake, expect, goToMore, logIn, open, test } from '../lib/test.js';
import { en } from '../lib/words.js';

/** What lies in the folder that is named after the build, but for its script. */
const PARTS = /\/pkg\/\w+\/\w+\.wasm$/;

const isOnUsers = (page) => expect(page.getByRole('heading', { level: 1, name: en.users_title })).toBeVisible();

test('a page fetches its own parts, each once, and the first page none', async ({ page, server }) => {
  await logIn(page, server);
  const fetched = [];
  page.on('request', (request) => PARTS.test(request.url()) && fetched.push(request.url()));
  await open(page, server, '/');
  expect(fetched).toEqual([]);
  await open(page, server, '/admin/users');
  expect(fetched.filter((part) => part.includes('people'))).toHaveLength(1);
  expect(fetched).toHaveLength(new Set(fetched).size);
  expect(fetched.filter((part) => /device|routers/.test(part))).toEqual([]);
});

test('a page whose code a newer server no longer has comes from the server', async ({ page, server, tolerated }) => {
  tolerated.push(/404|not ok/);
  await logIn(page, server);
  await page.route(PARTS, (route) => route.fulfill({ status: 404 }));
  await page.route('**/admin/users', async (route) => {
    await page.unroute(PARTS);
    await route.continue();
  });
  const asked = page.waitForRequest('**/admin/users');
  await goToMore(page, en.nav_users);
  await asked;
  await isOnUsers(page);
  await awake(page);
});

test('a page whose code does not come says so, and comes when it does', async ({ page, server, tolerated }) => {
  tolerated.push(/Failed to fetch|ERR_FAILED/);
  await logIn(page, server);
  await page.route('**/pkg/**', (route) => route.abort());
  await goToMore(page, en.nav_users);
  await expect(page.getByRole('main')).toContainText(en.failure_unreachable);
  await page.unroute('**/pkg/**');
  await page.getByRole('button', { name: en.action_again }).click();
  await isOnUsers(page);
  await awake(page);
});

test('a page from the server whose code does not come says so', async ({ page, server, tolerated }) => {
  tolerated.push(/Failed to fetch|ERR_FAILED|did not come/);
  await logIn(page, server);
  await page.route(PARTS, (route) => route.abort());
  await page.goto(`${server.url}/admin/users`);
  const said = page.getByRole('alert').filter({ hasText: en.unwoken });
  await expect(said).toBeVisible();
  await page.unroute(PARTS);
  await said.getByRole('link', { name: en.action_again }).click();
  await isOnUsers(page);
  await awake(page);
});

test('what opens over a page says when it does not come, and opens when it does', async ({ page, server, tolerated }) => {
  tolerated.push(/Failed to fetch|ERR_FAILED/);
  await logIn(page, server);
  await page.route('**/pkg/**', (route) => route.abort());
  await page.keyboard.press('Control+k');
  const dialog = page.getByRole('dialog', { name: en.palette_title });
  await expect(dialog).toContainText(en.failure_unreachable);
  await page.unroute('**/pkg/**');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: en.palette_title })).toBeFocused();
});
