// What a terminal asks a person, and what it says when it is asked: the login, the lines of a paste, another device, its
// keys.
import { axeFindings } from '../lib/axe.js';
import { expect, test } from '../lib/test.js';
import { paste, say, screen, terminal } from '../lib/terminal.js';
import { en, fill } from '../lib/words.js';

const ESC = '\x1b';

const button = (page, name) => page.getByRole('button', { name, exact: true });

test('a stored login that is refused is named, and somebody else signs in by typing, at the second try too', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.attempt();
  const ask = (username, why) => attempt.say(say.ask('branch-1', [['Name', true], ['Password', false]], [username, why]));
  ask('former', 1);
  await expect(page.getByRole('alert')).toHaveText(fill(en.terminal_refused_stored, { name: 'former' }));
  const [name, password] = ['Name', 'Password'].map((label) => page.getByLabel(label, { exact: true }));
  await expect(name).toHaveValue('former');
  for (const nobody of ['', '  ']) {
    await name.fill(nobody);
    await button(page, en.login_submit).click();
    await expect(name).toBeVisible();
  }
  expect(attempt.of('answers')).toEqual([]);
  await name.fill('admin');
  await password.fill('mistyped');
  await page.keyboard.press('Enter');
  expect((await attempt.heard('answers')).answers).toEqual(['admin', 'mistyped']);
  ask('admin', 2);
  await expect(page.getByRole('alert')).toHaveText(fill(en.terminal_refused_typed, { name: 'admin' }));
  await expect(name).toHaveValue('admin');
  await expect(password).toHaveValue('');
  await password.fill('right');
  await page.keyboard.press('Enter');
  await expect.poll(() => attempt.of('answers').length).toBe(2);
  attempt.say(say.open());
  await expect(name).toHaveCount(0);
});

test('several lines are pasted only when somebody agrees, by keys too, and unasked in brackets or when that was chosen', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  await expect(screen(page)).toContainText('router>');
  const question = page.getByRole('dialog', { name: en.terminal_paste_title });
  // One line is what somebody wants to send.
  await paste(page, '/ip address print\n');
  await expect.poll(() => attempt.typed.toString()).toBe('/ip address print\r');
  const lines = Array.from({ length: 10 }, (_, line) => `/log info ${line}`);
  await paste(page, lines.join('\r\n'));
  await expect(question).toContainText(fill(en.terminal_paste_text_other, { n: 10 }));
  await expect(question).toContainText('/log info 7');
  await expect(question).not.toContainText('/log info 8');
  await expect(question).toContainText(fill(en.terminal_paste_more_other, { n: 2 }));
  expect(await axeFindings(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  await page.keyboard.type('x');
  await expect.poll(() => attempt.typed.toString()).toBe('/ip address print\rx');
  await paste(page, 'one\ntwo\n');
  // Not the switch: a space would turn the question off.
  await expect(question.getByRole('button', { name: en.terminal_paste, exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect.poll(() => attempt.typed.toString()).toBe('/ip address print\rxone\rtwo\r');
  await expect(question).toBeHidden();
  attempt.write(`${ESC}[?2004hbrackets`);
  await expect(screen(page)).toContainText('brackets');
  await paste(page, 'three\nfour');
  await expect.poll(() => attempt.typed.toString()).toMatch(/\x1b\[200~three\rfour\x1b\[201~$/);
  attempt.write(`${ESC}[?2004lbare`);
  await expect(screen(page)).toContainText('bare');
  await paste(page, 'five\nsix');
  await question.getByRole('switch', { name: en.terminal_paste_unasked }).check();
  await question.getByRole('button', { name: en.terminal_paste, exact: true }).click();
  await expect.poll(() => attempt.typed.toString()).toMatch(/five\rsix$/);
  await paste(page, 'seven\neight');
  await expect.poll(() => attempt.typed.toString()).toMatch(/seven\reight$/);
  await expect(question).toBeHidden();
});

test('on a phone the lines that are to be pasted fit the window', async ({ another, server, target }) => {
  const page = await another({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, locale: 'en-GB' });
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  await expect(screen(page)).toContainText('router>');
  await paste(page, `${'x'.repeat(400)}\n`.repeat(40));
  const question = page.getByRole('dialog', { name: en.terminal_paste_title });
  const agree = question.getByRole('button', { name: en.terminal_paste, exact: true });
  await expect(agree).toBeInViewport();
  expect(await question.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);
  await agree.tap();
  await expect.poll(() => attempt.typed.length).toBe(401 * 40);
});

test('what is typed for a further terminal takes the place of the name that stands there, and one Enter opens it', async ({ page, server, target }) => {
  const other = await server.addDevice(target.tunnel('core-7'));
  const { standIn } = await terminal(page, server, target);
  await standIn.prompt();
  await button(page, en.terminal_new).click();
  const field = page.getByRole('dialog', { name: en.terminal_new }).getByRole('combobox');
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('branch-1');
  await page.keyboard.type('core');
  await expect(field).toHaveValue('core');
  await page.keyboard.press('Enter');
  const second = await standIn.attempt(2);
  expect(second.device).toBe(other.id);
  await expect(field).toHaveCount(0);
  // Untouched it opens the one that is seen.
  second.say(say.open());
  await button(page, en.terminal_new).click();
  await expect.poll(() => field.evaluate((input) => input.selectionEnd - input.selectionStart)).toBe('core-7'.length);
  await page.keyboard.press('Enter');
  expect((await standIn.attempt(3)).device).toBe(other.id);
});

test('a question mark goes to the device, and beside the terminal shows the keys that the terminal has', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  await expect(screen(page)).toContainText('router>');
  await page.keyboard.press('?');
  await expect.poll(() => attempt.typed.toString()).toBe('?');
  await button(page, en.terminal_full).focus();
  await page.keyboard.press('?');
  const card = page.getByRole('dialog', { name: en.keys_title });
  for (const what of ['Ctrl Shift F', en.terminal_paste, en.terminal_keys_again, en.terminal_keys_note]) {
    await expect(card).toContainText(what);
  }
  await expect(card).not.toContainText(en.keys_move);
});
