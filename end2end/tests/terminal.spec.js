// A device's prompt in the browser, with the test in the server's place: what the page makes of what it is told.
import { axeFindings } from '../lib/axe.js';
import { awake, expect, logInByForm, open, signIn, test } from '../lib/test.js';
import { paste, say, screen, StandIn, terminal } from '../lib/terminal.js';
import { en, fill } from '../lib/words.js';

const PRINT = 'SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8';
const OTHER = 'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDQpvMcL4WVWGTv0AU';
const ESC = '\x1b';

const button = (page, name) => page.getByRole('button', { name, exact: true });
const foot = (page) => page.locator('.term-foot');
const over = (page) => page.getByRole('alert');

test('from a device’s page to its prompt it is one press', async ({ page, server, target }) => {
  const name = 'узел №1 / север'.replace(' / ', ' ');
  const device = await server.addDevice(target.tunnel(name));
  await signIn(page, server);
  const standIn = await StandIn.on(page);
  await open(page, server, `/devices/${device.id}`);
  await page.getByRole('link', { name: en.terminal_title, exact: true }).click();
  const attempt = await standIn.attempt();
  expect(attempt.device).toBe(device.id);
  expect(attempt.hello.ticket).toBe(`for ssh:${device.id}`);
  expect(attempt.hello.columns).toBeGreaterThan(80);
  await expect(page.getByText(en.link_opening)).toHaveCount(2);
  attempt.say(say.signingIn);
  await expect(foot(page)).toContainText(en.terminal_signing_in);
  attempt.say(say.open());
  attempt.write('[admin@узел] > ');
  await expect(screen(page)).toContainText('[admin@узел] >');
  await expect(foot(page)).toContainText(en.link_live);
  await expect(foot(page)).toContainText(`${attempt.hello.columns} × ${attempt.hello.rows}`);
  await page.keyboard.type('/ip');
  await expect.poll(() => attempt.typed.toString()).toBe('/ip');
});

test('the page of a terminal can be opened by its address, and a wrong one says so', async ({ page, server, target, tolerated }) => {
  tolerated.push(/404 \(Not Found\)/);
  await terminal(page, server, target);
  await expect(page).toHaveTitle(/branch-1 · /);
  await open(page, server, '/router/nothing/terminal');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(en.device_gone_title);
});

test('a viewer is offered no terminal, and finds none at its address', async ({ page, server, target, tolerated }) => {
  tolerated.push(/403 \(Forbidden\)/);
  const device = await server.addDevice(target.tunnel('branch-1'));
  await signIn(page, server, 'viewer');
  const standIn = await StandIn.on(page);
  await open(page, server, `/devices/${device.id}`);
  await expect(page.getByRole('link', { name: en.terminal_title })).toHaveCount(0);
  await open(page, server, '/router/branch-1/terminal');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(en.not_allowed_title);
  expect(standIn.attempts).toEqual([]);
});

test('nothing of the terminal comes with any other page', async ({ page, server, target }) => {
  const device = await server.addDevice(target.tunnel('branch-1'));
  const fetched = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  await logInByForm(page, server);
  await open(page, server, `/devices/${device.id}`);
  expect(fetched.filter((path) => /xterm|terminal/.test(path))).toEqual([]);
});

test('a key that was never seen is shown with its fingerprint, and sent back when it is trusted', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.attempt();
  attempt.say(say.hostKey('127.0.0.1:22', 'ssh-ed25519', PRINT));
  const question = page.getByRole('alertdialog', { name: en.terminal_key_title });
  await expect(question).toContainText(PRINT);
  await expect(question).toContainText('ssh_host_ed25519_key.pub');
  await expect(question).toContainText('ssh-keyscan -t ed25519');
  // Enter and no more pins nothing.
  await expect(button(page, en.action_cancel)).toBeFocused();
  await button(page, en.terminal_key_trust).click();
  expect((await attempt.heard('trust')).fingerprint).toBe(PRINT);
  attempt.say(say.open());
  await expect(question).toHaveCount(0);
});

