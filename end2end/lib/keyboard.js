// Finding one's way by keys alone.
import { expect } from '@playwright/test';

const TABS_MAX = 60;

/** Presses Tab until the keyboard is where `wanted` is. */
export const tabTo = async (page, wanted) => {
  for (let pressed = 0; pressed < TABS_MAX; pressed += 1) {
    if (await wanted.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(wanted, `within ${TABS_MAX} tabs`).toBeFocused();
};
