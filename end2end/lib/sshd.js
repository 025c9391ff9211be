// OpenSSH's own server on loopback, for the user who runs the tests, with keys of its own.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const PROGRAM = '/usr/sbin/sshd';
const START_DEADLINE_MS = 10_000;

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

export class Sshd {
  /** One that greets with a banner, if there is one. */
  static async start(banner = '') {
    const sshd = new Sshd();
    sshd.folder = await mkdtemp(join(tmpdir(), 'sshd-'));
    sshd.port = await freePort();
    sshd.user = userInfo().username;
    sshd.#key('user');
    await writeFile(sshd.path('allowed'), readFileSync(sshd.path('user.pub')), { mode: 0o600 });
    sshd.banner = banner;
    await writeFile(sshd.path('banner'), banner);
    sshd.changeKey();
    await sshd.up();
    return sshd;
  }

  path(name) {
    return join(this.folder, name);
  }

  #key(name) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.path(name)]);
  }

  /** Another host key from its next start on. */
  changeKey() {
    this.turns = (this.turns ?? 0) + 1;
    this.#key(`host-${this.turns}`);
  }

  /** As `ssh-keygen -lf` says it. */
  get fingerprint() {
    const said = execFileSync('ssh-keygen', ['-lf', this.path(`host-${this.turns}.pub`)]).toString();
    return said.split(' ')[1];
  }

  async up() {
    const lines = [
      `Port ${this.port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${this.path(`host-${this.turns}`)}`,
      `AuthorizedKeysFile ${this.path('allowed')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PidFile none',
      'PrintMotd no',
      `Banner ${this.banner ? this.path('banner') : 'none'}`,
    ];
    await writeFile(this.path('config'), `${lines.join('\n')}\n`);
    // Run as root it wants its folder.
    if (process.getuid() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    this.process = spawn(PROGRAM, ['-D', '-e', '-f', this.path('config')], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.said = '';
    this.process.stderr.on('data', (said) => (this.said += said));
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!(await answers(this.port))) {
      if (Date.now() > deadline || this.process.exitCode !== null) throw new Error(`sshd did not start: ${this.said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends the server, and with it the sessions it has begun. */
  async down() {
    const children = execFileSync('ps', ['--ppid', String(this.process.pid), '-o', 'pid=']).toString().split(/\s+/);
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    children.filter(Boolean).forEach((child) => process.kill(Number(child)));
    await ended;
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.down().catch(() => {});
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The login of a device that is reached here. */
  login() {
    return { username: this.user, private_key: readFileSync(this.path('user'), 'utf8'), port: this.port };
  }
}
