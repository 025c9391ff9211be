// The screen of the player of recordings: xterm.js that can only be looked at. Fetched when a recording is opened;
// `app/src/browser/replay.rs` calls it by these names. What a recording holds was written by a device: it is drawn, and
// answers, links, titles and the clipboard are nothing here.
import { FORBIDDEN, isMoreContrast, looks, parts, screens } from './terminal.js';

const SCROLLBACK_LINES = 10_000;
// What is smaller than the least nobody reads: then the screen is wider than its room, and is moved sideways.
const SIZE_PX = { least: 8, most: 14 };
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
    this.#watch = new ResizeObserver(() => requestAnimationFrame(() => this.#fit()));
    this.#watch.observe(host);
    this.#fit();
    screens.add(this);
  }

  write(bytes) {
    this.#terminal.write(bytes);
  }

  resize(columns, rows) {
    // Behind what was written before.
    this.#terminal.write('', () => this.#size(columns, rows));
  }

  beginAgain(columns, rows) {
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
    this.#terminal.dispose();
  }

  #size(columns, rows) {
    const { cols, rows: lines } = cells(columns, rows);
    this.#terminal.resize(cols, lines);
    this.#fit();
  }

  /** As large as the whole width allows. */
  #fit() {
    const screen = this.#host.querySelector('.xterm-screen');
    const style = getComputedStyle(this.#host);
    const room = this.#host.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (!screen || screen.clientWidth === 0 || room <= 0) return;
    const { options } = this.#terminal;
    const fits = Math.floor((options.fontSize * room * 10) / screen.clientWidth) / 10;
    const next = Math.min(SIZE_PX.most, Math.max(SIZE_PX.least, fits));
    if (Math.abs(next - options.fontSize) >= 0.1) options.fontSize = next;
  }
}

/** A screen in `host`; nothing when the page has gone meanwhile. */
export const openReplay = async (host, label, columns, rows) => {
  const all = await parts();
  return host.isConnected ? new Replay(all, host, label, columns, rows) : undefined;
};
