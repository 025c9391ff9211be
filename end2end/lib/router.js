// A simulated router (`routewarden sim`), for logins and their trial.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

export class Router {
  /** The account that may look and change nothing. */
  static login = { username: 'monitor', password: 'look-only' };

  static async start() {
    const router = new Router();
    router.process = spawn(process.env.ROUTEWARDEN_BIN, ['sim', '--listen', '127.0.0.1:0']);
    // The first line begins with the address.
    const [line] = await once(createInterface({ input: router.process.stdout }), 'line');
    router.port = Number(/^127\.0\.0\.1:(\d+)/.exec(line)[1]);
    return router;
  }

  /** Writes lines into its log, as an admin's `/log/info` does. */
  async log(level, ...messages) {
    const socket = connect(this.port, '127.0.0.1');
    const said = [];
    socket.on('data', (data) => said.push(data));
    const done = async (count) => {
      while (Buffer.concat(said).toString('latin1').split('!done').length <= count) await once(socket, 'data');
    };
    socket.write(sentence('/login', '=name=admin', '=password=admin'));
    await done(1);
    for (const [before, message] of messages.entries()) {
      socket.write(sentence(`/log/${level}`, `=message=${message}`));
      await done(before + 2);
    }
    socket.destroy();
  }

  async stop() {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
  }
}

/** Words as the API takes them: each with its length before it, and an empty one at the end. */
export const sentence = (...words) => Buffer.concat(
  [...words, ''].flatMap((word) => {
    const bytes = Buffer.from(word);
    const length = bytes.length < 0x80 ? [bytes.length] : [0x80 | (bytes.length >> 8), bytes.length & 0xff];
    return [Buffer.from(length), bytes];
  }),
);
