// What a device writes in colours, in both themes: it can be read, and red on white is still red.
import { expect, test } from '../lib/test.js';
import { screen, terminal } from '../lib/terminal.js';

const ESC = '\x1b';
const LEAST_CONTRAST = 4.5;
// Between the strongest and the weakest of its three parts; what is nearly white or black has less.
const LEAST_COLOUR = 40;
const INKS = [31, 32, 33, 34, 35, 36];
const GROUNDS = [47, 49, 100];

const luminance = (rgb) => {
  const [red, green, blue] = rgb.map((part) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

for (const colorScheme of ['light', 'dark']) {
  test(`in the ${colorScheme} theme colours are read and told apart, on white and on grey too`, async ({ page, server, target }) => {
    await page.emulateMedia({ colorScheme });
    const { standIn } = await terminal(page, server, target);
    const attempt = await standIn.prompt();
    const written = (ink, ground) => `${ink}on${ground}`;
    for (const ground of GROUNDS) {
      const inks = [...INKS, 37, 90, 97].map((ink) => `${ESC}[${ink};${ground}m${written(ink, ground)}${ESC}[0m`);
      attempt.write(`\r\n${inks.join(' ')}`);
    }
    attempt.write('\r\ndone');
    await expect(screen(page)).toContainText('done');
    const plain = await page.locator('.term').evaluate((term) => getComputedStyle(term).backgroundColor);
    const colours = async (ink, ground) => {
      const drawn = screen(page).locator('span', { hasText: written(ink, ground) }).last();
      const found = await drawn.evaluate((span) => {
        const { color, backgroundColor } = getComputedStyle(span);
        return [color, backgroundColor];
      });
      const own = ground === 49 ? [found[0], plain] : found;
      return own.map((colour) => colour.match(/\d+/g).slice(0, 3).map(Number));
    };
    for (const ground of GROUNDS) {
      for (const ink of [...INKS, 37, 90, 97]) {
        const [text, below] = await colours(ink, ground);
        expect(contrast(text, below), `${ink} on ${ground}`).toBeGreaterThanOrEqual(LEAST_CONTRAST);
        const colour = Math.max(...text) - Math.min(...text);
        if (INKS.includes(ink)) expect(colour, `${ink} on ${ground}`).toBeGreaterThanOrEqual(LEAST_COLOUR);
      }
    }
  });
}
