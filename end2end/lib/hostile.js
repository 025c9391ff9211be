// Tests with the corpus (`corpus.js`): nothing of it may become more than text, on any page, with scripts and without.
import { strangers, watch } from './intruders.js';
import { expect, open, test as base } from './test.js';

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1280, height: 800 };

export const test = base.extend({
  /** What happened and must not: nothing, at the end of every test. */
  intrusions: async ({}, use) => {
    const intrusions = [];
    await use(intrusions);
    expect(intrusions, 'a word became more than text').toEqual([]);
  },

  context: async ({ context, intrusions }, use) => {
    await watch(context, intrusions);
    await use(context);
  },

  /** A page of the same person without scripts. */
  plain: async ({ page, another }, use) => {
    await use(async () => {
      const storageState = await page.context().storageState();
      return another({ javaScriptEnabled: false, storageState, viewport: PHONE });
    });
  },
});

/** Looks at each of these, at one in every page at a time: while one loads, another is looked at. */
export const sideBySide = async (pages, things, look) => {
  const left = things.values();
  const lane = async (page) => {
    for (const thing of left) await look(page, thing);
  };
  await Promise.all(pages.map(lane));
};

/** From so many on another page takes a part of them. */
const MANY = 5;

/** Looks at pages as they are without scripts and once they are awake, on a phone and on a desk; of a few it is on the last. */
export const lookAt = async ({ page, plain, server }, paths) => {
  const still = await plain();
  const pages = paths.length < MANY ? [page] : [page, await page.context().newPage()];
  const found = [];
  const lookAtStill = async (one, path) => {
    await one.goto(`${server.url}${path}`);
    found.push(...(await strangers(one)).map((what) => `${path}, without scripts: ${what}`));
  };
  const lookAtAwake = async (one, path) => {
    await one.setViewportSize(PHONE);
    await open(one, server, path);
    found.push(...(await strangers(one)).map((what) => `${path}: ${what}`));
    await one.setViewportSize(DESKTOP);
    found.push(...(await strangers(one)).map((what) => `${path}, on a desk: ${what}`));
  };
  await Promise.all([sideBySide([still], paths, lookAtStill), sideBySide(pages, paths, lookAtAwake)]);
  for (const one of pages.slice(1)) await one.close();
  expect(found).toEqual([]);
};

/** Nothing of the corpus is more than text on a page as it is now, on a phone and on a desk. */
export const calm = async (page, where) => {
  for (const viewport of [PHONE, DESKTOP]) {
    await page.setViewportSize(viewport);
    expect(await strangers(page), where).toEqual([]);
  }
};
