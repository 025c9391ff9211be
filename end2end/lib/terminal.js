// The other end of a terminal's socket, in the server's place: for what the page makes of whatever it is told.
import { expect } from '@playwright/test';
import { open, signIn } from './test.js';
import { answer } from './wire.js';

const BYTES = 0;
const WORD = 1;
const ANSWER = 2;

/** Postcard, as far as the words of `app/model/src/terminal.rs` need it. */
const varint = (number) => {
  const bytes = [];
  for (let left = number; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
};
const text = (said) => Buffer.concat([varint(Buffer.byteLength(said)), Buffer.from(said)]);
const option = (value, write) => (value === undefined ? Buffer.from([0]) : Buffer.concat([Buffer.from([1]), write(value)]));
const list = (all, write) => Buffer.concat([varint(all.length), ...all.map(write)]);
const variant = (number, ...fields) => Buffer.concat([varint(number), ...fields]);
const zigzag = (number) => varint(number >= 0 ? number * 2 : -number * 2 - 1);

/** What the server says. */
export const say = {
  connecting: variant(0, varint(0)),
  signingIn: variant(0, varint(1)),
  hostKey: (host, algorithm, fingerprint) => variant(1, text(host), text(algorithm), text(fingerprint)),
  /** `login` is who signs in and why that is asked: 0 none is stored, 1 the stored one was refused, 2 the typed one was. */
  ask: (title, questions, login) =>
    variant(
      2,
      text(title),
      list(questions, ([question, isShown]) => Buffer.concat([text(question), Buffer.from([Number(isShown)])])),
      option(login, ([username, why]) => Buffer.concat([text(username), varint(why)])),
    ),
  open: (recording) => variant(3, option(recording, zigzag)),
  idle: (seconds) => variant(4, varint(seconds)),
  watched: (by) => variant(5, varint(by)),
  recordingFull: variant(7),
  unrecorded: (isNow) => variant(8, Buffer.from([Number(isNow)])),
  ended: {
    closed: (code) => variant(6, varint(0), option(code, varint)),
    idle: variant(6, varint(1)),
    loginRefused: variant(6, varint(4)),
    /** The host, and algorithm and fingerprint of the pinned key and of the one that was shown. */
    hostKeyChanged: (...said) => variant(6, varint(5), ...said.map(text)),
    noCommonAlgorithm: (needs) => variant(6, varint(7), text(needs)),
    lost: (why) => variant(6, varint(8), text(why)),
    stopping: variant(6, varint(9)),
    removed: variant(6, varint(10)),
    unreached: (host, why) => variant(6, varint(13), text(host), text(why)),
  },
};

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  number() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.at++];
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  }

  text() {
    const length = this.number();
    return this.bytes.subarray(this.at, (this.at += length)).toString();
  }
}

/** What the page says. */
const read = (bytes) => {
  const from = new Reader(bytes);
  const size = () => ({ columns: from.number(), rows: from.number() });
  switch (from.number()) {
    case 0:
      return { kind: 'hello', ticket: from.text(), ...size() };
    case 1:
      return { kind: 'resize', ...size() };
    case 2:
      return { kind: 'drawn', bytes: from.number() };
    case 3:
      return { kind: 'answers', answers: Array.from({ length: from.number() }, () => from.text()) };
    case 4:
      return { kind: 'trust', fingerprint: from.text() };
    case 5:
      return { kind: 'stay' };
    case 6:
      return { kind: 'give-up' };
    default:
      throw new Error(`the page said ${bytes.toString('hex')}`);
  }
};

/** One attempt to reach a device. */
class Attempt {
  constructor(socket) {
    this.socket = socket;
    this.device = Number(socket.url().split('/').at(-1));
    this.words = [];
    this.pieces = [];
    this.answers = [];
    socket.onMessage((message) => {
      const rest = message.subarray(1);
      if (message[0] === BYTES) this.pieces.push(rest);
      else if (message[0] === ANSWER) this.answers.push(rest.toString());
      else this.words.push(read(rest));
    });
  }

  say(word) {
    this.socket.send(Buffer.concat([Buffer.from([WORD]), word]));
  }

  /** Sends what the device writes. */
  write(bytes) {
    this.socket.send(Buffer.concat([Buffer.from([BYTES]), Buffer.from(bytes)]));
  }

  break() {
    this.socket.close();
  }

  get typed() {
    return Buffer.concat(this.pieces);
  }

  of(kind) {
    return this.words.filter((word) => word.kind === kind);
  }

  /** Waits for a word of this kind, and answers the last one. */
  async heard(kind) {
    await expect.poll(() => this.of(kind).length).toBeGreaterThan(0);
    return this.of(kind).at(-1);
  }
}

/** Stands in for the server on every terminal's socket of a page. */
export class StandIn {
  static async on(page) {
    const standIn = new StandIn();
    standIn.attempts = [];
    await page.route('**/api/ticket', (route) => {
      const purpose = route.request().postDataBuffer().toString();
      return purpose.includes('ssh:') ? answer(route, 200, text(`for ${purpose.slice(1)}`)) : route.fallback();
    });
    await page.routeWebSocket(/\/ws\/ssh\/\d+$/, (socket) => standIn.attempts.push(new Attempt(socket)));
    return standIn;
  }

  /** Waits for the attempt with this number, and for its first word. */
  async attempt(number = 1) {
    await expect.poll(() => this.attempts.length).toBeGreaterThanOrEqual(number);
    const attempt = this.attempts[number - 1];
    attempt.hello = await attempt.heard('hello');
    return attempt;
  }

  /** One that is at the prompt. */
  async prompt(number = 1) {
    const attempt = await this.attempt(number);
    attempt.say(say.open());
    attempt.write('router> ');
    return attempt;
  }
}

/** A device whose terminal is open on the page, and the other end of it. */
export const terminal = async (page, server, target, name = 'branch-1') => {
  const device = await server.addDevice(target.tunnel(name));
  await signIn(page, server);
  const standIn = await StandIn.on(page);
  await open(page, server, `/router/${encodeURIComponent(name)}/terminal`);
  return { device, standIn };
};

/** What is drawn on the screen that is seen. */
export const screen = (page) => page.locator('.term-stage:not([hidden]) .xterm-rows');

/** Pastes as a browser does, without its clipboard. */
export const paste = (page, said) =>
  page.locator('.term-stage:not([hidden]) .xterm-helper-textarea').evaluate((input, said) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', said);
    input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, said);
