// On a slow line the page is there to be read and filled in before its scripts are: nothing done then may be lost.
import { PASSWORD } from '../lib/server.js';
import { awake, expect, goToMore, signIn, test } from '../lib/test.js';
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
  await signIn(page, server);
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
  await signIn(page, server);
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

test('the caret stays where it was put before the page woke up', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('bandung-1'));
  await signIn(page, server);
  const release = await held(page);
  await page.goto(`${server.url}/`, { waitUntil: 'commit' });
  const filter = page.getByRole('searchbox', { name: en.toolbar_filter });
  await filter.pressSequentially('dung');
  await page.keyboard.press('Home');
  release();
  await awake(page);
  await page.keyboard.type('ban');
  await expect(filter).toHaveValue('bandung');
});

/** Keeps the answers to one server function back, and tells what was asked. */
const kept = async (page, name) => {
  const asked = [];
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route(`**/api/${name}`, async (route) => {
    asked.push(route.request());
    await released;
    await route.continue();
  });
  return { asked, release };
};

for (const when of ['before the page woke up', 'once it is awake']) {
  test(`a switch pressed twice ${when} is asked for in turns, and stands as it stood`, async ({ page, server, target }) => {
    const device = await server.addDevice(target.tunnel('bandung-1'));
    const other = await server.addDevice(target.tunnel('bandung-2'));
    await signIn(page, server);
    const release = await held(page);
    const { asked, release: answer } = await kept(page, 'set_device_enabled');
    await page.goto(`${server.url}/admin/routers`, { waitUntil: 'commit' });
    const enabled = page.getByRole('switch', { name: fill(en.router_enabled_of, { name: 'bandung-1' }) });
    const twice = async () => {
      await enabled.click();
      await enabled.click();
    };
    if (when.startsWith('before')) {
      await twice();
      release();
      await awake(page);
    } else {
      release();
      await awake(page);
      await twice();
    }
    await expect(enabled).toBeChecked();
    await expect.poll(() => asked.length).toBe(1);
    // What was wanted last is asked for though its list is gone.
    await page.getByRole('link', { name: 'bandung-2' }).click();
    await goToMore(page, en.nav_users);
    answer();
    await expect.poll(() => asked.length).toBe(2);
    await (await asked[1].response()).finished();
    for (const { id } of [device, other]) {
      expect((await server.ask('GET', `/api/devices/${id}`)).enabled).toBe(true);
    }
  });
}

test.describe('while the page wakes up', () => {
  // A page that was changed on its way does not count as one of this machine.
  test.use({ tolerated: [/ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS/] });

  /** Opens a page that waits for us between two parts of its waking; gives how it comes there, and how it goes on. */
  const halted = async (page, url) => {
    const release = await held(page);
    await page.route(url, async (route) => {
      const answer = await route.fetch();
      const [loop, text] = ['while (app.go_on())', await answer.text()];
      expect(text).toContain(loop);
      const waiting = "document.documentElement.dataset.waking = ''; while (app.go_on() || !window.mayGoOn)";
      await route.fulfill({ response: answer, body: text.replace(loop, waiting) });
    });
    await page.goto(url, { waitUntil: 'commit' });
    const begin = async () => {
      release();
      await page.locator('html[data-waking]').waitFor({ state: 'attached' });
    };
    const end = async () => {
      await page.evaluate(() => (window.mayGoOn = true));
      await awake(page);
    };
    return { begin, end };
  };

  test('a switch that was pressed before, pressed again, stands as it stood', async ({ page, server, target }) => {
    const device = await server.addDevice(target.tunnel('bandung-1'));
    await signIn(page, server);
    const { asked, release: answer } = await kept(page, 'set_device_enabled');
    answer();
    const { begin, end } = await halted(page, `${server.url}/admin/routers`);
    const enabled = page.getByRole('switch', { name: fill(en.router_enabled_of, { name: 'bandung-1' }) });
    await enabled.click();
    await expect(enabled).not.toBeChecked();
    await begin();
    await enabled.click();
    await end();
    await expect(enabled).toBeChecked();
    await expect.poll(() => asked.length).toBeGreaterThan(0);
    await (await asked.at(-1).response()).finished();
    expect((await server.ask('GET', `/api/devices/${device.id}`)).enabled).toBe(true);
    await expect(enabled).toBeChecked();
  });

  for (const [what, act] of [
    ['clicked into', (filter) => filter.click()],
    ['left', (filter) => filter.blur()],
  ]) {
    test(`a field that was typed into before, ${what}, filters by what was typed`, async ({ page, server, target }) => {
      await server.addDevice(target.tunnel('bandung-1'));
      await server.addDevice(target.tunnel('jakarta-1'));
      await signIn(page, server);
      const { begin, end } = await halted(page, `${server.url}/`);
      const filter = page.getByRole('searchbox', { name: en.toolbar_filter });
      await filter.pressSequentially('jak');
      await begin();
      await act(filter);
      await end();
      await expect(filter).toHaveValue('jak');
      await expect(page.getByRole('row', { name: /jakarta-1/ })).toBeVisible();
      await expect(page.getByRole('row', { name: /bandung-1/ })).toHaveCount(0);
    });
  }

  for (const again of ['kind_server', 'kind_switch']) {
    test(`of a row of choices the last counts, ${again}`, async ({ page, server }) => {
      await signIn(page, server);
      const { begin, end } = await halted(page, `${server.url}/admin/routers/new`);
      const choice = (kind) => page.getByRole('radio', { name: new RegExp(`^${en[kind]}`) });
      await choice('kind_switch').check();
      await begin();
      await choice(again).click();
      await end();
      await expect(choice(again)).toBeChecked();
      await page.getByRole('textbox', { name: en.router_name, exact: true }).fill('bandung-1');
      await page.getByRole('textbox', { name: en.router_address, exact: true }).fill('127.0.0.1');
      await page.getByRole('button', { name: en.router_add, exact: true }).click();
      const kinds = async () => (await server.ask('GET', '/api/devices')).devices.map(({ device_type: kind }) => kind);
      await expect.poll(kinds).toEqual([again.replace('kind_', '')]);
    });
  }
});