test('a key that was changed stops everything and shows both fingerprints', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.attempt();
  attempt.say(say.ended.hostKeyChanged('127.0.0.1:22', 'ssh-rsa', PRINT, 'ssh-ed25519', OTHER));
  const warning = page.getByRole('alertdialog', { name: en.terminal_changed_title });
  await expect(warning.locator('.term-print')).toHaveText([`${PRINT}ssh-rsa`, `${OTHER}ssh-ed25519`]);
  expect(attempt.words.map((word) => word.kind)).toEqual(['hello']);
  await expect(button(page, en.action_cancel)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(warning).toHaveCount(0);
  await expect(page.locator('.term-over')).toContainText(en.command_cancelled);
  expect(standIn.attempts).toHaveLength(1);
});

test('what the device asks is answered in a form, in its order', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.attempt();
  attempt.say(say.ask('Who are <b>you</b>?', [['Login', true], ['Secret', false]]));
  await expect(page.getByRole('heading', { name: 'Who are <b>you</b>?' })).toBeVisible();
  await page.getByLabel('Login').fill('admin');
  await page.getByLabel('Secret').fill('пароль');
  await expect(page.getByLabel('Secret')).toHaveAttribute('type', 'password');
  await page.keyboard.press('Enter');
  expect((await attempt.heard('answers')).answers).toEqual(['admin', 'пароль']);
  await expect(page.getByText(en.terminal_end_login)).toHaveCount(0);
  attempt.say(say.ask('Who are <b>you</b>?', [['Login', true], ['Secret', false]]));
  await expect(page.getByText(en.terminal_end_login)).toBeVisible();
  attempt.say(say.open());
  await expect(page.locator('.term-foot')).toContainText(en.link_live);
  await expect(page.locator('.term-stage:not([hidden]) textarea')).toBeFocused();
  await page.keyboard.type('x');
  await expect.poll(() => attempt.typed.toString()).toBe('x');
});

test('keys arrive as a terminal sends them, whatever the alphabet', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  await expect(screen(page)).toContainText('router>');
  await page.keyboard.insertText('привет 🦊');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Control+c');
  await expect.poll(() => attempt.typed.toString()).toBe(`привет 🦊\r${ESC}[A\x0b\x03`);
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a letter whose bytes come in two messages is drawn as one', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  const bytes = Buffer.from('Ж🦊 готово');
  for (const byte of bytes) attempt.write([byte]);
  await expect(screen(page)).toContainText('Ж🦊 готово');
});

test('a paste of a megabyte arrives byte for byte, in pieces', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  const said = Array.from({ length: 16_384 }, (_, line) => `/ip address add comment="строка ${line}" `.padEnd(62, '.')).join('\n');
  await paste(page, said);
  const question = page.getByRole('dialog', { name: en.terminal_paste_title });
  await expect(question).toContainText(fill(en.terminal_paste_text_other, { n: 16_384 }));
  await question.getByRole('button', { name: en.terminal_paste, exact: true }).click();
  const expected = said.replaceAll('\n', '\r');
  await expect.poll(() => attempt.typed.length).toBe(Buffer.byteLength(expected));
  expect(attempt.typed.toString() === expected).toBe(true);
  expect(Buffer.byteLength(expected)).toBeGreaterThan(1_000_000);
  expect(Math.max(...attempt.pieces.map((piece) => piece.length))).toBeLessThanOrEqual(16 * 1024);
});

test('what is drawn is told back, so that a flood waits for the screen', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  const line = `${'0123456789'.repeat(7)}\r\n`;
  const sent = 64 * 1024;
  attempt.write(line.repeat(Math.ceil(sent / line.length)));
  await expect.poll(() => attempt.of('drawn').reduce((sum, word) => sum + word.bytes, 0)).toBeGreaterThanOrEqual(sent / 2);
});

