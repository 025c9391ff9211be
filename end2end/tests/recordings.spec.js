// What a terminal showed: found again, replayed, searched, taken along, and watched while it goes on.
import { readFile } from 'node:fs/promises';
import { axeFindings } from '../lib/axe.js';
import { button, enter, run, test } from '../lib/shell.js';
import { screen } from '../lib/terminal.js';
import { expect, open, signIn } from '../lib/test.js';
import { answer } from '../lib/wire.js';
import { en, fill } from '../lib/words.js';

const replayed = (page) => page.locator('.replay-screen .xterm-rows');
const rows = (page) => page.getByRole('table', { name: en.recordings_title }).locator('.list-row');

/** The session is over, and all of it is written. */
const leave = async (page, server) => {
  await run(page, 'exit');
  await expect.poll(async () => (await server.ask('GET', '/api/recordings')).recordings[0].end).toBe('closed');
};

/** Events as `app/model/src/recorded.rs` describes them, and a part of a recording that is all of it. */
const varint = (number) => (number < 0x80 ? [number] : [(number % 0x80) | 0x80, ...varint(Math.floor(number / 0x80))]);
const output = (ms, text) => {
  const bytes = Buffer.from(text);
  return [0, ...varint(ms), ...varint(bytes.length), ...bytes];
};
const resized = (ms, columns, rows) => [1, ...varint(ms), ...varint(columns), ...varint(rows)];
/** Behind it follows the part that begins with chunk `next`, if there is one. */
const part = (events, next) => {
  const bytes = events.flat();
  return [...varint(bytes.length), ...bytes, ...(next === undefined ? [0] : [1, ...varint(next)])];
};

const seek = (page, share) =>
  page.getByRole('slider').evaluate((slider, share) => {
    slider.value = String(Math.round(Number(slider.max) * share));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }, share);

/** At the end of a recording, in the place of which stands what is given, in a window of this size. */
const toEnd = async (page, server, id, recorded, viewport) => {
  await page.unroute('**/api/load_recorded');
  await page.route('**/api/load_recorded', (route) => answer(route, 200, recorded));
  await page.setViewportSize(viewport);
  await open(page, server, `/admin/recordings/${id}`);
  await expect(page.getByRole('slider')).toBeVisible();
  await seek(page, 1);
  await expect(replayed(page)).toContainText('end');
};

test('a terminal is found again, replayed, searched and taken along, and nothing that was typed unseen is in it', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  await run(page, "stty -echo; echo hid''den; cat > /dev/null");
  await expect(screen(page)).toContainText('hidden');
  await run(page, 'correct-horse-battery');
  await page.keyboard.press('Control+d');
  await run(page, "stty echo; clear; printf '\\033[1mпри''вет 🦊\\033[0m\\n'");
  await expect(screen(page)).toContainText('привет 🦊');
  await leave(page, server);

  await open(page, server, '/admin/recordings');
  await expect(rows(page)).toContainText('branch-1');
  await expect(rows(page)).toContainText('admin');
  expect(await axeFindings(page)).toEqual([]);
  await rows(page).getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('branch-1');
  await expect(page.getByRole('main')).toContainText(en.recording_end_closed);
  await seek(page, 1);
  await expect(replayed(page)).toContainText('привет 🦊');
  expect(await axeFindings(page)).toEqual([]);
  // Backwards it is drawn anew.
  await seek(page, 0);
  await expect(replayed(page)).not.toContainText('привет');
  await page.getByRole('combobox', { name: en.recording_speed }).selectOption('16');
  await button(page, en.recording_play).click();
  await expect(replayed(page)).toContainText('привет 🦊');
  await expect(button(page, en.recording_play)).toBeVisible();

  await page.getByLabel(en.audit_text, { exact: true }).fill('AT-42');
  await page.locator('.replay-search li button').first().click();
  await expect(replayed(page)).toContainText('at-42');
  await expect(replayed(page)).not.toContainText('привет');
  await page.getByLabel(en.audit_text, { exact: true }).fill('correct-horse');
  await expect(page.getByText(en.audit_none)).toBeVisible();

  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'asciicast' }).click()]);
  const [head, ...events] = (await readFile(await file.path(), 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  expect(head.version).toBe(2);
  const drawn = events.filter(([, kind]) => kind === 'o').map(([, , text]) => text).join('');
  expect(drawn).toContain('привет 🦊');
  expect(drawn).not.toContain('correct-horse');

  await button(page, en.action_remove).click();
  await page.getByRole('dialog').getByRole('textbox').fill('branch-1');
  await button(page, en.remove_do).click();
  await expect(page.getByText(en.recordings_none, { exact: true })).toBeVisible();
  const { entries } = await server.ask('GET', '/api/audit');
  expect(entries.map(({ act }) => act)).toEqual(expect.arrayContaining(['recording_seen', 'recording_removed']));
});

