// The device form: adding, editing, what it refuses, and what it never loses.
import { Router } from '../lib/router.js';
import { expect, open, signIn, test } from '../lib/test.js';
import { en, fill } from '../lib/words.js';

const kind = (page, name) => page.getByRole('radio', { name: new RegExp(`^${name}`) });
const field = (place, name) => place.getByRole('textbox', { name, exact: true });
const check = (page, name) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
const save = (page) => page.getByRole('button', { name: en.action_save, exact: true });
const add = (page) => page.getByRole('complementary').getByRole('button', { name: en.router_add, exact: true });

test.beforeEach(async ({ page, server }) => {
  await signIn(page, server);
});

test('a device that was added is in the list, and watched', async ({ page, server, target }) => {
  await open(page, server, '/admin/routers/new');
  await kind(page, en.kind_server).check();
  await field(page, en.router_name).fill('files');
  await field(page, en.router_address).fill('127.0.0.1');
  await page.getByRole('button', { name: en.check_tcp, exact: true }).click();
  await field(check(page, en.check_tcp), en.check_tcp_port).fill(String(target.port));
  await field(page, en.router_location).fill('Bandung');
  await add(page).click();
  await expect(page).toHaveURL(`${server.url}/admin/routers`);
  await expect(page.getByRole('row', { name: /files/ })).toContainText('Bandung');
  const { devices } = await server.ask('GET', '/api/devices');
  expect(devices.map((device) => device.name)).toEqual(['files']);
});

test('what is wrong is said at its field, by the page and by the server', async ({ page, server, target, tolerated }) => {
  tolerated.push(/\/api\/create_device/);
  await server.addDevice(target.tunnel('branch-1'));
  await open(page, server, '/admin/routers/new');
  await kind(page, en.kind_tunnel).check();
  await field(page, en.router_address).fill('1.2.3');
  await field(check(page, en.check_tcp), en.check_tcp_port).fill('70000');
  await add(page).click();
  const port = field(check(page, en.check_tcp), en.check_tcp_port);
  for (const refused of [field(page, en.router_name), field(page, en.router_address), port]) {
    await expect(refused).toHaveAttribute('aria-invalid', 'true');
  }
  await expect(field(page, en.router_name)).toBeFocused();
  await expect(page.getByText(en.error_address)).toBeVisible();

  await field(page, en.router_name).fill('branch-1');
  await field(page, en.router_address).fill('127.0.0.1');
  await port.fill(String(target.port));
  await add(page).click();
  await expect(page.getByText(en.error_taken)).toBeVisible();
  await expect(field(page, en.router_name)).toHaveAttribute('aria-invalid', 'true');
  await expect(port).not.toHaveAttribute('aria-invalid', 'true');
});

test('each check keeps the fields of its own kind after saving', async ({ page, server, target }) => {
  const checks = [{ kind: 'tcp', settings: { port: target.port } }, { kind: 'icmp' }];
  const device = await server.addDevice(target.tunnel('branch-1', { checks }));
  await open(page, server, `/admin/routers/${device.id}`);
  await page.getByRole('button', { name: fill(en.check_remove, { kind: en.check_tcp }) }).click();
  await page.getByRole('button', { name: en.check_tcp, exact: true }).click();
  await field(check(page, en.check_tcp), en.check_tcp_port).fill('4433');
  await save(page).click();
  await expect(page.getByText(fill(en.router_said_saved, { name: 'branch-1' }))).toBeVisible();
  await expect(field(check(page, en.check_tcp), en.check_tcp_port)).toHaveValue('4433');
  await expect(field(check(page, en.check_tcp), en.check_icmp_count)).toHaveCount(0);
  await expect(field(check(page, en.check_icmp), en.check_icmp_count)).toHaveCount(1);
  await expect(page.getByText(en.form_unsaved)).toBeHidden();
});

test('what was typed while saving is kept, and still to be saved', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await open(page, server, `/admin/routers/${device.id}`);
  let goOn;
  const held = new Promise((resolve) => (goOn = resolve));
  await page.route('**/api/update_device', async (route) => {
    await held;
    await route.continue();
  });
  await field(page, en.router_vendor).fill('MikroTik');
  await save(page).click();
  await field(page, en.router_model).fill('hEX S');
  goOn();
  await expect(page.getByText(fill(en.router_said_saved, { name: 'branch-1' }))).toBeVisible();
  await expect(field(page, en.router_vendor)).toHaveValue('MikroTik');
  await expect(field(page, en.router_model)).toHaveValue('hEX S');
  await expect(page.getByText(en.form_unsaved)).toBeVisible();
});