test('the size follows the window', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  await page.setViewportSize({ width: 900, height: 500 });
  const { columns, rows } = await attempt.heard('resize');
  expect(columns).toBeLessThan(attempt.hello.columns);
  expect(rows).toBeLessThan(attempt.hello.rows);
  await expect(foot(page)).toContainText(`${columns} × ${rows}`);
  await button(page, en.terminal_larger).click();
  await expect.poll(() => attempt.of('resize').at(-1).columns).toBeLessThan(columns);
});

test('the search finds forwards and backwards and gives the keyboard back', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  attempt.write('ether1 up\r\nether2 down\r\nether3 up\r\n');
  await expect(screen(page)).toContainText('ether3');
  await page.keyboard.press('Control+Shift+F');
  const search = page.getByRole('searchbox', { name: en.palette_title });
  await expect(search).toBeFocused();
  await page.keyboard.type('ether');
  const found = page.locator('.term-found');
  await expect(found).toHaveText(/ \/ 3$/);
  const first = await found.textContent();
  await page.keyboard.press('Enter');
  await expect(found).not.toHaveText(first);
  await page.keyboard.press('Shift+Enter');
  await expect(found).toHaveText(first);
  await page.keyboard.press('Escape');
  await expect(search).toHaveCount(0);
  await page.keyboard.type('q');
  await expect.poll(() => attempt.typed.toString()).toBe('q');
});

test('what is selected is copied, and the clipboard is pasted by a button', async ({ page, server, target, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  attempt.write('serial-4711');
  await expect(screen(page)).toContainText('serial-4711');
  await expect(button(page, en.copy_action)).toBeDisabled();
  const place = await screen(page).locator('div').first().boundingBox();
  await page.mouse.dblclick(place.x + 100, place.y + place.height / 2);
  await button(page, en.copy_action).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('serial-4711');
  await button(page, en.terminal_paste).click();
  await expect.poll(() => attempt.typed.toString()).toBe('serial-4711');
});

test('a device changes neither the title nor the clipboard, and a link of it is followed only when somebody agrees', async ({ page, server, target, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { standIn } = await terminal(page, server, target);
  await page.evaluate(() => navigator.clipboard.writeText('mine'));
  const attempt = await standIn.prompt();
  const title = await page.title();
  attempt.write(`${ESC}]0;hacked\x07${ESC}]2;hacked\x07${ESC}]52;c;aGFja2Vk\x07${ESC}[21t${ESC}]8;;javascript:alert(1)\x07evil${ESC}]8;;\x07 `);
  attempt.write('see http://192.0.2.1/help now');
  await expect(screen(page)).toContainText('see http://192.0.2.1/help');
  expect(await page.title()).toBe(title);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('mine');
  expect(attempt.typed.toString()).toBe('');
  const cell = await screen(page).evaluate((rows) => {
    const row = rows.querySelector('div').getBoundingClientRect();
    const text = rows.querySelector('div').textContent;
    const letter = rows.querySelector('span').getBoundingClientRect().width / rows.querySelector('span').textContent.length;
    return { x: row.x, y: row.y + row.height / 2, letter, evil: text.indexOf('evil'), link: text.indexOf('http') };
  });
  await page.mouse.click(cell.x + (cell.evil + 1) * cell.letter, cell.y);
  await page.mouse.move(cell.x + (cell.link + 3) * cell.letter, cell.y);
  await page.mouse.click(cell.x + (cell.link + 4) * cell.letter, cell.y);
  const question = page.getByRole('dialog', { name: en.terminal_link });
  await expect(question).toContainText('http://192.0.2.1/help');
  await question.getByRole('button', { name: en.action_cancel }).click();
  await expect(question).toHaveCount(0);
  expect(context.pages().length).toBe(1);
});

test('every end says why in a sentence, and what was drawn stays until a new attempt goes on below it', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const ends = [
    [say.ended.closed(0), en.terminal_end_closed],
    [say.ended.closed(130), `${en.terminal_end_closed} (130)`],
    [say.ended.idle, en.terminal_end_idle],
    [say.ended.loginRefused, en.terminal_end_login],
    [say.ended.noCommonAlgorithm('ssh-rsa'), fill(en.terminal_end_algorithm, { needs: 'ssh-rsa' })],
    [say.ended.lost('connection reset'), fill(en.terminal_end_lost, { why: 'connection reset' })],
    [say.ended.stopping, en.terminal_end_stopping],
    [
      say.ended.unreached('192.0.2.1:22', 'connection refused'),
      fill(en.terminal_end_unreached, { host: '192.0.2.1:22', why: 'connection refused' }),
    ],
  ];
  for (const [number, [end, sentence]] of ends.entries()) {
    const attempt = await standIn.prompt(number + 1);
    attempt.write(`visit ${number}\r\n${ESC}[?1049hhalf${ESC}[3`);
    attempt.say(end);
    await expect(over(page)).toContainText(sentence);
    await button(page, en.terminal_again).click();
  }
  await standIn.prompt(ends.length + 1);
  await expect(screen(page)).toContainText('visit 0');
  await expect(screen(page)).toContainText('visit 6');
});

test('a line to Routewarden that breaks is told, and Enter connects again', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const first = await standIn.prompt();
  first.write('one\r\ntwo\r\nthree');
  await expect(screen(page)).toContainText('three');
  first.break();
  await expect(over(page)).toContainText(en.terminal_gone);
  await page.locator('.xterm-helper-textarea').press('Enter');
  const second = await standIn.prompt(2);
  await expect(screen(page)).toHaveText(/one.*two.*three.*router>/);
  await page.keyboard.type('back');
  await expect.poll(() => second.typed.toString()).toBe('back');
});

