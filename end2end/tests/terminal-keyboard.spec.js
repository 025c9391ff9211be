// Where the keyboard is in a terminal: with what is asked, or else with the device; and how a terminal ends that
// somebody ends.
import { expect, test } from '../lib/test.js';
import { say, screen, terminal } from '../lib/terminal.js';
import { en } from '../lib/words.js';

const PRINT = 'SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8';

const button = (page, name) => page.getByRole('button', { name, exact: true });
const over = (page) => page.getByRole('alert');
const input = (page) => page.locator('.term-stage:not([hidden]) .xterm-helper-textarea');

test('what is cancelled is said to be, and no fault, and Enter begins again', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const questions = [
    say.hostKey('127.0.0.1:22', 'ssh-ed25519', PRINT),
    say.ask('branch-1', [['Name', true], ['Password', false]], ['admin', 0]),
  ];
  for (const [number, question] of questions.entries()) {
    const attempt = await standIn.attempt(number + 1);
    attempt.say(question);
    await button(page, en.action_cancel).click();
    await attempt.heard('give-up');
    const end = page.locator('.term-over');
    await expect(end).toContainText(en.command_cancelled);
    await expect(end).toHaveAttribute('role', 'status');
    await expect(over(page)).toHaveCount(0);
    await expect(page.getByText(en.terminal_gone)).toHaveCount(0);
    await expect(input(page)).toBeFocused();
    await page.keyboard.press('Enter');
  }
  await standIn.attempt(questions.length + 1);
});

test('the password has the keyboard whatever came before it', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.attempt();
  const password = page.getByLabel('Password', { exact: true });
  const ask = (why) => attempt.say(say.ask('branch-1', [['Name', true], ['Password', false]], ['admin', why]));
  attempt.say(say.hostKey('127.0.0.1:22', 'ssh-ed25519', PRINT));
  await button(page, en.terminal_key_trust).click();
  for (const [number, why] of [0, 2, 2].entries()) {
    ask(why);
    await expect(password).toBeFocused();
    // What is pressed beside the question leads back to it.
    await button(page, en.terminal_larger).click();
    await expect(password).toBeFocused();
    await page.keyboard.type(`secret-${number}`);
    await page.keyboard.press('Enter');
    await expect.poll(() => attempt.of('answers').length).toBe(number + 1);
    expect(attempt.of('answers').at(-1).answers).toEqual(['admin', `secret-${number}`]);
  }
});

test('a terminal behind another one takes no keys from it', async ({ page, server, target }) => {
  await server.addDevice(target.tunnel('branch-2'));
  const { standIn } = await terminal(page, server, target);
  const first = await standIn.attempt();
  await button(page, en.terminal_new).click();
  const form = page.getByRole('dialog', { name: en.terminal_new });
  await form.getByRole('combobox').fill('branch-2');
  await form.getByRole('option', { name: /branch-2/ }).click();
  await form.getByRole('button', { name: en.terminal_title, exact: true }).click();
  const second = await standIn.prompt(2);
  await expect(screen(page)).toContainText('router>');
  first.say(say.ask('branch-1', [['Name', true], ['Password', false]], ['admin', 0]));
  await expect(page.getByLabel('Password', { exact: true })).toHaveCount(1);
  await page.keyboard.type('two');
  await expect.poll(() => second.typed.toString()).toBe('two');
  // It is asked as soon as it is seen.
  await button(page, 'branch-1').click();
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
});

test('after a tool was pressed the next key is the device’s', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  await expect(screen(page)).toContainText('router>');
  const tools = [en.terminal_smaller, en.terminal_larger, en.terminal_reader, en.terminal_reader, en.terminal_full];
  for (const [number, tool] of tools.entries()) {
    await button(page, tool).click();
    await page.keyboard.type(' x');
    await expect.poll(() => attempt.typed.toString()).toBe(' x'.repeat(number + 1));
  }
  // By the keyboard it can be pressed again.
  const larger = button(page, en.terminal_larger);
  await larger.focus();
  await page.keyboard.press('Space');
  await expect(larger).toBeFocused();
});

test('the end of a session covers nothing of what was drawn', async ({ page, server, target }) => {
  const { standIn } = await terminal(page, server, target);
  const attempt = await standIn.prompt();
  attempt.write(Array.from({ length: 100 }, (_, line) => `\r\nline-${line}`).join(''));
  await expect(screen(page)).toContainText('line-99');
  attempt.say(say.ended.lost('reset'));
  await expect(over(page)).toBeVisible();
  await expect(screen(page)).toContainText('line-99');
  const last = screen(page).locator('div').last();
  await expect(last).toHaveText('line-99');
  const bottom = async (part) => {
    const { y, height } = await part.boundingBox();
    return y + height;
  };
  await expect.poll(async () => (await bottom(last)) <= (await over(page).boundingBox()).y).toBe(true);
});
