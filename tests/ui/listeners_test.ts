/** Listeners through the viewer's application, asked without a port, of a program that opens none. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Refused } from "../../src/ui/requests.ts";
import { FakeAdmin } from "./fake_admin.ts";
import { TestViewer } from "./viewer.ts";

const RELAY = { kind: "relay", listen: "8081", target: "localhost:8080" } as const;
const PROXY = { kind: "proxy", listen: "8888" } as const;

async function opened(settings = {}): Promise<{ viewer: TestViewer; admin: FakeAdmin }> {
  const admin = new FakeAdmin(RELAY);
  return { viewer: await TestViewer.open({ admin, ...settings }), admin };
}

async function change(viewer: TestViewer, method: string, path: string, body: unknown = {}) {
  const response = await viewer.change(method, path, typeof body === "string" ? body : JSON.stringify(body));
  return { status: response.status, json: await response.json() };
}

Deno.test("the state has the listeners, and what may be done about them", async () => {
  const { viewer, admin } = await opened();
  const state = await viewer.json("/api/state");
  assert.deepEqual(state.listeners, admin.list());
  assert.deepEqual(state.can, { send: false, export: false, compare: false, open: false, admin: true });
  const readonly = await opened({ isReadonly: true });
  assert.equal((await readonly.viewer.json("/api/state")).can.admin, false);
});

Deno.test("listeners are added, set anew, stopped, started and removed", async () => {
  const { viewer, admin } = await opened();
  const link = { rate: "1mbit", latency: "150ms" };
  const added = await change(viewer, "POST", "/api/listeners", {
    ...PROXY,
    link,
    upstreamProxy: "",
    noProxy: "a,*.b",
  });
  assert.deepEqual([added.status, added.json.id, added.json.address], [200, 2, "127.0.0.1:8888"]);
  const edited = await change(viewer, "PUT", "/api/listeners/2", {
    ...RELAY,
    listen: "[::1]:9000",
    host: "keep",
    insecure: true,
  });
  assert.equal(edited.json.target, "localhost:8080");
  assert.equal((await change(viewer, "POST", "/api/listeners/2/stop")).json.isListening, false);
  assert.equal((await change(viewer, "POST", "/api/listeners/2/start", "")).json.isListening, true);
  assert.deepEqual(await change(viewer, "DELETE", "/api/listeners/2"), { status: 200, json: {} });
  assert.deepEqual(admin.asked.map(({ kind }) => kind), ["add", "edit", "stop", "start", "remove"]);
  assert.deepEqual(admin.asked[0], {
    kind: "add",
    settings: { ...PROXY, link, upstreamProxy: "", noProxy: "a,*.b" },
  });
});

Deno.test("the config file is a download", async () => {
  const { viewer, admin } = await opened();
  const response = await viewer.ask("/api/config");
  assert.equal(response.headers.get("content-disposition"), 'attachment; filename="tcpmon.json"');
  assert.equal(await response.text(), admin.config());
  assert.equal((await viewer.ask("/api/config?x=1")).status, 400);
});

Deno.test("what the program refuses is told with its field, and 409 where an address cannot be had", async () => {
  const { viewer, admin } = await opened();
  const taken = await change(viewer, "POST", "/api/listeners", RELAY);
  assert.deepEqual(taken, {
    status: 409,
    json: { error: "cannot listen on 127.0.0.1:8081: address already in use", field: "listen" },
  });
  admin.refusals.push(new Refused(400, "cannot read rate:\nfound x", "link.rate"));
  const wrong = await change(viewer, "POST", "/api/listeners", PROXY);
  assert.deepEqual(wrong, { status: 400, json: { error: "cannot read rate: found x", field: "link.rate" } });
  const missing = await change(viewer, "POST", "/api/listeners/7/stop");
  assert.equal(missing.status, 404);
});

Deno.test("a program that fails is an error of one line that blames no history", async () => {
  const { viewer, admin } = await opened();
  admin.add = () => Promise.reject(new Error("out of\nsomething"));
  const failed = await change(viewer, "POST", "/api/listeners", PROXY);
  assert.deepEqual(failed, { status: 500, json: { error: "the listeners failed: out of something" } });
});

Deno.test("settings of another shape reach no program, and the error names the field", async () => {
  const { viewer, admin } = await opened();
  const wrong: readonly (readonly [unknown, string | undefined])[] = [
    ["", undefined],
    ["[]", undefined],
    ["null", undefined],
    ['{"kind":"relay"', undefined],
    [{ ...PROXY, extra: 1 }, undefined],
    ['{"kind":"proxy","listen":"1","__proto__":{}}', undefined],
    [{ listen: "1" }, "kind"],
    [{ kind: "socks", listen: "1" }, "kind"],
    [{ kind: "proxy" }, "listen"],
    [{ kind: "proxy", listen: 8081 }, "listen"],
    [{ kind: "relay", listen: "1" }, "target"],
    [{ ...RELAY, listen: "80\n81" }, "listen"],
    [{ ...RELAY, target: "x".repeat(5000) }, "target"],
    [{ ...RELAY, host: "both" }, "host"],
    [{ ...RELAY, insecure: "yes" }, "insecure"],
    [{ ...RELAY, upstreamProxy: null }, "upstreamProxy"],
    [{ ...RELAY, noProxy: ["a"] }, "noProxy"],
    [{ ...PROXY, target: "a:1" }, "target"],
    [{ ...PROXY, insecure: false }, "insecure"],
    [{ ...PROXY, link: "3g" }, "link"],
    [{ ...PROXY, link: [] }, "link"],
    [{ ...PROXY, link: { speed: "1" } }, "link"],
    ['{"kind":"proxy","listen":"1","link":{"__proto__":"1"}}', "link"],
    [{ ...PROXY, link: { seed: 1 } }, "link.seed"],
    [{ ...PROXY, link: { rate: "1\u0000" } }, "link.rate"],
  ];
  for (const [body, field] of wrong) {
    const { status, json } = await change(viewer, "POST", "/api/listeners", body);
    assert.deepEqual([status, json.field], [400, field], JSON.stringify(body));
    assert.match(json.error, /^[^\n]{1,300}$/);
  }
  const long = await change(viewer, "POST", "/api/listeners", { ...PROXY, noProxy: "x".repeat(70_000) });
  assert.equal(long.status, 413);
  assert.deepEqual(admin.asked, []);
});

Deno.test("any JSON is taken as settings or refused with 400, and the viewer goes on", async () => {
  const { viewer } = await opened();
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record({ kind: fc.constantFrom("relay", "proxy"), link: fc.object() }),
  );
  await fc.assert(
    fc.asyncProperty(value, async (settings) => {
      const { status } = await change(viewer, "POST", "/api/listeners", settings);
      assert.ok([200, 400, 409].includes(status));
    }),
    { numRuns: 200 },
  );
});

Deno.test("a viewer for reading only, and foreign pages, change no listener", async () => {
  const readonly = await opened({ isReadonly: true });
  const open = await opened();
  const attempts = [["POST", ""], ["PUT", "/1"], ["POST", "/1/stop"], ["POST", "/1/start"], ["DELETE", "/1"]];
  for (const [method, rest] of attempts) {
    const path = `/api/listeners${rest}`;
    assert.equal((await readonly.viewer.change(method, path, JSON.stringify(RELAY))).status, 403);
    const foreign = { origin: "http://evil.example", "sec-fetch-site": "cross-site" };
    assert.equal((await open.viewer.change(method, path, JSON.stringify(RELAY), foreign)).status, 403);
    for (
      const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/octet-stream",
      ]
    ) {
      const response = await open.viewer.change(method, path, JSON.stringify(RELAY), {
        "content-type": type,
      });
      assert.equal(response.status, 415, `${method} ${path} ${type}`);
    }
    assert.equal((await open.viewer.change(method, path, "{}", { cookie: "" })).status, 401);
  }
  assert.deepEqual([...readonly.admin.asked, ...open.admin.asked], []);
});

Deno.test("without somebody to ask there are no such addresses", async () => {
  const viewer = await TestViewer.open();
  for (
    const [method, path] of [["POST", "/api/listeners"], ["PUT", "/api/listeners/1"], [
      "DELETE",
      "/api/listeners/1",
    ]]
  ) {
    assert.equal((await viewer.change(method, path, JSON.stringify(RELAY))).status, 404);
  }
  assert.equal((await viewer.ask("/api/config")).status, 404);
});

Deno.test("a listener's number that is none is not there", async () => {
  const { viewer, admin } = await opened();
  for (const id of ["x", "1.5", "-1", "99999999999999999999", "1/stop/now"]) {
    assert.equal((await change(viewer, "DELETE", `/api/listeners/${id}`)).status, 404, id);
  }
  assert.deepEqual(admin.asked, []);
});