test('a session that is left alone warns, and stays for whoever says so', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  attempt.say(say.idle(60));
  await expect(page.getByText(en.terminal_idle)).toBeVisible();
  await button(page, en.terminal_stay).click();
  await attempt.heard('stay');
  await expect(page.getByText(en.terminal_idle)).toHaveCount(0);
});

test('a device that asks where the cursor is keeps no terminal open that everybody has left', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  attempt.say(say.idle(60));
  await expect(page.getByText(en.terminal_idle)).toBeVisible();
  attempt.write(`${ESC}[6n${ESC}[c`);
  await expect.poll(() => attempt.answers.join('')).toMatch(/\d+;\d+R.*c$/);
  expect(attempt.typed.toString()).toBe('');
  await expect(page.getByText(en.terminal_idle)).toBeVisible();
  await page.keyboard.type('x');
  await expect(page.getByText(en.terminal_idle)).toHaveCount(0);
});

test('what is pasted cannot end its own brackets', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  attempt.write(`${ESC}[?2004hready`);
  await expect(screen(page)).toContainText('ready');
  await paste(page, `one${ESC}[201~\ntwo\x9b201~\x03\tthree`);
  await expect.poll(() => attempt.typed.toString()).toBe(`${ESC}[200~one[201~\rtwo201~\tthree${ESC}[201~`);
});

test('whoever is recorded or watched is told', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.attempt();
  attempt.say(say.open(7));
  attempt.say(say.watched(2));
  await expect(foot(page)).toContainText(en.terminal_recorded);
  await expect(foot(page)).toContainText(fill(en.terminal_watched, { by: 2 }));
});

test('while something is not recorded the page says that, and not that it is', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.attempt();
  attempt.say(say.open(7));
  await expect(foot(page)).toContainText(en.terminal_recorded);
  attempt.say(say.unrecorded(true));
  await expect(page.getByText(en.terminal_unrecorded)).toBeVisible();
  await expect(foot(page)).not.toContainText(en.terminal_recorded);
  expect(await axeFindings(page)).toEqual([]);
  attempt.say(say.unrecorded(false));
  await expect(page.getByText(en.terminal_unrecorded)).toHaveCount(0);
  await expect(foot(page)).toContainText(en.terminal_recorded);
  attempt.say(say.recordingFull);
  await expect(page.getByText(en.terminal_recording_full)).toBeVisible();
  // A little of it still is.
  await expect(foot(page)).toContainText(en.terminal_recorded);
});

