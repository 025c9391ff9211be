// Something real to watch: a TCP listener on loopback that can go away and come back on the same port.
import { createServer } from 'node:net';

export class Target {
  #server;
  port = 0;

  /** Each address of loopback is a host of its own, and is asked apart from the others. */
  static async start(host = '127.0.0.1') {
    const target = new Target();
    target.host = host;
    await target.up();
    return target;
  }

  async up() {
    this.#server = createServer((socket) => socket.end());
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.port, this.host, resolve);
    });
    this.port = this.#server.address().port;
  }

  async down() {
    if (!this.#server?.listening) return;
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The tunnel that watches it, asked often so that tests need not wait long. */
  tunnel(name, more = {}) {
    return {
      name,
      ip_address: this.host,
      device_type: 'tunnel',
      checks: [{ kind: 'tcp', interval_seconds: 5, timeout_seconds: 2, settings: { port: this.port } }],
      ...more,
    };
  }
}
