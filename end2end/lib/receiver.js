// A webhook's far end: takes what comes on loopback, and can be told to refuse it.
import { once } from 'node:events';
import { createServer } from 'node:http';

export class Receiver {
  /** What came, the oldest first, each with its headers. */
  got = [];
  status = 204;

  static async start() {
    const receiver = new Receiver();
    receiver.server = createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      receiver.got.push({ headers: request.headers, body: JSON.parse(Buffer.concat(parts).toString()) });
      response.writeHead(receiver.status).end();
    });
    receiver.server.listen(0, '127.0.0.1');
    await once(receiver.server, 'listening');
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/hook`;
    return receiver;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
