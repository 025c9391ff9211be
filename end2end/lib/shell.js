// A shell on a real SSH server, in the terminal of the real program.
import { Sshd } from './sshd.js';
import { screen } from './terminal.js';
import { expect, open, signIn, test as base } from './test.js';
import { en } from './words.js';

export const test = base.extend({
  sshd: async ({}, use) => {
    const sshd = await Sshd.start();
    await use(sshd);
    await sshd.stop();
  },
});

export const button = (page, name) => page.getByRole('button', { name, exact: true });

/** Types a line. What is waited for must not stand in it, or its echo would do. */
export const run = async (page, line) => {
  await page.keyboard.insertText(line);
  await page.keyboard.press('Enter');
};

/** The page of the device's terminal, its key not yet known. */
export const knock = async (page, server, target, sshd) => {
  await server.addDevice(target.tunnel('branch-1', { ssh: sshd.login() }));
  await signIn(page, server);
  await open(page, server, '/router/branch-1/terminal');
};

/** At the prompt of a plain shell. */
export const enter = async (page, server, target, sshd) => {
  await knock(page, server, target, sshd);
  await button(page, en.terminal_key_trust).click();
  await expect(page.locator('.term-foot')).toContainText(en.link_live);
  await run(page, "exec env LANG=C.UTF-8 PS1='rw> ' PATH=$PATH bash --norc --noprofile");
  await run(page, 'clear; echo at-$((40+2))');
  await expect(screen(page)).toContainText('at-42');
};
