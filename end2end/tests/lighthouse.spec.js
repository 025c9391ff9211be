// What Lighthouse asks of a page. Its performance is measured by `cargo xtask bench`, on a machine at rest.
import { expect, signIn, test } from '../lib/test.js';
import { scores } from '../lib/lighthouse.js';

const CATEGORIES = ['accessibility', 'best-practices', 'seo'];
const GOAL = 0.95;

test('Lighthouse finds login and dashboard good in all that does not depend on speed', async ({ page, server, target }) => {
  test.slow();
  await server.addDevice(target.tunnel('edge-1'));
  await signIn(page, server);
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  for (const [path, sent] of [['/login', ''], ['/', cookies]]) {
    const found = await scores(`${server.url}${path}`, sent, CATEGORIES);
    expect(found.map(({ id }) => id)).toEqual(CATEGORIES);
    expect(found.filter(({ score }) => score < GOAL), path).toEqual([]);
  }
});
