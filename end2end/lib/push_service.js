// A push service and the browser's half of its secrecy (RFC 8291): takes what comes, checks who sent it, and reads it.
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const text = (bytes) => Buffer.from(bytes).toString('base64url');
const hkdf = (key, salt, info, length) => Buffer.from(hkdfSync('sha256', key, salt, info, length));

export class PushService {
  /** What came and was read, the oldest first. */
  got = [];
  status = 201;

  static async start() {
    const service = new PushService();
    service.keys = createECDH('prime256v1');
    service.keys.generateKeys();
    service.auth = randomBytes(16);
    service.server = createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      try {
        service.#judge(request.headers);
        service.got.push(JSON.parse(service.#open(Buffer.concat(parts))));
        response.writeHead(service.status).end();
      } catch (error) {
        response.writeHead(400).end(String(error));
      }
    });
    service.server.listen(0, '127.0.0.1');
    await once(service.server, 'listening');
    service.url = `http://127.0.0.1:${service.server.address().port}`;
    return service;
  }

  /** What a browser gives its page. */
  subscription(name) {
    const keys = { p256dh: text(this.keys.getPublicKey()), auth: text(this.auth) };
    return { endpoint: `${this.url}/push/${name}`, expirationTime: null, keys };
  }

  /** RFC 8292: a token for this origin, signed by the key that is named. */
  #judge({ authorization }) {
    const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(authorization);
    const [head, claims, signature] = token.split('.');
    const point = Buffer.from(key, 'base64url');
    const jwk = { kty: 'EC', crv: 'P-256', x: text(point.subarray(1, 33)), y: text(point.subarray(33)) };
    const signer = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
    if (!verify('sha256', Buffer.from(`${head}.${claims}`), signer, Buffer.from(signature, 'base64url'))) {
      throw new Error('the signature is wrong');
    }
    const { aud } = JSON.parse(Buffer.from(claims, 'base64url'));
    if (aud !== this.url) throw new Error(`meant for ${aud}`);
    this.signedBy = key;
  }

  /** RFC 8291 3.4 and RFC 8188 2, from the receiver's end. */
  #open(body) {
    const [salt, sender, sealed] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)];
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.keys.getPublicKey(), sender]);
    const key = hkdf(this.keys.computeSecret(sender), this.auth, info, 32);
    const derive = (name, length) => hkdf(key, salt, `Content-Encoding: ${name}\0`, length);
    const cipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
    cipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
    return plain.subarray(0, plain.lastIndexOf(2)).toString();
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
