// How fast Lighthouse finds login and dashboard on a phone: `cargo xtask bench lighthouse` starts this and reads what it prints.
import { scores } from './lib/lighthouse.js';

const { ROUTEWARDEN_URL: url, ROUTEWARDEN_COOKIES: cookies } = process.env;
const VISITS = Number(process.env.VISITS);
/** What the login page of Lighthouse's phone leaves behind, besides the session. */
const SCREEN = 'screen=412';

const found = {};
for (const [path, sent] of [['/login', ''], ['/', `${cookies}; ${SCREEN}`]]) {
  found[path] = [];
  for (let visit = 0; visit < VISITS; visit += 1) {
    const [{ score }] = await scores(`${url}${path}`, sent, ['performance']);
    found[path].push(Math.round(score * 100));
  }
}
console.log(JSON.stringify(found));