test('the form and the sheet of one device never act for another', async ({ page, server, target }) => {
  const first = await server.addDevice(target.tunnel('branch-1'));
  const second = await server.addDevice(target.tunnel('branch-2'));
  const asked = [];
  page.on('request', (request) => {
    // The pages' wire: a small number is one byte, doubled; one that may be absent has a 1 before it.
    const place = { update_device: 0, check_now: 1 }[request.url().split('/').pop()];
    if (place !== undefined) asked.push(request.postDataBuffer()[place] / 2);
  });
  await open(page, server, `/admin/routers/${first.id}`);
  await page.getByRole('link', { name: 'branch-2' }).click();
  await expect(field(page, en.router_name)).toHaveValue('branch-2');
  await field(page, en.router_vendor).fill('MikroTik');
  await save(page).click();
  await expect(page.getByText(fill(en.router_said_saved, { name: 'branch-2' }))).toBeVisible();
  expect(asked).toEqual([second.id]);

  await open(page, server, '/');
  await page.getByRole('row', { name: /branch-1/ }).click();
  const drawer = page.getByRole('complementary', { name: en.drawer_label });
  await expect(drawer.getByRole('heading', { name: 'branch-1' })).toBeVisible();
  await page.getByRole('row', { name: /branch-2/ }).click();
  await expect(drawer.getByRole('heading', { name: 'branch-2' })).toBeVisible();
  await drawer.getByRole('button', { name: en.device_check }).click();
  await expect(page.getByText(en.device_checked)).toBeVisible();
  expect(asked).toEqual([second.id, second.id]);
});

test('a form goes on working after it was saved', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await open(page, server, `/admin/routers/${device.id}`);
  await field(page, en.router_name).fill('branch-2');
  await save(page).click();
  await expect(page.getByText(fill(en.router_said_saved, { name: 'branch-2' }))).toBeVisible();
  await page.getByRole('button', { name: en.action_remove, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: fill(en.remove_title, { name: 'branch-2' }) });
  await dialog.getByRole('textbox').fill('branch-2');
  await expect(dialog.getByRole('button', { name: en.remove_do })).toBeEnabled();
});

test('a router’s login is tried before it is kept, and its password never comes back', async ({ page, server }) => {
  const router = await Router.start();
  await open(page, server, '/admin/routers/new');
  await kind(page, en.kind_router).check();
  await field(page, en.router_name).fill('edge-1');
  await field(page, en.router_address).fill('127.0.0.1');
  await page.getByRole('switch', { name: en.login_tls }).uncheck();
  await field(page, en.login_port).fill(String(router.port));
  await expect(page.getByText(en.login_plain_warning)).toBeVisible();
  await field(page, en.login_username).fill(Router.login.username);
  await page.getByLabel(en.password, { exact: true }).fill('wrong');
  await page.getByRole('button', { name: en.probe_test }).click();
  await expect(page.getByText(en.probe_failed)).toBeVisible();
  await page.getByLabel(en.password, { exact: true }).fill(Router.login.password);
  await page.getByRole('button', { name: en.probe_test }).click();
  await expect(page.getByText(en.probe_all)).toBeVisible();
  await add(page).click();
  await page.getByRole('link', { name: 'edge-1' }).click();
  await expect(page.getByLabel(en.password, { exact: true })).toHaveValue('');
  expect(await page.content()).not.toContain(Router.login.password);

  // Another kind has no login: that it goes is said before it is done.
  await expect(page.getByText(en.login_will_be_removed)).toBeHidden();
  await kind(page, en.kind_server).check();
  await expect(page.getByText(en.login_will_be_removed)).toBeVisible();
  await kind(page, en.kind_router).check();
  await expect(page.getByText(en.login_will_be_removed)).toBeHidden();
  await expect(page.getByText(en.form_unsaved)).toBeHidden();
  await router.stop();
});

test('a device is removed only when its name was typed', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await open(page, server, `/admin/routers/${device.id}`);
  await page.getByRole('button', { name: en.action_remove, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: fill(en.remove_title, { name: 'branch-1' }) });
  await expect(dialog.getByRole('button', { name: en.remove_do })).toBeDisabled();
  await dialog.getByRole('textbox').fill('branch-2');
  await expect(dialog.getByRole('button', { name: en.remove_do })).toBeDisabled();
  await dialog.getByRole('textbox').fill('branch-1');
  await dialog.getByRole('button', { name: en.remove_do }).click();
  await expect(page).toHaveURL(`${server.url}/admin/routers`);
  await expect(page.getByRole('row', { name: /branch-1/ })).toHaveCount(0);
  expect((await server.ask('GET', '/api/devices')).total).toBe(0);
});

