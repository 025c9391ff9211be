// What a viewer may not do is neither offered nor obeyed.
import { expect, open, signIn, test } from '../lib/test.js';
import { forViewers } from '../lib/pages.js';
import { en } from '../lib/words.js';

test('a viewer sees the fleet and is offered no change of it', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await signIn(page, server, 'viewer');
  for (const path of forViewers(device.id)) {
    await open(page, server, path);
    await expect(page.getByRole('link', { name: en.nav_users, exact: true })).toHaveCount(0);
    await expect(page.getByRole('link', { name: en.nav_routers, exact: true })).toHaveCount(0);
  }
});

test('a viewer who types the address of an admin page is told why not', async ({ page, server, tolerated }) => {
  tolerated.push(/403 \(Forbidden\)/);
  await signIn(page, server, 'viewer');
  for (const path of ['/admin/users', '/admin/routers']) {
    await open(page, server, path);
    await expect(page.getByRole('main')).toContainText(en.failure_forbidden);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(en.not_allowed_title);
    await expect(page.getByRole('table')).toHaveCount(0);
  }
});

test('the server refuses what a viewer asks for past the pages', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await signIn(page, server, 'viewer');
  const status = await page.request
    .delete(`${server.url}/api/devices/${device.id}`, { headers: { origin: server.url } })
    .then((answer) => answer.status());
  expect(status).toBe(403);
  expect((await server.ask('GET', '/api/devices')).total).toBe(1);
});