test('a terminal whose device was removed says so, and no other is offered', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  await expect(screen(page)).toContainText('router>');
  attempt.say(say.ended.removed);
  await expect(over(page)).toContainText(en.terminal_end_removed);
  await expect(button(page, en.terminal_again)).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(over(page)).toContainText(en.terminal_end_removed);
  expect(standIn.attempts).toHaveLength(1);
});

test('several terminals stand side by side, of several devices too', async ({ page, server, target }) => {
  const other = await server.addDevice(target.tunnel('branch-2'));
  const { standIn } = await terminal(page, server, target);
  const first = await standIn.prompt();
  await expect(screen(page)).toContainText('router>');
  await button(page, en.terminal_new).click();
  const form = page.getByRole('dialog', { name: en.terminal_new });
  await form.getByRole('combobox').fill('branch-2');
  await form.getByRole('option', { name: /branch-2/ }).click();
  await form.getByRole('button', { name: en.terminal_title, exact: true }).click();
  const second = await standIn.attempt(2);
  expect(second.device).toBe(other.id);
  second.say(say.open());
  second.write('second> ');
  await expect(screen(page)).toContainText('second>');
  // A page that is loaded anew is of the device that was seen.
  await expect(page).toHaveURL(/\/router\/branch-2\/terminal$/);
  await expect(page).toHaveTitle(/^branch-2 · /);
  await page.keyboard.type('two');
  await expect.poll(() => second.typed.toString()).toBe('two');
  await button(page, 'branch-1').click();
  await expect(page).toHaveURL(/\/router\/branch-1\/terminal$/);
  await expect(page).toHaveTitle(/^branch-1 · /);
  await expect(screen(page)).toContainText('router>');
  await page.keyboard.type('one');
  await expect.poll(() => first.typed.toString()).toBe('one');
  await button(page, `${en.action_close}: branch-1`).click();
  await expect(screen(page)).toContainText('second>');
  await button(page, `${en.action_close}: branch-2`).click();
  await expect(page).toHaveURL(/\/devices\/\d+$/);
});

test('an open terminal is not left unasked', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  await standIn.prompt();
  await expect(foot(page)).toContainText(en.link_live);
  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('link', { name: en.drawer_label, exact: true }).click();
  await expect(page).toHaveURL(/\/terminal$/);
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('link', { name: en.drawer_label, exact: true }).click();
  await expect(page).toHaveURL(/\/devices\/\d+$/);
});

