/** Requests that name the run of the program whose numbers they use. */
import assert from "node:assert/strict";
import { FakeActions } from "./fake_actions.ts";
import { FakeAdmin } from "./fake_admin.ts";
import { Served } from "./served.ts";
import { RUN, TestViewer } from "./viewer.ts";

const RELAY = { kind: "relay", listen: "8081", target: "localhost:8080" } as const;
const REFUSED = { error: "tcpmon was started again: rows and listeners have other numbers now" };

async function opened() {
  const actions = new FakeActions();
  for (const target of ["/1", "/2", "/3"]) actions.add({ target });
  const admin = new FakeAdmin(RELAY);
  return { viewer: await TestViewer.open({ source: actions.source, actions, admin }), actions, admin };
}

Deno.test("what changes something is refused where it names another run, and nothing is done", async () => {
  const { viewer, actions, admin } = await opened();
  const changes = [
    ["DELETE", "/api/rows", { rows: [1] }],
    ["POST", "/api/rows/undo", {}],
    ["POST", "/api/resend", { row: 1 }],
    ["POST", "/api/send", { method: "GET", url: "http://a/", headers: [], body: {}, from: 1 }],
    ["POST", "/api/listeners", RELAY],
    ["PUT", "/api/listeners/1", RELAY],
    ["POST", "/api/listeners/1/stop", {}],
    ["DELETE", "/api/listeners/1", {}],
  ] as const;
  for (const [method, path, body] of changes) {
    const response = await viewer.change(method, path, JSON.stringify(body), { "tcpmon-run": "another" });
    assert.deepEqual([response.status, await response.json()], [409, REFUSED], path);
    const byAddress = await viewer.change(method, `${path}?run=another`, JSON.stringify(body));
    assert.equal(byAddress.status, 409, path);
    await byAddress.body?.cancel();
  }
  assert.deepEqual([actions.asked, admin.asked], [[], []]);
  assert.equal((await actions.source.page({ limit: 9 })).rows.length, 3);
});

Deno.test("files and comparisons are refused where they name another run, as is all that is read by number", async () => {
  const { viewer } = await opened();
  const paths = ["/api/export?as=har", "/api/compare?before=1&after=2", "/api/rows?limit=9", "/api/rows/1"];
  for (const path of paths) {
    const sign = path.includes("?") ? "&" : "?";
    const statusOf = async (path: string, headers = {}) => {
      const response = await viewer.ask(path, { headers });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await statusOf(path), 200, path);
    assert.equal(await statusOf(path, { "tcpmon-run": RUN }), 200, path);
    assert.equal(await statusOf(`${path}${sign}run=${RUN}`), 200, path);
    assert.equal(await statusOf(path, { "tcpmon-run": "another" }), 409, path);
    assert.equal(await statusOf(`${path}${sign}run=another`), 409, path);
    assert.equal(await statusOf(`${path}${sign}run=${RUN}&run=another`), 409, path);
  }
  const events = await viewer.ask("/api/events?run=another");
  assert.deepEqual([events.status, await events.json()], [409, REFUSED]);
});

Deno.test("the name of the run says nothing to whoever is not let in", async () => {
  const { viewer } = await opened();
  const response = await viewer.ask("/api/state?run=another", { headers: { cookie: "" } });
  assert.equal(response.status, 401);
  await response.body?.cancel();
});

Deno.test("each run has a name of its own, which stays as long as it lasts", async () => {
  await using one = await Served.open();
  await using other = await Served.open();
  const runOf = async (served: Served) => (await (await served.get("/api/state")).json()).run;
  const run = await runOf(one);
  assert.match(run, /^[0-9a-f-]{36}$/);
  assert.equal(await runOf(one), run);
  assert.notEqual(await runOf(other), run);
});

Deno.test("a change of a listener may name what it was made of, and is refused where that is old", async () => {
  const { viewer, admin } = await opened();
  const put = async (query: string) => {
    const response = await viewer.change("PUT", `/api/listeners/1${query}`, JSON.stringify(RELAY));
    return { status: response.status, json: await response.json() };
  };
  assert.equal((await put("?revision=0")).json.revision, 1);
  const old = await put("?revision=0");
  assert.equal(old.status, 409);
  assert.match(old.json.error, /was changed meanwhile/);
  assert.equal(old.json.field, undefined);
  assert.equal((await put("")).json.revision, 2);
  assert.equal((await put("?revision=x")).status, 400);
  assert.deepEqual(admin.revisions, [0, 0, undefined]);
});
