// What a device shows in a terminal stays on its screen: nothing of it reaches the page, its title or the clipboard, while
// it is typed to, looked on at, replayed or searched.
import { writeFile } from 'node:fs/promises';
import { CORPUS, NAMES } from '../lib/corpus.js';
import { calm, lookAt, test } from '../lib/hostile.js';
import { button, knock, run } from '../lib/shell.js';
import { Sshd } from '../lib/sshd.js';
import { say, screen, StandIn } from '../lib/terminal.js';
import { awake, expect, open, signIn } from '../lib/test.js';
import { en } from '../lib/words.js';

const replayed = (page) => page.locator('.replay-screen .xterm-rows');
const MINE = 'what I copied';
const PRINT = 'SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8';

test('what an SSH server writes stays on its screen, in its recording and before whoever looks on', async ({ page, plain, another, server, target, context }) => {
  test.setTimeout(120_000);
  const sshd = await Sshd.start(CORPUS.join('\n'));
  // Each alone, so that none hides behind what another left open.
  await writeFile(sshd.path('corpus'), CORPUS.map((text) => `\x18\x1b[!p\x1b[0m\r\n${text}`).join(''));
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await knock(page, server, target, sshd);
  await page.evaluate((text) => navigator.clipboard.writeText(text), MINE);
  const title = await page.title();
  const isMine = async (one) => {
    expect(await one.title()).toBe(title);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(MINE);
  };
  await button(page, en.terminal_key_trust).click();
  await expect(page.locator('.term-foot')).toContainText(en.link_live);
  await calm(page, 'the banner');
  await run(page, "exec env PS1='rw> ' PATH=$PATH bash --norc --noprofile");
  const [{ id }] = (await server.ask('GET', '/api/recordings')).recordings;
  const other = await another();
  await signIn(other, server);
  await open(other, server, `/admin/recordings/${id}`);
  await run(page, `cat ${sshd.path('corpus')}; printf '\\033c'; echo do''ne`);
  for (const one of [screen(page), replayed(other)]) await expect(one).toContainText('done');
  await calm(page, 'the screen');
  await calm(other, 'the live view');
  await isMine(page);
  // A link of its own making asks nobody and opens nothing.
  await run(page, "clear; printf '\\033]8;;javascript:owned()\\033\\\\pr''ess\\033]8;;\\033\\\\\\n'");
  await screen(page).getByText('press', { exact: true }).click({ force: true });
  await run(page, 'exit');
  await expect.poll(async () => (await server.ask('GET', '/api/recordings')).recordings[0].end).toBe('closed');
  await expect(page.getByRole('alert')).toBeVisible();
  await calm(page, 'the end');

  await lookAt({ page, plain, server }, ['/admin/recordings', `/admin/recordings/${id}`]);
  await page.getByRole('slider').evaluate((slider) => {
    slider.value = slider.max;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await expect(replayed(page)).toContainText('press');
  await replayed(page).getByText('press', { exact: true }).click({ force: true });
  for (const text of ['owned', 'canary', 'gpj', 'press']) {
    await page.getByLabel(en.audit_text, { exact: true }).fill(text);
    await expect(page.locator('.replay-search li').first()).toContainText(text);
    await calm(page, `the search for ${text}`);
  }
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(MINE);
  expect(context.pages()).toHaveLength(1);
  const { recordings } = await server.ask('GET', '/api/recordings');
  expect(recordings).toHaveLength(1);
  await sshd.stop();
});

test('what a device asks and why it ends is text', async ({ page, server, target }) => {
  test.setTimeout(240_000);
  await server.addDevice(target.tunnel('branch-1'));
  await signIn(page, server);
  const standIn = await StandIn.on(page);
  await open(page, server, '/router/branch-1/terminal');
  // The server has taken out of it what cannot be seen.
  const long = NAMES.join(' ');
  const words = [
    ['a key', say.hostKey(long, long, PRINT)],
    ['questions', say.ask(long, NAMES.map((text) => [text, true]))],
    ['another key', say.ended.hostKeyChanged(long, long, PRINT, long, PRINT)],
    ['no algorithm', say.ended.noCommonAlgorithm(long)],
    ['a reason', say.ended.lost(long)],
  ];
  for (const [number, [what, word]] of words.entries()) {
    const attempt = await standIn.attempt(number + 1);
    attempt.say(word);
    await expect(page.locator('.term')).toContainText('<img src=canary onerror=owned()>');
    await calm(page, what);
    await page.reload();
    await awake(page);
  }
});
