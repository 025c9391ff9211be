// Where one is logged in, and ending that from another browser, by keyboard.
import { axeFindings } from '../lib/axe.js';
import { tabTo } from '../lib/keyboard.js';
import { expect, logIn, open, signIn, test } from '../lib/test.js';
import { en } from '../lib/words.js';

const card = (page) => page.locator('section', { has: page.getByRole('heading', { name: en.sessions_title }) });

test('another browser is logged out from here', async ({ page, server, another, tolerated }) => {
  tolerated.push(/401|403/);
  const elsewhere = await another();
  await logIn(elsewhere, server);
  await signIn(page, server);
  await open(page, server, '/account');
  const entries = card(page).getByRole('listitem');
  await expect(entries).toHaveCount(2);
  await expect(entries.first()).toContainText(en.session_this);
  await expect(entries.first()).toContainText('Chrome');
  expect(await axeFindings(page)).toEqual([]);

  // An open page would leave by itself, some time later: the next request is what is looked at.
  await elsewhere.goto('about:blank');
  await tabTo(page, entries.nth(1).getByRole('button'));
  await page.keyboard.press('Enter');
  await expect(page.getByText(en.session_said_ended)).toBeVisible();
  await expect(entries).toHaveCount(1);
  await elsewhere.goto(`${server.url}/`);
  expect(new URL(elsewhere.url()).pathname).toBe('/login');
});

test('all others end at once', async ({ page, server, another, tolerated }) => {
  tolerated.push(/401|403/);
  for (const theirs of [await another(), await another()]) await logIn(theirs, server);
  await signIn(page, server);
  await open(page, server, '/account');
  await card(page).getByRole('button', { name: en.sessions_end_others }).click();
  await expect(page.getByText(en.sessions_said_others_ended)).toBeVisible();
  await expect(card(page).getByRole('listitem')).toHaveCount(1);
  await expect(card(page).getByRole('button', { name: en.sessions_end_others })).toHaveCount(0);
});