test('the player is played by keys, which it names, and leaves to a button and a text what is theirs', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  await leave(page, server);
  // Twenty seconds, a line in each.
  const events = Array.from({ length: 21 }, (_, second) => output(second * 1_000, `line-${second} ${second % 8 ? '' : 'mark'}\r\n`));
  await page.route('**/api/load_recorded', (route) => answer(route, 200, part(events)));
  await open(page, server, '/admin/recordings');
  await rows(page).getByRole('link').click();
  const [slider, speed] = [page.getByRole('slider'), page.getByRole('combobox', { name: en.recording_speed })];
  const isAt = (second) => expect(slider).toHaveAttribute('aria-valuetext', `0:${String(second).padStart(2, '0')} / 0:20`);
  await isAt(0);
  const help = page.locator('.replay-keys');
  for (const key of [en.recording_key_space, '← →', 'Home End', '- +', '/', 'Enter']) {
    await expect(help.getByText(key, { exact: true })).toBeVisible();
  }
  await page.keyboard.press('?');
  const card = page.getByRole('dialog', { name: en.keys_title });
  for (const what of [en.recording_keys_step, en.recording_keys_ends, en.keys_help]) await expect(card).toContainText(what);
  await expect(card).not.toContainText(en.keys_move);
  await page.keyboard.press('Escape');
  await expect(card).toBeHidden();
  // The browser takes the keyboard from what is hidden a moment later.
  await expect.poll(() => page.evaluate(() => document.activeElement === document.body)).toBe(true);

  await page.keyboard.press('ArrowRight');
  await isAt(5);
  await expect(replayed(page)).toContainText('line-5');
  await page.keyboard.press('End');
  await isAt(20);
  await page.keyboard.press('ArrowLeft');
  await isAt(15);
  await expect(replayed(page)).not.toContainText('line-16');
  await page.keyboard.press('Home');
  await isAt(0);
  // The slider itself steps as far, and the screen has the keys although it could take text.
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await isAt(5);
  await page.locator('.replay-screen').click();
  await page.keyboard.press('ArrowRight');
  await isAt(10);

  await page.keyboard.press('-');
  await expect(speed).toHaveValue('0.5');
  await page.keyboard.press('-');
  await expect(speed).toHaveValue('0.5');
  await page.keyboard.press('+');
  for (const faster of ['2', '4', '8', '16']) {
    await page.keyboard.press('=');
    await expect(speed).toHaveValue(faster);
  }
  await expect(page.getByRole('status').filter({ hasText: `${en.recording_speed} 16×` })).toHaveCount(1);
  await page.keyboard.press('Space');
  await isAt(20);
  await expect(button(page, en.recording_play)).toBeVisible();

  await page.keyboard.press('/');
  const search = page.getByLabel(en.audit_text, { exact: true });
  await expect(search).toBeFocused();
  await page.keyboard.type('mark - = ');
  await expect(search).toHaveValue('mark - = ');
  await expect(speed).toHaveValue('16');
  await search.fill('mark');
  for (const second of [0, 8, 16, 0]) {
    await page.keyboard.press('Enter');
    await isAt(second);
  }
  await page.keyboard.press('Escape');
  await expect(search).not.toBeFocused();
  await page.keyboard.press('ArrowRight');
  await isAt(5);
  // A box is ticked by the same key.
  await page.getByRole('checkbox', { name: en.recording_skip }).focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('checkbox', { name: en.recording_skip })).not.toBeChecked();
  await expect(button(page, en.recording_play)).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
});

