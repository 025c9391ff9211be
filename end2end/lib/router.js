// A simulated router (`routewarden sim`), for logins and their trial.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

  async stop() {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
  }
}
