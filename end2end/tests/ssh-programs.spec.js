// Programs that take the whole screen, on a real SSH server, as people use them.
import { readFile } from 'node:fs/promises';
import { enter, run, test } from '../lib/shell.js';
import { screen } from '../lib/terminal.js';
import { expect } from '../lib/test.js';

/** Makes the window smaller; the columns and rows that the terminal then has. */
const shrink = async (page) => {
  await page.setViewportSize({ width: 1000, height: 560 });
  const size = page.locator('.term-size');
  await expect(size).toHaveText(/^1[0-2]\d × /);
  return (await size.textContent()).split(' × ').map(Number);
};

test('a file is edited in vim, and the shell’s screen is there again afterwards', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  const file = sshd.path('edited');
  await run(page, `vim -u NONE -N -n ${file}`);
  await expect(screen(page)).toContainText('edited" [New]');
  await expect(screen(page)).not.toContainText('at-42');
  await page.keyboard.type('i');
  await page.keyboard.insertText('Привет, 🦊');
  await page.keyboard.press('Enter');
  await page.keyboard.insertText('second');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.type('0iA ');
  await page.keyboard.press('Escape');
  await expect(screen(page)).toContainText('A Привет, 🦊');
  const [columns, rows] = await shrink(page);
  await run(page, ':set columns? lines?');
  await expect(screen(page)).toContainText(`columns=${columns}`);
  await expect(screen(page)).toContainText(`lines=${rows}`);
  await page.keyboard.press('Enter');
  await run(page, ':wq');
  await expect(screen(page)).toContainText('at-42');
  expect(await readFile(file, 'utf8')).toBe('A Привет, 🦊\nsecond\n');
});

test('top draws again and again, and q ends it', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  await run(page, 'top -d 0.5');
  await expect(screen(page)).toContainText('load average');
  // The third round: its header counts on.
  const clock = () => screen(page).textContent().then((said) => said.match(/top - (\d\d:\d\d:\d\d)/)?.[1]);
  const first = await clock();
  await expect.poll(clock).not.toBe(first);
  await page.keyboard.type('q');
  // What is typed before it has ended, it throws away.
  await expect(screen(page)).toContainText('rw> ');
  await run(page, 'clear; echo over-$((20+1))');
  await expect(screen(page)).toContainText('over-21');
});

test('tmux splits, follows the window’s size, and is left and taken up again', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  const socket = sshd.path('tmux');
  const tmux = `tmux -u -f /dev/null -S ${socket}`;
  await run(page, `${tmux} new -s branch "env PS1='in> ' bash --norc --noprofile"`);
  await expect(screen(page)).toContainText('[branch]');
  await run(page, 'echo первый-$((1+1))');
  await expect(screen(page)).toContainText('первый-2');
  await page.keyboard.press('Control+b');
  await page.keyboard.type('"');
  await expect(screen(page)).toContainText('─────');
  const [columns, rows] = await shrink(page);
  await page.keyboard.press('Control+b');
  await page.keyboard.type('d');
  await expect(screen(page)).toContainText('[detached (from session branch)]');
  // A row of it is the status line.
  await run(page, `clear; ${tmux} display -p -t branch 'is #{window_width}x#{window_height}'`);
  await expect(screen(page)).toContainText(`is ${columns}x${rows - 1}`);
  await run(page, `${tmux} attach`);
  await expect(screen(page)).toContainText('первый-2');
  await page.keyboard.press('Control+b');
  await page.keyboard.type('d');
  await expect(screen(page)).toContainText('[detached (from session branch)]');
  await run(page, `clear; ${tmux} kill-server; echo over-$((20+1))`);
  await expect(screen(page)).toContainText('over-21');
});

test('a hundred megabytes are shown to their end', async ({ page, server, target, sshd }) => {
  test.setTimeout(240_000);
  await enter(page, server, target, sshd);
  const file = sshd.path('long');
  await run(page, `yes 'add address=192.0.2.1 list=blocked comment="строка"' | head -c 100000000 > ${file}; clear; ls -l ${file} | cut -d ' ' -f 5`);
  await expect(screen(page)).toContainText('100000000');
  await run(page, `cat ${file}; echo; echo over-$((20+1))`);
  await expect(screen(page)).toContainText('over-21', { timeout: 200_000 });
});
