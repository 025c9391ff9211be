// What every browser test gets: a server of its own, something to watch, and a page that must not complain.
import { test as base, expect } from '@playwright/test';
import { PASSWORD, Server } from './server.js';
import { Target } from './target.js';
import { en } from './words.js';

export { expect };

export const test = base.extend({
  /** What every server begins with: tables are made and passwords hashed once for all tests of a worker. */
  installed: [
    async ({}, use) => {
      const installed = await Server.installWithAccounts();
      await use(installed);
      await installed.remove();
    },
    { scope: 'worker' },
  ],

  /** A server with an admin and a viewer. */
  server: async ({ installed }, use) => {
    const server = await installed.copy();
    await server.resume('127.0.0.1:0');
    await use(server);
    await server.stop();
  },

  target: async ({}, use) => {
    const target = await Target.start();
    await use(target);
    await target.down();
  },

  /** What the page may complain about; a test that provokes an error names it here. */
  tolerated: async ({}, use) => {
    await use([]);
  },

  /** Fails the test on any error in the console, uncaught exception or breach of the content security policy. */
  listen: async ({ tolerated }, use) => {
    const complaints = [];
    const complain = (text) => tolerated.some((known) => known.test(text)) || complaints.push(text);
    await use((context) => {
      context.on('console', (message) => {
        if (message.type() === 'error' || /Content Security Policy|hydrat/i.test(message.text())) {
          complain(`console: ${message.text()} (${message.location().url})`);
        }
      });
      context.on('weberror', (error) => complain(`uncaught: ${error.error()}`));
    });
    expect(complaints, 'the page complained').toEqual([]);
  },

  /** It depends on the server so that the browser leaves before the server ends, whatever is still loading. */
  context: async ({ context, server: _, listen }, use) => {
    listen(context);
    await use(context);
  },

  /** `await another()` is a page of somebody else's browser, which must not complain either. */
  another: async ({ browser, server: _, listen }, use) => {
    const contexts = [];
    await use(async (options) => {
      const context = await browser.newContext(options);
      contexts.push(context);
      listen(context);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
});

/** Comes once the page in which it runs is awake, or should have been for long. */
const wakes = () =>
  new Promise((resolve) => {
    const look = () => document.documentElement.hasAttribute('data-awake') && resolve();
    new MutationObserver(look).observe(document.documentElement, { attributes: true });
    setTimeout(resolve, 15_000);
    look();
  });

/** Waits until the page answers to clicks, not only to the eye. */
export const awake = async (page) => {
  // The page says it at once: an assertion asks twice a second. One that is being left says nothing.
  await page.evaluate(wakes).catch(() => {});
  await expect(page.locator('html[data-awake]')).toBeAttached();
};

export const open = async (page, server, path) => {
  await page.goto(`${server.url}${path}`);
  await awake(page);
};

const isInside = async (page) => {
  await expect(page.getByRole('navigation', { name: en.nav_label })).toBeVisible();
  await awake(page);
};

/** Lets the browser of this page in and opens nothing: what the form of the login page sends without scripts, sent by hand. */
export const signIn = async (page, server, name = 'admin', password = PASSWORD) => {
  const sent = { form: { name, password }, headers: { origin: server.url } };
  const answer = await page.request.post(`${server.url}/api/log_in`, sent);
  expect(answer.status(), await answer.text()).toBe(200);
  const cookies = await page.context().cookies(server.url);
  expect(cookies.map((cookie) => cookie.name), 'a session').toContain('sid');
};

/** Logs in, and is on the dashboard. */
export const logIn = async (page, server, name = 'admin', password = PASSWORD) => {
  await signIn(page, server, name, password);
  await page.goto(`${server.url}/`);
  await isInside(page);
};

/** The same by the door that people take. */
export const logInByForm = async (page, server, name = 'admin', password = PASSWORD) => {
  await open(page, server, '/login');
  await page.getByLabel(en.user_name).fill(name);
  await page.getByLabel(en.password, { exact: true }).fill(password);
  await page.getByRole('button', { name: en.login_submit }).click();
  await isInside(page);
};

/** Goes to a place that is behind the header's button. */
export const goToMore = async (page, name) => {
  await page.getByRole('button', { name: en.nav_more, exact: true }).click();
  await page.getByRole('link', { name, exact: true }).click();
};
