// Far ends of channels that mean ill: what they answer ends as a reason on the page of channels.
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';

const listening = async (server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
};

/** A webhook that refuses with these words, in its status as in its body. */
export const refusingHook = async (why) => {
  const server = createHttp((request, response) => {
    request.resume();
    response.writeHead(500, why.replace(/[^ -~]/g, ''), { 'content-type': 'text/html' }).end(why);
  });
  return { url: `http://127.0.0.1:${await listening(server)}/hook`, stop: () => server.close() };
};

/** A mail server that greets with these words and nothing else. */
export const refusingMail = async (why) => {
  const server = createServer((socket) => socket.on('error', () => {}).end(`554 ${why}\r\n`));
  return { port: await listening(server), stop: () => server.close() };
};
