// What on a page shuts people out, as axe-core finds it.
import AxeBuilder from '@axe-core/playwright';

export const axeFindings = async (page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
};