test('what stands behind a flood is found as it was printed, and until all is here the search says how far it is', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  await leave(page, server);
  const flood = Array.from({ length: 250_000 }, (_, number) => `${number}\r\n`).join('');
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  let parts = 0;
  await page.route('**/api/load_recorded', async (route) => {
    parts += 1;
    if (parts === 1) return answer(route, 200, part([output(0, flood), output(65_000, 'so far\r\n')], 8));
    await isReleased;
    return answer(route, 200, part([output(66_000, 'Needle-In-The HAY\r\n')]));
  });
  await open(page, server, '/admin/recordings');
  await rows(page).getByRole('link').click();
  const search = page.getByLabel(en.audit_text, { exact: true });
  const found = page.locator('.replay-search li');
  await search.fill('needle-in-the');
  await expect(page.locator('.replay-search')).toContainText(en.recording_searching.split('{')[0].trim());
  await expect(page.getByText(en.audit_none)).toHaveCount(0);
  // What is wished for before it is found is gone to once it is.
  await search.press('Enter');
  release();
  await expect(found).toHaveCount(1);
  await expect(found.locator('code')).toHaveText('Needle-In-The HAY');
  await expect(replayed(page)).toContainText('Needle-In-The');
  // Within the flood each match is shown where it was printed, and marked.
  await search.fill('77777');
  await expect(found).toHaveCount(2);
  for (const [shown, next] of [['77777', '77778'], ['177777', '177778'], ['77777', '177777']]) {
    await search.press('Enter');
    await expect(replayed(page)).toContainText(shown);
    await expect(replayed(page)).not.toContainText(next);
    await expect(page.locator('.replay-screen .xterm-selection div')).not.toHaveCount(0);
  }
  await search.fill('123456');
  await found.getByRole('button').click();
  await expect(replayed(page)).toContainText('123456');
  await expect(replayed(page)).not.toContainText('123457');
  await search.fill('249999');
  await expect(found.locator('code')).toHaveText('249999');
  await search.fill('9');
  await expect(found).toHaveCount(200);
  await expect(page.getByText(fill(en.recording_found_first, { count: 200 }))).toBeVisible();
  await search.fill('no such thing');
  await expect(page.getByText(en.audit_none)).toBeVisible();
});

