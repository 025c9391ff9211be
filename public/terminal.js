// The screen of a terminal: xterm.js and what a browser must do around it. Fetched when a terminal is opened;
// `app/src/browser/screen.rs` calls it by these names. It knows nothing of the server: what is typed and what was drawn
// is told, as a list of a word and a value.
const FOLDER = '/vendor/xterm';
const MODULES = ['xterm', 'addon-fit', 'addon-search', 'addon-unicode11', 'addon-web-links'];
const SCROLLBACK_LINES = 10_000;
const SIZE_KEPT = 'terminal-size';
const READER_KEPT = 'terminal-reader';
// Of this tab alone.
const UNASKED_KEPT = 'terminal-paste-unasked';
// A narrow window wants more columns more than larger letters.
const SIZE_PX = { least: 9, first: innerWidth > 760 ? 14 : 12, most: 28 };
const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const LOOKS = ['background', 'foreground', 'cursor', 'cursorAccent', 'selectionBackground'];
const ARROWS = { Up: 'A', Down: 'B', Right: 'C', Left: 'D' };
const KEYS = { Tab: '\t', Esc: '\x1b' };
// Ends what may be half drawn: the sequence, the mode of the keys, the mouse, the pasting mode, the second screen.
const CALM = '\x18\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?2004l';
const FIRST_SCREEN = '\x1b[?1049l';
// Titles, notes to the desktop and the clipboard belong to the person, not to the device.
export const FORBIDDEN = [0, 1, 2, 9, 52, 777];

// What a person does to be heard, and how long after it the terminal may still take it up.
const ACTS = ['keydown', 'beforeinput', 'input', 'compositionend', 'pointerdown'];
const PERSON_MS = 150;
// Control characters, but for the tab and the ends of lines.
const NO_TEXT = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;

/** Every screen of this page. */
export const screens = new Set();
const encoder = new TextEncoder();