test('a phone has the keys that its keyboard has not, and a Ctrl that waits for the next one', async ({ another, server, target }) => {
  const page = await another({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'en-GB' });
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  await expect(screen(page)).toContainText('router>');
  const keys = page.getByRole('group', { name: en.terminal_keys });
  for (const key of ['Tab', 'Esc', '↑', '?', 'Ctrl']) await keys.getByRole('button', { name: key, exact: true }).tap();
  await expect(keys.getByRole('button', { name: 'Ctrl' })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.type('c');
  await expect(keys.getByRole('button', { name: 'Ctrl' })).toHaveAttribute('aria-pressed', 'false');
  await page.keyboard.type('c');
  await expect.poll(() => attempt.typed.toString()).toBe(`\t${ESC}${ESC}[A?\x03c`);
  // A program that reads arrows in the other form gets them so.
  attempt.write(`${ESC}[?1h`);
  await expect
    .poll(async () => {
      await keys.getByRole('button', { name: '↓', exact: true }).tap();
      return attempt.typed.toString();
    })
    .toContain(`${ESC}OB`);
  // Also on a small one none of them is cut.
  await page.setViewportSize({ width: 320, height: 844 });
  const [first, last] = [keys.getByRole('button').first(), keys.getByRole('button').last()];
  await expect.poll(async () => (await first.boundingBox()).x).toBeGreaterThanOrEqual(0);
  await expect
    .poll(async () => {
      const { x, width } = await last.boundingBox();
      return x + width;
    })
    .toBeLessThanOrEqual(320);
  await page.setViewportSize({ width: 390, height: 844 });
  const [prompt, bar] = [await screen(page).boundingBox(), await keys.boundingBox()];
  expect(prompt.y + prompt.height).toBeLessThanOrEqual(bar.y + 1);
  expect(bar.y + bar.height).toBeLessThanOrEqual(844);
});

for (const theme of ['light', 'dark']) {
  test(`the terminal shuts nobody out in the ${theme} theme`, async ({ page, server, target }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const { standIn } = await terminal(page, server, target);
    const findings = [];
    const look = async (when) => findings.push(...(await axeFindings(page)).map((finding) => `${when}: ${finding}`));
    const attempt = await standIn.attempt();
    await look('connecting');
    attempt.say(say.hostKey('127.0.0.1:22', 'ssh-ed25519', PRINT));
    await expect(page.getByRole('alertdialog')).toBeVisible();
    await look('host key');
    attempt.say(say.ask('Login', [['Name', true], ['Password', false]]));
    await expect(page.getByLabel('Name')).toBeVisible();
    await look('questions');
    attempt.say(say.open(1));
    attempt.write(`${Array.from({ length: 16 }, (_, colour) => `${ESC}[38;5;${colour}mcolour ${colour}${ESC}[0m`).join('\r\n')}\r\n`);
    await expect(screen(page)).toContainText('colour 15');
    await page.keyboard.press('Control+Shift+F');
    attempt.say(say.idle(60));
    await expect(page.getByText(en.terminal_idle)).toBeVisible();
    await look('open');
    attempt.say(say.ended.lost('reset'));
    await expect(over(page)).toBeVisible();
    await look('ended');
    expect(findings).toEqual([]);
  });
}

for (const theme of ['light', 'dark']) {
  test(`reverse video is ink and ground exchanged in the ${theme} theme`, async ({ page, server, target }) => {
    await page.emulateMedia({ colorScheme: theme });
    const { standIn } = await terminal(page, server, target);
    const attempt = await standIn.prompt();
    attempt.write(`\r\n${ESC}[7m  PID USER      PR  NI${ESC}[0m\r\n`);
    const head = screen(page).locator('span', { hasText: 'PID USER' }).last();
    await expect(head).toBeVisible();
    const style = (name) => head.evaluate((span, name) => getComputedStyle(span)[name], name);
    const ground = await page.locator('.term').evaluate((term) => getComputedStyle(term).backgroundColor);
    const ink = await screen(page).evaluate((rows) => getComputedStyle(rows).color);
    expect([await style('color'), await style('backgroundColor')]).toEqual([ground, ink]);
  });
}

test('the screen follows the theme', async ({ page, server, target }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  const { standIn } = await terminal(page, server, target);
  await standIn.prompt();
  const ink = () => screen(page).evaluate((rows) => getComputedStyle(rows).color);
  const light = await ink();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(ink).not.toBe(light);
});

test('a screen that does not come says so and can be asked for again', async ({ page, server, target, tolerated }) => {
  tolerated.push(/ERR_FAILED|Failed to load/);
  await page.route('**/vendor/xterm/xterm.mjs', (route) => route.abort());
  await terminal(page, server, target);
  await expect(over(page)).toContainText(en.failure_unreachable);
  await page.unroute('**/vendor/xterm/xterm.mjs');
  await button(page, en.terminal_again).click();
  await awake(page);
  await expect(over(page)).toHaveCount(0);
});
