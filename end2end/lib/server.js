// The real program, on a port and a data folder of its own.
import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = process.env.ROUTEWARDEN_BIN;
const START_DEADLINE_MS = 30_000;

export const PASSWORD = 'correct horse battery';

export class Server {
  /** A data folder of its own; nothing runs yet. */
  static async install() {
    const server = new Server();
    server.folder = await mkdtemp(join(tmpdir(), 'routewarden-'));
    return server;
  }

  /** A running server without any account. */
  static async start(...options) {
    const server = await Server.install();
    await server.resume('127.0.0.1:0', options);
    return server;
  }

  /** A data folder with an admin, a viewer and a token. They exist before it runs, so nothing waits for it to notice. */
  static async installWithAccounts() {
    const server = await Server.install();
    await server.addUser('admin', 'admin');
    await server.addUser('viewer', 'viewer');
    await server.createToken();
    return server;
  }

  /** Another data folder with the same in it; nothing may run in this one. */
  async copy() {
    const server = await Server.install();
    await cp(this.folder, server.folder, { recursive: true });
    server.token = this.token;
    return server;
  }

  /** Starts the program, by default where it was. */
  async resume(listen = new URL(this.url).host, options = []) {
    const args = ['serve', '--listen', listen, '--data-dir', this.folder, ...options];
    this.process = spawn(PROGRAM, args, { cwd: this.folder });
    this.log = [];
    this.url = await this.#address();
  }

  /** The address it says it listens on. */
  #address() {
    return new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${why}\n${this.log.join('\n')}`));
      const deadline = setTimeout(() => fail('the server did not start in time'), START_DEADLINE_MS);
      this.process.once('exit', (code) => fail(`the server ended with ${code}`));
      for (const stream of [this.process.stdout, this.process.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          this.log.push(line);
          const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
          if (address) {
            clearTimeout(deadline);
            resolve(address[0]);
          }
        });
      }
    });
  }

  /** What it printed in the place of the pattern's group, before it said where it listens. */
  said(pattern) {
    return this.log.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
  }

  /** Ends the program in its own order, and keeps its data. */
  pause() {
    return this.#end('SIGTERM');
  }

  /** Ends the program at once, for nobody reads its data any more. */
  async stop() {
    await this.#end('SIGKILL');
    await this.remove();
  }

  async #end(signal) {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.removeAllListeners('exit');
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill(signal);
    await ended;
  }

  remove() {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** Runs a subcommand on the same data folder and answers what it printed. */
  run(args, input = '') {
    return new Promise((resolve, reject) => {
      const child = execFile(PROGRAM, [...args, '--data-dir', this.folder], (error, stdout, stderr) =>
        error ? reject(new Error(`${args.join(' ')}: ${stderr || error}`)) : resolve(stdout.trim()),
      );
      // One that asks for nothing may be over by then.
      child.stdin.on('error', () => {}).end(input);
    });
  }

  /** An account with the password of all tests. */
  async addUser(name, role) {
    await this.run(['user', 'add', name, '--role', role, '--password-stdin'], `${PASSWORD}\n`);
  }

  async createToken() {
    this.token = await this.run(['token', 'create', '--user', 'admin', '--name', 'tests', '--scope', 'write']);
  }

  /** Asks the REST interface as an admin. */
  async ask(method, path, body) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  addDevice(device) {
    return this.ask('POST', '/api/devices', device);
  }
}
