// The program's own workers, as an admin sees them.
import { expect, open, signIn, test } from '../lib/test.js';
import { en } from '../lib/words.js';

test('an admin sees the workers, and the page keeps asking for them', async ({ page, server }) => {
  await signIn(page, server);
  await page.clock.install();
  await open(page, server, '/admin/workers');
  const journal = page.getByRole('row', { name: /^journal/ });
  await expect(journal).toContainText(en.worker_running);
  await expect(journal).toContainText(en.worker_does_journal);
  const asked = page.waitForResponse(/\/api\/load_workers$/);
  await page.clock.fastForward(5_000);
  const answer = await asked;
  expect(answer.ok()).toBe(true);
  await expect(journal).toContainText(en.worker_running);
});

test('a viewer has no such page', async ({ page, server, tolerated }) => {
  tolerated.push(/403/);
  await signIn(page, server, 'viewer');
  const answer = await page.goto(`${server.url}/admin/workers`);
  expect(answer.status()).toBe(403);
});