test('under a tall screen a phone has the player in sight, and a narrow window all of its keys', async ({ page, another, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  await leave(page, server);
  const [{ id }] = (await server.ask('GET', '/api/recordings')).recordings;
  const narrow = { width: 390, height: 844 };
  const phone = await another({ viewport: narrow, hasTouch: true, isMobile: true, locale: 'en-GB' });
  await signIn(phone, server);
  const tall = part([resized(0, 40, 120), output(0, 'top\r\n'), output(5_000, 'end\r\n')]);
  for (const one of [page, phone]) {
    await toEnd(one, server, id, tall, narrow);
    await expect.poll(async () => (await one.locator('.replay-screen').boundingBox()).height).toBeGreaterThan(844);
    await one.evaluate(() => scrollTo(0, 0));
    await expect(button(one, en.recording_play)).toBeInViewport({ ratio: 1 });
    await expect(one.getByRole('slider')).toBeInViewport({ ratio: 1 });
    const [bar, places] = [await one.locator('.replay-bar').boundingBox(), await one.locator('.nav').boundingBox()];
    expect(bar.y + bar.height).toBeLessThanOrEqual(places.y + 1);
    expect(bar.x + bar.width).toBeLessThanOrEqual(390);
    expect(await one.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  }
  for (const key of await page.locator('.replay-keys div').all()) {
    const { x, width } = await key.boundingBox();
    expect(x + width).toBeLessThanOrEqual(390);
  }
  await expect(phone.locator('.replay-keys')).toBeHidden();
  // What a usual window had is shown whole in one, above the player.
  const usual = part([resized(0, 120, 42), output(0, 'top\r\n'), output(5_000, 'end\r\n')]);
  await toEnd(page, server, id, usual, { width: 1280, height: 800 });
  await expect(replayed(page).locator('> div')).toHaveCount(42);
  await page.evaluate(() => scrollTo(0, 0));
  const covered = async () => {
    const [screen, bar] = [await page.locator('.replay-screen').boundingBox(), await page.locator('.replay-bar').boundingBox()];
    return screen.y + screen.height - bar.y;
  };
  await expect.poll(covered).toBeLessThanOrEqual(0);
});

test('another admin looks on while it goes on, and the one at the terminal knows', async ({ page, another, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  const [{ id }] = (await server.ask('GET', '/api/recordings')).recordings;
  const other = await another();
  await signIn(other, server);
  await open(other, server, '/admin/recordings');
  await expect(rows(other)).toContainText(en.link_live);
  await open(other, server, `/admin/recordings/${id}`);
  // What was before they came, and what comes.
  await expect(replayed(other)).toContainText('at-42');
  await run(page, 'echo now-$((20+2))');
  await expect(replayed(other)).toContainText('now-22');
  await expect(page.locator('.term')).toContainText(en.terminal_watched.split('{')[0].trim().split(' ')[0]);
  // Nothing that is typed there reaches the device.
  await other.locator('.replay-screen').click();
  await other.keyboard.type('echo not-$((1+1))\n');
  await run(page, 'echo last-$((3+3))');
  await expect(replayed(other)).toContainText('last-6');
  await expect(screen(page)).not.toContainText('not-2');
  await leave(page, server);
  await expect(button(other, en.recording_play)).toBeVisible();
  // Both learn that it is over.
  await expect(other.getByRole('link', { name: 'asciicast' })).toBeVisible();
  await expect(button(other, en.action_remove)).toBeVisible();
  await expect(other.locator('.recording-live')).toHaveCount(0);
  await expect(page.locator('.term-foot')).not.toContainText(en.terminal_watched.split('{')[0].trim().split(' ')[0]);
  await button(other, en.recording_play).click();
  await expect(replayed(other)).toContainText('last-6');
});

test('what a hostile device wrote does nothing in the browser', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  const evil = [
    '\\033]0;owned\\007', '\\033]52;c;b3duZWQ=\\007', '\\033]8;;javascript:document.title=1\\033\\\\li\'\'nk\\033]8;;\\033\\\\',
    '\\033[c\\033[6n\\033[>q', '<img src=x onerror=document.title=1>', '\\033Pq#0~\\033\\\\', '\\033[8;500;500t', '\\033[?1049h\\033[2J',
  ];
  // What the terminal answers to that is taken before the shell reads on.
  await run(page, `printf '${evil.join('')}'; printf '\\033[?1049l'; read -rst 1 -N 4096; echo do''ne`);
  await expect(screen(page)).toContainText('done');
  await run(page, 'clear; echo calm-$((5+5))');
  await expect(screen(page)).toContainText('calm-10');
  await leave(page, server);
  const [{ id }] = (await server.ask('GET', '/api/recordings')).recordings;
  await open(page, server, `/admin/recordings/${id}`);
  const title = await page.title();
  let hasOpened = false;
  page.on('dialog', (dialog) => ((hasOpened = true), dialog.dismiss()));
  page.context().on('page', () => (hasOpened = true));
  await seek(page, 1);
  await expect(replayed(page)).toContainText('calm-10');
  await page.locator('.replay-screen').click();
  const link = replayed(page).getByText('link').first();
  if (await link.count()) await link.click({ force: true });
  expect(await page.title()).toBe(title);
  expect(hasOpened).toBe(false);
  // The list and the search show it as text.
  await page.getByLabel(en.audit_text, { exact: true }).fill('onerror');
  await expect(page.locator('.replay-search li').first()).toContainText('<img src=x');
});

test('a viewer finds no recordings', async ({ page, server, tolerated }) => {
  tolerated.push(/403 \(Forbidden\)/);
  await signIn(page, server, 'viewer');
  await open(page, server, '/admin/recordings');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(en.not_allowed_title);
});
