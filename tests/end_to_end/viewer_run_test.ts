/** What the viewer of a program refuses because it is meant for other numbers: of another run, or of older settings. */
import assert from "node:assert/strict";
import { Program } from "./program.ts";

const RELAY = { kind: "relay", listen: "0", target: "127.0.0.1:1" };
const start = () => Program.start(["relay", "0=127.0.0.1:1", "--format", "none", "--view=127.0.0.1:0"]);

/** Asks the viewer of a program as its page does. */
async function asker(program: Program) {
  const url = (await program.says(/viewer on http/)).split(" ").at(-1)!;
  const { origin } = new URL(url);
  const login = await fetch(url, { redirect: "manual" });
  await login.body?.cancel();
  const cookie = login.headers.get("set-cookie")!.split(";")[0];
  return async (method: string, path: string, wish?: unknown, fields = {}) => {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: { cookie, origin, "content-type": "application/json", ...fields },
      ...wish !== undefined && { body: JSON.stringify(wish) },
    });
    return { status: response.status, json: await response.json() };
  };
}

Deno.test("of two changes that were made of the same settings, the second is refused", async () => {
  await using program = start();
  const ask = await asker(program);
  const first = await ask("PUT", "/api/listeners/1?revision=0", { ...RELAY, link: { rate: "1mbit" } });
  assert.deepEqual([first.status, first.json.revision], [200, 1]);
  const second = await ask("PUT", "/api/listeners/1?revision=0", { ...RELAY, link: { rate: "2mbit" } });
  assert.equal(second.status, 409);
  assert.match(second.json.error, /^cannot change 127\.0\.0\.1:\d+: it was changed meanwhile/);
  const refused = await ask("PUT", "/api/listeners/1?revision=1", { ...RELAY, link: { rate: "much" } });
  assert.deepEqual([refused.status, refused.json.field], [400, "link.rate"]);
  const { listeners: [shown] } = (await ask("GET", "/api/state")).json;
  assert.deepEqual([shown.revision, shown.settings.link], [1, { rate: "1mbit" }]);
  await ask("POST", "/api/listeners/1/stop", {});
  const anyway = await ask("PUT", "/api/listeners/1", RELAY);
  assert.deepEqual([anyway.status, anyway.json.revision], [200, 2]);
});

Deno.test("what names the run before is refused by the next one", async () => {
  await using program = start();
  const { run } = (await (await asker(program))("GET", "/api/state")).json;
  await using next = start();
  const ask = await asker(next);
  const stopped = await ask("POST", "/api/listeners/1/stop", {}, { "tcpmon-run": run });
  assert.equal(stopped.status, 409);
  const { listeners: [{ isListening }], run: own } = (await ask("GET", "/api/state")).json;
  assert.equal(isListening, true);
  assert.equal((await ask("POST", "/api/listeners/1/stop", {}, { "tcpmon-run": own })).status, 200);
});
