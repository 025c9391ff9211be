// A router that means ill: a simulated one (`router.js`), and between it and whoever asks it somebody who puts words of
// the corpus into all that it says.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { CORPUS } from './corpus.js';
import { sentence } from './router.js';

/** Its ports, as the routes, the counters and the interfaces name them. */
const PORTS = new Map([
  ['pppoe-out1', '<img src=canary onerror=owned()>'],
  ['ether1', '"><svg onload=owned()>'],
  ['lte1', '{{constructor.constructor("owned()")()}}'],
]);
/** Where free text stands, by the menu that says it. */
const TEXTS = {
  '/system/resource/print': ['board-name', 'architecture-name', 'version'],
  '/system/identity/print': ['name'],
  '/system/routerboard/print': ['model', 'serial-number', 'current-firmware', 'upgrade-firmware'],
  '/system/health/print': ['name', 'type'],
  '/ip/cloud/print': ['warning'],
};
const NEWEST = '99.9';

/** Takes a stream of bytes apart into sentences: lists of words, each with its length before it. */
class Sentences {
  #bytes = Buffer.alloc(0);
  #words = [];

  *of(data) {
    this.#bytes = Buffer.concat([this.#bytes, data]);
    for (let word = this.#word(); word !== undefined; word = this.#word()) {
      if (word.length > 0) this.#words.push(word.toString());
      else yield this.#words.splice(0);
    }
  }

  #word() {
    const [first] = this.#bytes;
    if (first === undefined) return undefined;
    const more = [0x80, 0xc0, 0xe0].filter((mark) => first >= mark).length;
    if (this.#bytes.length <= more) return undefined;
    const length = this.#bytes.subarray(0, more + 1).reduce((sum, byte, at) => sum * 256 + (at ? byte : byte & (0xff >> more)), 0);
    if (this.#bytes.length < more + 1 + length) return undefined;
    const word = this.#bytes.subarray(more + 1, more + 1 + length);
    this.#bytes = this.#bytes.subarray(more + 1 + length);
    return word;
  }
}

export class HostileRouter {
  /** What it refuses everything with, and what it lets nobody in with. */
  refusal;
  closed;

  /** In front of a simulated one, on an address of loopback; it begins with the word of this number. */
  static async start(router, host, first = 0) {
    const hostile = new HostileRouter();
    hostile.host = host;
    hostile.at = first;
    hostile.sockets = new Set();
    hostile.server = createServer((socket) => hostile.#serve(socket, router));
    hostile.server.listen(0, host);
    await once(hostile.server, 'listening');
    hostile.port = hostile.server.address().port;
    return hostile;
  }

  #serve(near, router) {
    const far = connect(router.port, '127.0.0.1');
    const menus = new Map();
    for (const [socket, other] of [[near, far], [far, near]]) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => (this.sockets.delete(socket), other.destroy()));
    }
    const [asked, said] = [new Sentences(), new Sentences()];
    near.on('data', (data) => {
      for (const words of asked.of(data)) {
        const tag = words.find((word) => word.startsWith('.tag='));
        menus.set(tag, words[0]);
        const answer = this.#refused(words[0], tag ? [tag] : []);
        if (answer) near.write(answer);
        else far.write(sentence(...words.map((word) => replaced(word, [...PORTS].map(([own, evil]) => [evil, own])))));
      }
    });
    far.on('data', (data) => {
      for (const words of said.of(data)) {
        const menu = menus.get(words.find((word) => word.startsWith('.tag=')));
        for (const changed of this.#changed(menu, words)) near.write(sentence(...changed));
      }
    });
  }

  #refused(command, tag) {
    const why = command === '/login' ? this.closed : this.refusal;
    if (why === undefined) return undefined;
    return Buffer.concat([sentence('!trap', ...tag, `=message=${why}`), sentence('!done', ...tag)]);
  }

  /** The next word of the corpus. */
  #next() {
    return CORPUS[this.at++ % CORPUS.length];
  }

  /** What is said in the place of a sentence. */
  #changed(menu, words) {
    const evil = words.map((word) => replaced(word, [...PORTS]));
    if (words[0] !== '!re') return [evil];
    const put = (name, value) => {
      const at = evil.findIndex((word) => word.startsWith(`=${name}=`));
      if (at >= 0) evil[at] = `=${name}=${value}`;
    };
    switch (menu) {
      case '/interface/print':
        // Beside those that it has, one for every word.
        return words.includes('=name=bridge') ? [evil, ...CORPUS.map((text) => named(evil, text))] : [evil];
      case '/system/package/update/print':
        put('latest-version', `${NEWEST} ${this.#next()}`);
        return [evil];
      case '/log/print':
      case '/log/listen':
        put('topics', `script,${this.#next().replaceAll(',', ';')},info`);
        return [evil];
      default:
        for (const name of TEXTS[menu] ?? []) put(name, this.#next());
        return [evil];
    }
  }

  /** Refuses logins with these words from now on, and ends what is open. */
  close(why) {
    this.closed = why;
    this.sockets.forEach((socket) => socket.destroy());
  }

  async stop() {
    this.sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const NAMING = ['name', 'comment', 'type', 'mac-address'];

/** Another interface like this one, called so. */
const named = (row, text) => [
  ...row.filter((word) => !NAMING.some((name) => word.startsWith(`=${name}=`))),
  ...NAMING.map((name) => `=${name}=${text}`),
];

const replaced = (word, pairs) => pairs.reduce((text, [from, to]) => text.replaceAll(from, () => to), word);