const sheet = () =>
  new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${FOLDER}/xterm.css` });
    link.onload = resolve;
    link.onerror = () => (link.remove(), reject(new Error('the style of the terminal did not come')));
    document.head.append(link);
  });

let fetched;
/** What xterm.js exports; fetched once, and again when it did not come. */
export const parts = () => {
  if (!fetched) {
    const modules = MODULES.map((name) => import(`${FOLDER}/${name}.mjs`));
    fetched = Promise.all([sheet(), ...modules]).then(([, ...all]) => Object.assign({}, ...all));
    fetched.catch(() => (fetched = undefined));
  }
  return fetched;
};

const kept = (key, store = 'localStorage') => {
  try {
    return globalThis[store].getItem(key);
  } catch {
    return null;
  }
};
const keep = (key, value, store = 'localStorage') => {
  try {
    globalThis[store].setItem(key, value);
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
};

const sizeNow = () => Math.min(SIZE_PX.most, Math.max(SIZE_PX.least, Number(kept(SIZE_KEPT)) || SIZE_PX.first));
export const isMoreContrast = matchMedia('(prefers-contrast: more)');
const isStill = matchMedia('(prefers-reduced-motion: reduce)');

/** The style's own colours and type, as the browser works them out for where the terminal stands. */
export const looks = (host) => {
  const probe = host.appendChild(document.createElement('span'));
  const worked = (name) => {
    probe.style.color = `var(--term-${name})`;
    return getComputedStyle(probe).color;
  };
  const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const theme = Object.fromEntries(LOOKS.map((name) => [name, worked(kebab(name))]));
  for (const name of COLOURS) {
    theme[name] = worked(name);
    theme[`bright${name[0].toUpperCase()}${name.slice(1)}`] = worked(`bright-${name}`);
  }
  const found = [worked('found'), worked('found-now')].map(hex);
  const { fontFamily } = getComputedStyle(host);
  probe.remove();
  return { theme, found, fontFamily };
};

/** `rgb(1, 2, 3)` as `#010203`. */
const hex = (colour) =>
  `#${colour.match(/\d+/g).slice(0, 3).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;

const repaint = () => screens.forEach((screen) => screen.paint());
new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ['data-theme'] });
for (const query of [isMoreContrast, matchMedia('(prefers-color-scheme: dark)')]) query.onchange = repaint;

class Screen {
  #terminal;
  #fit;
  #search;
  #host;
  #found;
  #watch;
  /** When somebody last did something that the device hears of. */
  #personAt = -Infinity;

  constructor({ Terminal, FitAddon, SearchAddon, Unicode11Addon, WebLinksAddon }, host, label, tell) {
    Terminal.strings.promptLabel = label;
    const { theme, found, fontFamily } = looks(host);
    const follow = (_, uri) => /^https?:\/\//i.test(uri) && tell(['link', uri]);
    const terminal = new Terminal({
      // For the widths of Unicode 11 and the marks of the search.
      allowProposedApi: true,
      cursorBlink: !isStill.matches,
      fontFamily,
      fontSize: sizeNow(),
      linkHandler: { activate: follow },
      // Whatever a device sends, it is not for the browser's log.
      logLevel: 'off',
      minimumContrastRatio: isMoreContrast.matches ? 7 : 4.5,
      screenReaderMode: kept(READER_KEPT) === 'on',
      scrollback: SCROLLBACK_LINES,
      theme,
    });
    Object.assign(this, { tell });
    this.#terminal = terminal;
    this.#host = host;
    this.#found = found;
    this.#fit = new FitAddon();
    this.#search = new SearchAddon();
    for (const addon of [this.#fit, this.#search, new Unicode11Addon(), new WebLinksAddon(follow)]) {
      terminal.loadAddon(addon);
    }
    terminal.unicode.activeVersion = '11';
    FORBIDDEN.forEach((number) => terminal.parser.registerOscHandler(number, () => true));
    terminal.attachCustomKeyEventHandler((event) => this.#isForTerminal(event));
    // A screen answers what a device asks of it, and nobody has typed that.
    const kind = () => (performance.now() - this.#personAt < PERSON_MS ? 'typed' : 'answer');
    terminal.onData((text) => tell([kind(), encoder.encode(text)]));
    // Reports of the mouse are no text: each letter is a byte.
    terminal.onBinary((text) => tell([kind(), Uint8Array.from(text, (letter) => letter.charCodeAt(0))]));
    for (const act of ACTS) host.addEventListener(act, () => (this.#personAt = performance.now()), true);
    host.addEventListener('paste', (event) => this.#hearPaste(event), true);
    terminal.onResize(({ cols, rows }) => tell(['size', [cols, rows]]));
    terminal.onSelectionChange(() => tell(['picked', terminal.hasSelection()]));
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) => tell(['found', [resultIndex + 1, resultCount]]));
    terminal.open(host);
    this.#watch = new ResizeObserver(() => requestAnimationFrame(() => this.fit()));
    this.#watch.observe(host);
    this.fit();
    screens.add(this);
  }

  get columns() {
    return this.#terminal.cols;
  }

  get rows() {
    return this.#terminal.rows;
  }

  /** Draws what the device sent, and tells when that is done. */
  write(bytes) {
    this.#terminal.write(bytes, () => this.tell(['drawn', bytes.length]));
  }

  /** Before another session draws on it: what the last one left half done is ended. */
  calm() {
    this.#terminal.write(CALM, () => {
      // On the first screen its sequence would put the cursor back to where it was once kept.
      const isAside = this.#terminal.buffer.active.type === 'alternate';
      this.#terminal.write(`${isAside ? FIRST_SCREEN : ''}\r\n`);
    });
  }

  fit() {
    // What is hidden has no size.
    if (this.#host.clientWidth === 0 || this.#host.clientHeight === 0) return;
    // The second screen keeps nothing of what it has no room for, and once it is over no program draws it again.
    const isOver = this.#host.parentElement.querySelector('.term-over') !== null;
    const isKept = isOver && this.#terminal.buffer.active.type === 'alternate';
    this.#host.style.overflowY = isKept ? 'auto' : '';
    if (isKept) this.#host.scrollTop = this.#host.scrollHeight;
    else this.#fit.fit();
  }

  focus() {
    this.#terminal.focus();
  }

  paint() {
    const { theme, found } = looks(this.#host);
    this.#found = found;
    this.#terminal.options.theme = theme;
    this.#terminal.options.minimumContrastRatio = isMoreContrast.matches ? 7 : 4.5;
  }

  /** A key of the bar for phones, in the form that the program on the device asked for. */
  press(name) {
    this.#personAt = performance.now();
    const arrow = this.#terminal.modes.applicationCursorKeysMode ? '\x1bO' : '\x1b[';
    this.#terminal.input(name in ARROWS ? `${arrow}${ARROWS[name]}` : (KEYS[name] ?? name));
    this.focus();
  }

  /** Copies what is selected; whether it could. */
  async copy() {
    const text = this.#terminal.getSelection();
    this.focus();
    if (!text) return false;
    if (!navigator.clipboard) return document.execCommand('copy');
    return navigator.clipboard.writeText(text).then(() => true, () => false);
  }

  /** Pastes from the clipboard; whether the browser gave it. */
  async paste() {
    this.focus();
    const text = await navigator.clipboard?.readText?.().catch(() => undefined);
    if (text) this.#take(text);
    return text !== undefined;
  }

  #hearPaste(event) {
    event.preventDefault();
    event.stopPropagation();
    this.#take(event.clipboardData?.getData('text/plain') ?? '');
  }

  /**
   * What is pasted is text: with a sequence in it, it could end its own brackets and be typed. Without brackets a device
   * does line after line at once: of several, somebody is asked first.
   */
  #take(said) {
    const text = said.replace(NO_TEXT, '').replace(/\r\n?/g, '\n');
    const isDoneAtOnce = !this.#terminal.modes.bracketedPasteMode && text.replace(/\n$/, '').includes('\n');
    if (isDoneAtOnce && kept(UNASKED_KEPT, 'sessionStorage') !== 'yes') this.tell(['pasting', text]);
    else this.insert(text);
  }

  /** Pastes text that may be pasted. */
  insert(text) {
    this.#personAt = performance.now();
    this.#terminal.paste(text);
  }

  /** Finds the next match, or the one before; while it is being typed, the first that still fits. */
  find(text, way) {
    const [matchBackground, activeMatchBackground] = this.#found;
    const decorations = {
      matchBackground,
      activeMatchBackground,
      matchOverviewRuler: matchBackground,
      activeMatchColorOverviewRuler: activeMatchBackground,
    };
    if (!text) this.#search.clearDecorations();
    else if (way === 'before') this.#search.findPrevious(text, { decorations });
    else this.#search.findNext(text, { decorations, incremental: way === 'typed' });
  }

  endFind() {
    this.#search.clearDecorations();
    this.focus();
  }

  dispose() {
    screens.delete(this);
    this.#watch.disconnect();
    this.#terminal.dispose();
  }

  grow() {
    this.#terminal.options.fontSize = sizeNow();
    this.fit();
  }

  read() {
    this.#terminal.options.screenReaderMode = kept(READER_KEPT) === 'on';
  }

  /** Ours are those with Ctrl and Shift, which no program on a device can hear. */
  #isForTerminal(event) {
    if (event.type !== 'keydown' || !event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return true;
    // The browser pastes by itself.
    if (event.code === 'KeyV') return false;
    const act = { KeyC: () => this.copy(), KeyF: () => this.tell(['search']) }[event.code];
    if (!act) return true;
    event.preventDefault();
    act();
    return false;
  }
}

/** A screen in `host`; nothing when the page has gone meanwhile. */
export const openScreen = async (host, label, tell) => {
  const all = await parts();
  return host.isConnected ? new Screen(all, host, label, tell) : undefined;
};

/** Makes the type of every screen larger or smaller, for good. */
export const grow = (by) => {
  keep(SIZE_KEPT, sizeNow() + by);
  screens.forEach((screen) => screen.grow());
};

/** Whether screen readers are told what is drawn; from now on the other way round, if that is wanted. */
export const reader = (isToggled) => {
  if (isToggled) {
    keep(READER_KEPT, kept(READER_KEPT) === 'on' ? 'off' : 'on');
    screens.forEach((screen) => screen.read());
  }
  return kept(READER_KEPT) === 'on';
};

/** From now on lines are pasted in this tab without a question. */
export const pasteUnasked = () => keep(UNASKED_KEPT, 'yes', 'sessionStorage');

/** The whole screen for the page's root, or no more. Esc is the device's where the browser lets it be. */
export const toggleFull = async (root) => {
  if (document.fullscreenElement) return document.exitFullscreen();
  await root.requestFullscreen?.();
  return navigator.keyboard?.lock?.(['Escape']).catch(() => {});
};

/** Keeps the page's root above the keyboard of a phone, which covers what the browser calls the window. */
export const stayInSight = (root) => {
  const seen = globalThis.visualViewport;
  if (!seen) return;
  const events = ['resize', 'scroll'];
  const follow = () => {
    if (!root.isConnected) return events.forEach((event) => seen.removeEventListener(event, follow));
    root.style.setProperty('--seen-top', `${seen.offsetTop}px`);
    root.style.setProperty('--seen-height', `${seen.height}px`);
  };
  events.forEach((event) => seen.addEventListener(event, follow));
  follow();
};

/** Opens what the device named and the person agreed to, in a page that knows nothing of this one. */
export const openLink = (uri) => void globalThis.open(uri, '_blank', 'noopener,noreferrer');

export const canPaste = () => Boolean(navigator.clipboard?.readText);
