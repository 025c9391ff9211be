// On a slow line the page is there to be read and filled in before its scripts are: nothing done then may be lost.
import { awake, expect, logIn, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

/** Keeps the scripts away until the answer is called. */
const held = async (page) => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route('**/pkg/app.js', async (route) => {
    await released;
    await route.continue();
  });
  return release;
};

test('what was chosen before the page woke up stays chosen', async ({ page, server }) => {
  await logIn(page, server);
  const release = await held(page);
  await page.goto(`${server.url}/admin/routers/new`, { waitUntil: 'commit' });
  const tunnel = page.getByRole('radio', { name: new RegExp(`^${en.kind_tunnel}`) });
  await page.getByRole('radio', { name: new RegExp(`^${en.kind_switch}`) }).check();
  await tunnel.check();
  release();
  await awake(page);
  await expect(tunnel).toBeChecked();
  await expect(page.getByRole('textbox', { name: en.router_name, exact: true })).toBeVisible();
});

test('what was typed before the page woke up filters when it does', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('bandung-1'));
  await server.addDevice(target.tunnel('jakarta-1'));
  await logIn(page, server);
  const release = await held(page);
  await page.goto(`${server.url}/`, { waitUntil: 'commit' });
  const filter = page.getByRole('searchbox', { name: en.toolbar_filter });
  await filter.pressSequentially('jak');
  release();
  await awake(page);
  await expect(filter).toHaveValue('jak');
  await expect(page.getByRole('row', { name: /jakarta-1/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /bandung-1/ })).toHaveCount(0);
});

test('what was pressed and switched before the page woke up is done when it does', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('bandung-1'));
  await logIn(page, server);
  const release = await held(page);
  await page.goto(`${server.url}/admin/routers/${device.id}`, { waitUntil: 'commit' });
  const enabled = page.getByRole('complementary').getByRole('switch', { name: en.router_enabled, exact: true });
  await enabled.uncheck();
  const remove = page.getByRole('button', { name: fill(en.check_remove, { kind: en.check_tcp }) });
  await remove.click();
  release();
  await awake(page);
  await expect(enabled).not.toBeChecked();
  await expect(remove).toHaveCount(0);
  await expect(page.getByText(en.form_unsaved)).toBeVisible();
});
