// The simulator as node-routeros sees it: a channel per tag, streams that are cancelled.

import assert from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import nodeRouteros from "node-routeros";

const { RouterOSAPI } = nodeRouteros;
const FLAVOURS = { plain: [], challenge: ["--login", "challenge"], tls: ["--tls"] };
const DEADLINE_MS = 15000;

const started = {};

/** Where a simulated router of this flavour listens; `$ROUTEWARDEN_BIN` is the program. */
async function router(flavour) {
  if (!started[flavour]) {
    const words = ["sim", "--listen", "127.0.0.1:0", ...FLAVOURS[flavour]];
    const simulator = spawn(process.env.ROUTEWARDEN_BIN, words, { stdio: ["ignore", "pipe", "inherit"] });
    process.on("exit", () => simulator.kill());
    const [line] = await once(createInterface({ input: simulator.stdout }), "line");
    started[flavour] = line.split(" ")[0].split(":"); // The first line begins with the address.
  }
  return started[flavour];
}

async function connect(flavour = "plain", options = {}) {
  const [host, port] = await router(flavour);
  const api = new RouterOSAPI({ host, port: Number(port), user: "admin", password: "admin", timeout: 5, ...options });
  api.on("error", () => {}); // What matters comes through the promises.
  await api.connect();
  return api;
}

const cases = {
  async "both logins, and API-SSL, lead to a router"() {
    for (const [flavour, options] of [["plain"], ["challenge"], ["tls", { tls: { rejectUnauthorized: false } }]]) {
      const api = await connect(flavour, options);
      const [row] = await api.write("/system/identity/print");
      assert.match(row.name, /^sim-/);
      await api.close();
    }
  },

  async "a wrong password is refused"() {
    await assert.rejects(connect("plain", { password: "wrong" }), /[Uu]sername or password|CANTLOGIN/);
  },

  async "rows have the columns asked for"() {
    const api = await connect();
    const rows = await api.write("/interface/print", ["=.proplist=name,type", "?type=bridge"]);
    assert.deepStrictEqual(rows.map((row) => ({ ...row })), [{ name: "bridge", type: "bridge" }]);
    await api.close();
  },

  async "what is added has an id, and what may not be done is a trap"() {
    const api = await connect();
    const menu = "/ip/firewall/address-list";
    const [{ ret }] = await api.write(`${menu}/add`, ["=list=node", "=address=203.0.113.9"]);
    assert.match(ret, /^\*/);
    await assert.rejects(api.write(`${menu}/add`, ["=list=node", "=address=203.0.113.9"]), /already have such entry/);
    await api.write(`${menu}/remove`, [`=.id=${ret}`]);
    await assert.rejects(api.write("/no/such/print"), /no such command/);
    await api.close();
  },

  async "commands at the same time get their own answers"() {
    const api = await connect();
    const paths = ["/system/identity/print", "/system/resource/print", "/ip/route/print"];
    const answers = await Promise.all(paths.map((path) => api.write(path)));
    assert.ok(answers[0][0].name && answers[1][0].version && answers[2][0].gateway);
    await api.close();
  },

  async "a stream of measurements goes on until it is stopped"() {
    const api = await connect();
    let stream;
    const row = await new Promise((resolve, reject) => {
      const words = ["/interface/monitor-traffic", "=interface=ether1", "=interval=1"];
      stream = api.stream(words, (error, rows) => (error ? reject(error) : resolve(rows)));
    });
    assert.ok(Number([row].flat()[0]["rx-bits-per-second"]) > 0);
    await stream.stop();
    assert.match((await api.write("/system/identity/print"))[0].name, /^sim-/);
    await api.close();
  },
};

async function main() {
  let failed = 0;
  for (const [name, run] of Object.entries(cases)) {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("took too long")), DEADLINE_MS).unref());
    try {
      await Promise.race([run(), late]);
      console.log(`ok - node-routeros: ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`not ok - node-routeros: ${name}`);
      String(error.stack ?? error).split("\n").forEach((line) => console.log(`# ${line}`));
    }
  }
  console.log(`1..${Object.keys(cases).length}`);
  process.exit(failed ? 1 : 0);
}

await main();
