// The logs of routers: on a router's page and of the whole fleet, growing while somebody looks.
import { readFile } from 'node:fs/promises';
import { Router } from '../lib/router.js';
import { expect, goToMore, logIn, open, signIn, test as base } from '../lib/test.js';
import { en } from '../lib/words.js';

const test = base.extend({
  router: async ({}, use) => {
    const router = await Router.start();
    await use(router);
    await router.stop();
  },

  /** A watched router, and its number. */
  device: async ({ server, router }, use) => {
    const made = await server.addDevice({
      name: 'gate', ip_address: '127.0.0.1', device_type: 'router',
      checks: [{ kind: 'routeros', interval_seconds: 5 }],
      routeros: { ...Router.login, port: router.port },
    });
    await use(made.id);
  },
});

/** What was written by `/log`; who came and went to write it is another matter. */
const lines = (page) => page.locator('.log-line').filter({ hasText: 'script' });

/** Lines that would run, move or hide something if they were more than text. */
const HOSTILE = [
  '<script>document.title = "owned"</script>',
  '<img src=x onerror="document.title=\'owned\'">',
  '"><svg onload=document.title="owned">',
  'javascript:alert(1)',
  '{{constructor.constructor("document.title=1")()}}',
  "'; DROP TABLE log_lines; --",
  '\u001b]0;owned\u0007\u001b[2J',
  'abc\u202egpj.exe',
  '=HYPERLINK("http://192.0.2.1")',
  '%3Cscript%3E &lt;b&gt; &#x3c;i&#x3e;',
];

test('a router\'s log is on its page, grows while somebody looks, and can be searched', async ({ page, server, router, device }) => {
  await router.log('warning', 'first of all');
  await signIn(page, server);
  await open(page, server, `/devices/${device}`);
  await expect(lines(page).filter({ hasText: 'first of all' })).toContainText(en.log_level_warning, { timeout: 20_000 });
  await router.log('error', 'something broke');
  await expect(lines(page).first()).toContainText('something broke', { timeout: 15_000 });
  await page.getByRole('combobox', { name: en.log_severity }).selectOption({ label: en.log_level_error });
  await expect(lines(page)).toHaveCount(1);
  await page.getByRole('combobox', { name: en.log_severity }).selectOption({ label: en.log_any });
  await expect(lines(page)).toHaveCount(2);
  await page.getByLabel(en.audit_text, { exact: true }).fill('FIRST');
  await page.getByRole('button', { name: en.list_filter }).click();
  await expect(lines(page)).toHaveCount(1);
  await page.getByLabel(en.audit_text, { exact: true }).fill('nowhere');
  await page.getByRole('button', { name: en.list_filter }).click();
  await expect(page.getByText(en.audit_none)).toBeVisible();
});

test('what is paused stays as it is, and goes on when asked', async ({ page, server, router, device }) => {
  await router.log('info', 'before');
  await signIn(page, server);
  await open(page, server, '/logs');
  await expect(lines(page).filter({ hasText: 'before' })).toHaveCount(1, { timeout: 20_000 });
  await page.getByRole('button', { name: en.log_pause }).click();
  await router.log('info', 'meanwhile');
  const written = async () => (await server.ask('GET', `/api/devices/${device}/logs?topics=script`)).lines.length;
  await expect.poll(written, { timeout: 20_000 }).toBe(2);
  await expect(lines(page)).toHaveCount(1);
  await page.getByRole('button', { name: en.log_resume }).click();
  await expect(lines(page).first()).toContainText('meanwhile');
});

test('whatever a router writes is text', async ({ page, server, router, device }) => {
  for (const line of HOSTILE) await router.log('info', line);
  await logIn(page, server);
  await goToMore(page, en.logs_title);
  await expect(lines(page)).toHaveCount(HOSTILE.length, { timeout: 20_000 });
  for (const path of ['/logs', `/devices/${device}`]) {
    await open(page, server, path);
    await expect(lines(page)).toHaveCount(HOSTILE.length);
    await expect(lines(page).filter({ hasText: HOSTILE[0] })).toHaveCount(1);
    await expect(lines(page).filter({ hasText: 'abc[U+202E]gpj.exe' })).toHaveCount(1);
    await expect(lines(page).filter({ hasText: '␛]0;owned␇␛[2J' })).toHaveCount(1);
    expect(await page.title()).not.toContain('owned');
  }
});

test('the fleet\'s lines are filtered by their address, taken along as a file, and without scripts', async ({ page, another, server, router, device }) => {
  await router.log('warning', '=1+1');
  await router.log('info', 'usual');
  await signIn(page, server);
  await open(page, server, '/logs');
  await expect(lines(page)).toHaveCount(2, { timeout: 20_000 });
  await page.getByRole('combobox', { name: en.log_severity }).selectOption({ label: en.log_level_warning });
  await page.getByRole('button', { name: en.list_filter }).click();
  await expect(page).toHaveURL(/severity=warning/);
  await expect(lines(page)).toHaveCount(1);
  await expect(lines(page).getByRole('link', { name: 'gate' })).toHaveAttribute('href', `/devices/${device}`);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toContain(",'=1+1,");
  expect(text.trim().split('\n')).toHaveLength(2);
  const plain = await another({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  await plain.goto(`${server.url}/logs`);
  await expect(lines(plain)).toHaveCount(2);
});

test('an admin switches a log off, and a viewer sees that it is', async ({ page, another, server, router, device }) => {
  await router.log('info', 'a line');
  await signIn(page, server);
  await open(page, server, `/devices/${device}`);
  await expect(lines(page)).toHaveCount(1, { timeout: 20_000 });
  await page.getByRole('button', { name: en.log_switch_off }).click();
  await expect(page.getByRole('button', { name: en.log_switch_on })).toBeVisible();
  await expect(page.getByText(en.log_off)).toBeVisible();
  const other = await another();
  await signIn(other, server, 'viewer');
  await open(other, server, `/devices/${device}`);
  await expect(other.getByText(en.log_off)).toBeVisible();
  await expect(other.getByRole('button', { name: en.log_switch_on })).toHaveCount(0);
});