test('keys pressed in a question do nothing to the form behind it', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await open(page, server, `/admin/routers/${device.id}`);
  await page.getByRole('button', { name: en.action_remove, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: fill(en.remove_title, { name: 'branch-1' }) });
  await expect(dialog.getByRole('textbox')).toBeFocused();
  let saves = 0;
  page.on('request', (request) => (saves += request.url().includes('/api/update_device') ? 1 : 0));
  await page.keyboard.press('Control+s');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(field(page, en.router_name)).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/admin/routers/${device.id}`);
  expect(saves).toBe(0);
});

test('nothing that was typed is left behind unasked', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await open(page, server, '/admin/routers');
  await page.getByRole('link', { name: 'branch-1' }).click();
  await field(page, en.router_vendor).fill('MikroTik');
  const here = `${server.url}/admin/routers/${device.id}`;
  const questions = [];
  page.on('dialog', (dialog) => {
    questions.push(dialog.message());
    return dialog.dismiss();
  });
  const stays = async (leave) => {
    const asked = questions.length;
    await leave();
    await expect.poll(() => questions.length).toBe(asked + 1);
    await expect(page).toHaveURL(here);
    await expect(field(page, en.router_vendor)).toHaveValue('MikroTik');
  };
  await stays(() => page.goBack());
  await stays(() => page.getByRole('link', { name: en.nav_dashboard, exact: true }).click());
  await stays(async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: en.palette_title }).fill(en.nav_account);
    await page.keyboard.press('Enter');
  });
  await page.keyboard.press('Escape');
  expect(new Set(questions)).toEqual(new Set([en.form_leave]));

  // To jump to the content is not to leave.
  await page.getByRole('link', { name: en.nav_skip }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${here}#main`);
  await expect(field(page, en.router_vendor)).toHaveValue('MikroTik');
  expect(questions).toHaveLength(3);
});

test('a device added elsewhere appears in the open list', async ({ page, server, target }) => {
  await open(page, server, '/admin/routers');
  await expect(page.getByText(en.routers_empty_title)).toBeVisible();
  await server.addDevice(target.tunnel('branch-1'));
  await expect(page.getByRole('row', { name: /branch-1/ })).toBeVisible();
});

test('a device paused elsewhere is paused in the open list, and resumed from there', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('bandung-1'));
  await open(page, server, '/admin/routers');
  const enabled = page.getByRole('switch', { name: fill(en.router_enabled_of, { name: 'bandung-1' }) });
  await expect(enabled).toBeChecked();
  await server.ask('PUT', `/api/devices/${device.id}`, { ...device, enabled: false });
  await expect(enabled).not.toBeChecked();
  await enabled.click();
  await expect.poll(async () => (await server.ask('GET', `/api/devices/${device.id}`)).enabled).toBe(true);
  await expect(enabled).toBeChecked();
});

test('a form follows what is changed elsewhere, and keeps what was typed in it', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('bandung-1'));
  await open(page, server, `/admin/routers/${device.id}`);
  const stored = () => server.ask('GET', `/api/devices/${device.id}`);
  const enabled = page.getByRole('switch', { name: fill(en.router_enabled_of, { name: 'bandung-1' }) });
  await enabled.click();
  await expect(page.getByRole('complementary').getByRole('switch', { name: en.router_enabled })).not.toBeChecked();
  await expect.poll(async () => (await stored()).enabled).toBe(false);
  await field(page, en.router_model).fill('hEX S');
  // The list hears of the name, and nothing of the vendor.
  await server.ask('PUT', `/api/devices/${device.id}`, { ...(await stored()), name: 'bandung-9', vendor: 'MikroTik' });
  await expect(page.getByRole('link', { name: 'bandung-9' })).toBeVisible();
  await server.ask('PUT', `/api/devices/${device.id}`, { ...(await stored()), description: 'on the roof' });
  await save(page).click();
  await expect(page.getByText(fill(en.router_said_saved, { name: 'bandung-9' }))).toBeVisible();
  const { name, vendor, model, description, enabled: isEnabled } = await stored();
  expect({ name, vendor, model, description, isEnabled }).toEqual({
    name: 'bandung-9',
    vendor: 'MikroTik',
    model: 'hEX S',
    description: 'on the roof',
    isEnabled: false,
  });
  await expect(field(page, en.router_vendor)).toHaveValue('MikroTik');
  await expect(page.getByText(en.form_unsaved)).toHaveCount(0);
});

test('that a device was removed elsewhere is said where it is seen', async ({ page, server, target, tolerated }) => {
  tolerated.push(/404/);
  const device = await server.addDevice(target.tunnel('bandung-1'));
  await open(page, server, `/admin/routers/${device.id}`);
  await field(page, en.router_vendor).fill('MikroTik');
  await server.ask('DELETE', `/api/devices/${device.id}`);
  await save(page).click();
  await expect(page.getByRole('alert').filter({ hasText: en.failure_not_found })).toBeInViewport();
});

