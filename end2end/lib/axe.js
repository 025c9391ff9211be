// What on a page shuts people out, as axe-core finds it.
import AxeBuilder from '@axe-core/playwright';
import { expect } from '@playwright/test';

/** No page has frames, so that the page alone is asked, and its answer is put together there and not in another page. */
export const axeFindings = async (page) => {
  expect(page.frames(), 'a frame would have to be asked apart').toHaveLength(1);
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode();
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
};
