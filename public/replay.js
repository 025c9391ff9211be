// The screen of the player of recordings: xterm.js that can only be looked at. Fetched when a recording is opened;
// `app/src/browser/replay.rs` calls it by these names. What a recording holds was written by a device: it is drawn, and
// answers, links, titles and the clipboard are nothing here.
import { FORBIDDEN, isMoreContrast, looks, parts, screens } from './terminal.js';

const SCROLLBACK_LINES = 10_000;
// What is smaller than the least nobody reads: then the screen is wider than its room, and is moved sideways; or higher.
const SIZE_PX = { least: 8, leastByHeight: 9, most: 14 };
// Between the screen and what is under it.
const GAP_PX = 10;
// No screen is larger, and a recording may say anything.
const CELLS_MAX = { columns: 1000, rows: 500 };
// A full reset, in its place among what is drawn.
const RESET = '\x1bc';

const within = (number, most) => Math.min(most, Math.max(2, number));
const cells = (columns, rows) => ({ cols: within(columns, CELLS_MAX.columns), rows: within(rows, CELLS_MAX.rows) });

class Replay {
  #terminal;
  #host;
  #watch;
  #refit = () => requestAnimationFrame(() => this.#fit());
  // What the size was chosen for, and the largest that may still fit there: one that did not is not tried again.
  #place = '';
  #most = SIZE_PX.most;
  #isMarked = false;

  constructor({ Terminal, Unicode11Addon }, host, label, columns, rows) {
    Terminal.strings.promptLabel = label;
    const { theme, fontFamily } = looks(host);
    const terminal = new Terminal({
      allowProposedApi: true,
      ...cells(columns, rows),
      cursorInactiveStyle: 'outline',
      disableStdin: true,
      fontFamily,
      fontSize: SIZE_PX.most,
      // Its own way would be to ask and then to open them.
      linkHandler: { activate: () => {} },
      logLevel: 'off',
      minimumContrastRatio: isMoreContrast.matches ? 7 : 4.5,
      scrollback: SCROLLBACK_LINES,
      theme,
    });
    this.#terminal = terminal;
    this.#host = host;
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = '11';
    FORBIDDEN.forEach((number) => terminal.parser.registerOscHandler(number, () => true));
    // Keys belong to the page: nobody types here.
    terminal.attachCustomKeyEventHandler(() => false);
    terminal.open(host);
    terminal.textarea.tabIndex = -1;
    this.#watch = new ResizeObserver(this.#refit);
    this.#watch.observe(host);
    // The bar under the screen comes once there is something to play.
    if (host.parentElement) this.#watch.observe(host.parentElement);
    addEventListener('resize', this.#refit);
    this.#fit();
    screens.add(this);
  }

  write(bytes) {
    this.#unmark();
    this.#terminal.write(bytes);
  }

  /** Marks this text, behind which the cursor stands once all is drawn, until more is. */
  mark(text) {
    this.#terminal.write('', () => this.#select(text));
  }

  resize(columns, rows) {
    // Behind what was written before.
    this.#terminal.write('', () => this.#size(columns, rows));
  }

  beginAgain(columns, rows) {
    this.#unmark();
    this.#terminal.write(RESET, () => this.#size(columns, rows));
  }

  paint() {
    this.#terminal.options.theme = looks(this.#host).theme;
    this.#terminal.options.minimumContrastRatio = isMoreContrast.matches ? 7 : 4.5;
  }

  // Somebody changed the size or the reading of terminals; here the size follows the page.
  grow() {}

  read() {}

  dispose() {
    screens.delete(this);
    this.#watch.disconnect();
    removeEventListener('resize', this.#refit);
    this.#terminal.dispose();
  }

  #size(columns, rows) {
    const { cols, rows: lines } = cells(columns, rows);
    this.#terminal.resize(cols, lines);
    this.#fit();
  }

  #unmark() {
    if (this.#isMarked) this.#terminal.clearSelection();
    this.#isMarked = false;
  }

  #select(text) {
    const { cols, buffer: { active } } = this.#terminal;
    const end = { x: active.cursorX, y: active.baseY + active.cursorY };
    let [x, y, read] = [end.x, end.y, ''];
    while (read.length < text.length) {
      if (x === 0) {
        if (!active.getLine(y)?.isWrapped) return;
        [x, y] = [cols, y - 1];
      }
      x -= 1;
      const cell = active.getLine(y)?.getCell(x);
      // The second half of a wide character has no width.
      if (cell?.getWidth() !== 0) read = (cell?.getChars() || ' ') + read;
    }
    this.#terminal.scrollToBottom();
    // A tab is no blank, and what moved about may stand elsewhere: then the cursor alone shows where.
    if (read !== text) return;
    this.#terminal.select(x, y, (end.y - y) * cols + end.x - x);
    this.#isMarked = true;
  }

  /** As large as the width allows, and the height between what is above it and the bar. */
  #fit() {
    const screen = this.#host.querySelector('.xterm-screen');
    if (!screen || screen.clientWidth === 0 || screen.clientHeight === 0) return;
    const style = getComputedStyle(this.#host);
    const pixels = (...names) => names.reduce((sum, name) => sum + parseFloat(style[name]), 0);
    const width = this.#host.clientWidth - pixels('paddingLeft', 'paddingRight');
    const bar = this.#host.parentElement?.querySelector('.replay-bar');
    const below = bar ? bar.offsetHeight + parseFloat(getComputedStyle(bar).bottom) : 0;
    const above = this.#host.getBoundingClientRect().top + scrollY;
    const border = pixels('paddingTop', 'paddingBottom', 'borderTopWidth', 'borderBottomWidth');
    const height = document.documentElement.clientHeight - above - border - below - GAP_PX;
    if (width <= 0) return;
    const { options, cols, rows } = this.#terminal;
    const place = [cols, rows, innerWidth, document.documentElement.clientHeight, below].join();
    if (place !== this.#place) [this.#place, this.#most] = [place, SIZE_PX.most];
    const tenths = (share) => Math.floor(options.fontSize * share * 10) / 10;
    const wide = Math.max(SIZE_PX.least, tenths(width / screen.clientWidth));
    const high = Math.max(SIZE_PX.leastByHeight, tenths(height / screen.clientHeight));
    const next = Math.min(this.#most, wide, high);
    if (Math.abs(next - options.fontSize) < 0.1) return;
    // A row is of whole pixels: what is a little smaller may be as high.
    if (next < options.fontSize) this.#most = next;
    options.fontSize = next;
  }
}

/** A screen in `host`; nothing when the page has gone meanwhile. */
export const openReplay = async (host, label, columns, rows) => {
  const all = await parts();
  return host.isConnected ? new Replay(all, host, label, columns, rows) : undefined;
};