test('what is saved shows in the list though its form was closed meanwhile', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('bandung-1'));
  await open(page, server, `/admin/routers/${device.id}`);
  let goOn;
  const held = new Promise((resolve) => (goOn = resolve));
  await page.route('**/api/update_device', async (route) => {
    await held;
    await route.continue();
  });
  page.on('dialog', (question) => question.accept());
  await field(page, en.router_name).fill('bandung-9');
  await save(page).click();
  await page.getByRole('complementary').getByRole('link', { name: en.action_cancel }).click();
  await expect(field(page, en.router_name)).toHaveCount(0);
  goOn();
  await expect(page.getByText(fill(en.router_said_saved, { name: 'bandung-9' }))).toBeVisible();
  await expect(page.getByRole('link', { name: 'bandung-9' })).toBeVisible();
});

test('what was saved while the list was being asked for stays as it was saved', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('bandung-1'));
  await open(page, server, `/admin/routers/${device.id}`);
  let goOn;
  const held = new Promise((resolve) => (goOn = resolve));
  let asked = 0;
  await page.route('**/api/load_devices', async (route) => {
    const response = await route.fetch();
    asked += 1;
    await held;
    await route.fulfill({ response });
  });
  const enabled = page.getByRole('switch', { name: fill(en.router_enabled_of, { name: 'bandung-1' }) });
  await enabled.click();
  await expect.poll(() => asked).toBe(1);
  await field(page, en.router_vendor).fill('MikroTik');
  await field(page, en.router_name).fill('bandung-9');
  await save(page).click();
  await expect(page.getByRole('link', { name: 'bandung-9' })).toBeVisible();
  goOn();
  await expect.poll(() => asked).toBeGreaterThan(1);
  await expect(page.getByRole('link', { name: 'bandung-9' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'bandung-1' })).toHaveCount(0);
});

test('a device is removed from its own page, and found nowhere afterwards', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await open(page, server, `/devices/${device.id}`);
  await page.getByRole('button', { name: en.action_remove, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: fill(en.remove_title, { name: 'branch-1' }) });
  await dialog.getByRole('textbox').fill('branch-1');
  await dialog.getByRole('button', { name: en.remove_do }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByText(fill(en.router_said_removed, { name: 'branch-1' }))).toBeVisible();
  await expect(page.getByRole('row', { name: /branch-1/ })).toHaveCount(0);
});

test('the last device may go before the list that shows it was measured', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await open(page, server, `/devices/${device.id}`);
  // What the page wants to do with its next frame waits until the list is gone.
  await page.evaluate(() => {
    const frames = [];
    window.requestAnimationFrame = (act) => frames.push(act);
    window.drawAtLast = () => frames.splice(0).forEach((act) => act(performance.now()));
  });
  await page.locator('a.back').click();
  await expect(page.getByRole('row', { name: /branch-1/ })).toBeVisible();
  await server.ask('DELETE', `/api/devices/${device.id}`);
  await expect(page.getByRole('heading', { name: en.empty_title })).toBeVisible();
  await page.evaluate(() => window.drawAtLast());
  await expect(page.getByRole('row', { name: /branch-1/ })).toHaveCount(0);
});

test('what was begun on the page of a device is said though the page was left meanwhile', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  await open(page, server, `/devices/${device.id}`);
  let goOn;
  const held = new Promise((resolve) => (goOn = resolve));
  await page.route('**/api/quiet_now', async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole('button', { name: en.quiet_maintenance, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: fill(en.quiet_now_of, { name: 'branch-1' }) });
  const asked = page.waitForRequest('**/api/quiet_now');
  await dialog.getByRole('button', { name: en.quiet_begin }).click();
  await asked;
  await page.keyboard.press('Escape');
  await page.locator('a.back').click();
  await expect(page.getByRole('row', { name: /branch-1/ })).toBeVisible();
  goOn();
  await expect(page.getByText(en.quiet_said_begun)).toBeVisible();
});

test.describe('before the page is awake', () => {
  test('a password that is typed goes nowhere', async ({ page, server, target }) => {
    const routeros = { ...Router.login, tls: false };
    const device = await server.addDevice(target.tunnel('edge-1', { device_type: 'router', routeros }));
    // Scripts that never arrive leave the page as the server drew it.
    await page.route('**/pkg/app.js', () => {});
    await page.goto(`${server.url}/admin/routers/${device.id}`, { waitUntil: 'commit' });
    await page.getByLabel(en.password, { exact: true }).fill('secret-of-the-router');
    await expect(save(page)).toBeDisabled();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`${server.url}/admin/routers/${device.id}`);
    await expect(page.getByLabel(en.password, { exact: true })).toHaveValue('secret-of-the-router');
  });
});
