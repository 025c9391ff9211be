// A terminal on a real SSH server, through the real program.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { button, enter, knock, run, test } from '../lib/shell.js';
import { paste, screen } from '../lib/terminal.js';
import { expect, open } from '../lib/test.js';
import { en } from '../lib/words.js';

test('the fingerprint is the server’s own, and once it is trusted nobody is asked again', async ({ page, server, target, sshd }) => {
  await knock(page, server, target, sshd);
  await expect(page.getByRole('alertdialog')).toContainText(sshd.fingerprint);
  await button(page, en.terminal_key_trust).click();
  await expect(page.locator('.term-foot')).toContainText(en.link_live);
  await open(page, server, '/router/branch-1/terminal');
  await expect(page.locator('.term-foot')).toContainText(en.link_live);
});

test('another key than the pinned one is a hard stop, until an admin pins it', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  const before = sshd.fingerprint;
  await sshd.down();
  sshd.changeKey();
  await sshd.up();
  await open(page, server, '/router/branch-1/terminal');
  const warning = page.getByRole('alertdialog', { name: en.terminal_changed_title });
  await expect(warning).toContainText(before);
  await expect(warning).toContainText(sshd.fingerprint);
  await button(page, en.terminal_changed_pin).click();
  await expect(page.locator('.term-foot')).toContainText(en.link_live);
});

test('a key that nobody wants to compare is given up, and the audit log says so', async ({ page, server, target, sshd }) => {
  await knock(page, server, target, sshd);
  await expect(page.getByRole('alertdialog')).toContainText(sshd.fingerprint);
  await button(page, en.action_cancel).click();
  await expect(page.locator('.term-over')).toContainText(en.command_cancelled);
  const failed = async () => (await server.ask('GET', '/api/audit')).entries.find(({ act }) => act === 'terminal_failed')?.detail;
  await expect.poll(failed).toBe('somebody gave it up');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alertdialog')).toContainText(sshd.fingerprint);
});

test('what is typed in any alphabet comes back, and Ctrl-C ends what runs', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  await run(page, "printf '%s-%s\\n' привет 🦊");
  await expect(screen(page)).toContainText('привет-🦊');
  // Said by what is interrupted: between two commands of a list a shell may miss the key.
  await run(page, "sh -c 'echo going-$((1+1)); exec sleep 1000'");
  await expect(screen(page)).toContainText('going-2');
  await page.keyboard.press('Control+c');
  // What is typed sooner the device itself throws away with what it interrupts.
  await expect(screen(page)).toContainText('^C');
  await run(page, 'echo ended-$?');
  await expect(screen(page)).toContainText('ended-130');
});

test('the size of the window reaches the device', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  await page.setViewportSize({ width: 1000, height: 560 });
  const size = page.locator('.term-size');
  await expect(size).toHaveText(/^1[0-2]\d × /);
  const [columns, rows] = (await size.textContent()).split(' × ');
  await run(page, 'stty size');
  await expect(screen(page)).toContainText(`${rows} ${columns}`);
});

test('a megabyte that is pasted arrives byte for byte', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  const file = sshd.path('pasted');
  await run(page, `stty -echo; cat > ${file}; stty echo`);
  const said = Array.from({ length: 16_384 }, (_, line) => `/ip address add comment="строка ${line}" `.padEnd(62, '.')).join('\n') + '\n';
  await expect.poll(() => stat(file).then(() => true, () => false)).toBe(true);
  await paste(page, said);
  const question = page.getByRole('dialog', { name: en.terminal_paste_title });
  await question.getByRole('button', { name: en.terminal_paste, exact: true }).click();
  await expect.poll(() => stat(file).then(({ size }) => size)).toBe(Buffer.byteLength(said));
  await page.keyboard.press('Control+d');
  const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');
  expect(hash(await readFile(file))).toBe(hash(said));
});

test('a device that floods is held up by the screen, and Ctrl-C still stops it', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  await run(page, 'yes 0123456789012345678901234567890123456789');
  await expect(screen(page)).toContainText('0123456789012345678901234567890123456789');
  await page.keyboard.press('Control+c');
  await expect(screen(page)).toContainText('rw> ');
  await run(page, 'clear; echo quiet-$((20+1))');
  await expect(screen(page)).toContainText('quiet-21');
});

test('a session that is cut off can be taken up again', async ({ page, server, target, sshd }) => {
  await enter(page, server, target, sshd);
  await sshd.down();
  await expect(page.getByRole('alert')).toBeVisible();
  await sshd.up();
  await button(page, en.terminal_again).click();
  await expect(page.locator('.term-foot')).toContainText(en.link_live);
  await run(page, 'echo again-$((1+1))');
  await expect(screen(page)).toContainText('again-2');
});