/** Presses the switch of a device and comes back to the list before that is answered. */
const pressAndComeBack = async (page, server, target, once = async () => {}) => {
  await server.addDevice(target.tunnel('bandung-1'));
  await signIn(page, server);
  const { asked, release } = await kept(page, 'set_device_enabled');
  await page.goto(`${server.url}/admin/routers`);
  await awake(page);
  const enabled = page.getByRole('switch', { name: fill(en.router_enabled_of, { name: 'bandung-1' }) });
  await enabled.click();
  await expect.poll(() => asked.length).toBe(1);
  await once();
  await goToMore(page, en.nav_users);
  await page.getByRole('link', { name: en.nav_routers, exact: true }).click();
  const answer = async () => {
    release();
    await (await asked[0].response()).finished();
  };
  return { enabled, answer };
};

test('an answer that comes while the next list is being read shows in that list', async ({ page, server, target }) => {
  let forms;
  const { enabled, answer } = await pressAndComeBack(page, server, target, async () => {
    forms = await kept(page, 'load_check_forms');
  });
  await expect.poll(() => forms.asked.length).toBe(1);
  await answer();
  forms.release();
  await expect(enabled).not.toBeChecked();
});

test('what was asked for in a list that was left shows in the next one', async ({ page, server, target }) => {
  const { enabled, answer } = await pressAndComeBack(page, server, target);
  await expect(enabled).not.toBeChecked();
  await answer();
  await expect(enabled).not.toBeChecked();
});

test('theme and language chosen before the page woke up are both kept', async ({ page, server }) => {
  const release = await held(page);
  await page.goto(`${server.url}/login`, { waitUntil: 'commit' });
  await page.getByLabel(en.language_label).selectOption('ru');
  await page.getByRole('button', { name: en.theme_dark }).click();
  release();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ru');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

for (const [what, file, answer] of [
  ['scripts do not arrive', 'app.wasm', (route) => route.abort()],
  ['words are of another build', 'words-en.txt', (route) => route.fulfill({ body: '0123456789abcdef\nAdd\n' })],
]) {
  test(`a page whose ${what} says so`, async ({ page, server, tolerated }) => {
    tolerated.push(/app\.wasm|Failed to fetch|ERR_FAILED|not those of this script/);
    await signIn(page, server);
    await page.route(`**/pkg/${file}`, answer);
    await page.goto(`${server.url}/`);
    const said = page.getByRole('alert').filter({ hasText: en.unwoken });
    await expect(said).toBeVisible();
    await page.unroute(`**/pkg/${file}`);
    await said.getByRole('link', { name: en.action_again }).click();
    await awake(page);
    await expect(said).toHaveCount(0);
  });
}

test('without scripts a login that has to wait can be tried again', async ({ server, browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${server.url}/login`);
  const tryIt = async (password) => {
    await page.getByLabel(en.user_name).fill('admin');
    await page.getByLabel(en.password, { exact: true }).fill(password);
    await page.getByRole('button', { name: en.login_submit }).click();
  };
  const told = page.getByRole('alert');
  await expect(async () => {
    await tryIt('wrong horse battery');
    await expect(told).toContainText(en.failure_too_many_other.split('.')[0], { timeout: 500 });
  }).toPass();
  await expect(async () => {
    await tryIt(PASSWORD);
    await expect(page).toHaveURL(`${server.url}/`);
  }).toPass();
  await context.close();
});

test('what was pressed and switched before the page woke up is done when it does', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('bandung-1'));
  await signIn(page, server);
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
