/** The viewer's actions, asked without a port, of a program that does nothing but remember what it was asked. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ExportWish, ViewerActions } from "../../src/ui/actions.ts";
import type { ResendRequest, SendRequest, SentView } from "../../src/ui/api.ts";
import { CONTENT_SECURITY_POLICY } from "../../src/ui/headers.ts";
import { Refused } from "../../src/ui/requests.ts";
import { readSend } from "../../src/ui/send_requests.ts";
import { get, ok } from "../capture/connection_script.ts";
import { recordsOf, TestViewer } from "./viewer.ts";

const encoder = new TextEncoder();

/** Remembers. */
class Remembering implements ViewerActions {
  readonly wishes: ExportWish[] = [];
  readonly sent: (ResendRequest | SendRequest)[] = [];
  pieces: readonly string[] = ["one ", "two"];
  begun = 0;
  ended = 0;
  answer: () => Promise<SentView> = () => Promise.resolve({ row: 2, record: { id: 2 } });

  export(wish: ExportWish) {
    this.wishes.push(wish);
    return Promise.resolve(this.#pieces());
  }

  compare(_before: number, after: number) {
    if (after === 2) return Promise.resolve(undefined);
    const differences = [{
      part: "request",
      where: "target",
      kind: "changed",
      before: "/1",
      after: "/3",
    }] as const;
    return Promise.resolve({ differences, timings: [{ step: "total", beforeMs: 1 }], notes: [] });
  }

  resend(request: ResendRequest) {
    this.sent.push(request);
    return this.answer();
  }

  send(request: SendRequest) {
    this.sent.push(request);
    return this.answer();
  }

  open(name: string) {
    return Promise.resolve({ name, records: 0, rows: 0, problems: [] });
  }

  async *#pieces() {
    this.begun++;
    try {
      for (const piece of this.pieces) yield encoder.encode(await Promise.resolve(piece));
    } finally {
      this.ended++;
    }
  }
}

async function open(settings = {}): Promise<{ viewer: TestViewer; actions: Remembering }> {
  const actions = new Remembering();
  const viewer = await TestViewer.open({ actions, ...settings });
  for (const target of ["/1", "/2", "/3"]) {
    viewer.source.add(recordsOf(["up", get(target)], ["down", ok("")]));
  }
  return { viewer, actions };
}

const REQUEST = { method: "GET", url: "http://127.0.0.1:1/", headers: [], body: {} };
const SENDING = [["/api/resend", JSON.stringify({ row: 1 })], [
  "/api/send",
  JSON.stringify(REQUEST),
]] as const;

async function errorOf(response: Response): Promise<string> {
  const { error } = await response.json();
  assert.match(error, /^[^\n]+$/);
  return error;
}

Deno.test("the page is told what it may offer", async () => {
  const can = async (viewer: TestViewer) => (await viewer.json("/api/state")).can;
  assert.deepEqual(await can((await open()).viewer), {
    send: true,
    export: true,
    compare: true,
    open: true,
    admin: false,
  });
  const locked = await open({ isReadonly: true });
  assert.deepEqual(await can(locked.viewer), {
    send: false,
    export: true,
    compare: true,
    open: false,
    admin: false,
  });
  assert.deepEqual(await can(await TestViewer.open()), {
    send: false,
    export: false,
    compare: false,
    open: false,
    admin: false,
  });
});

Deno.test("without actions there is nothing at their addresses", async () => {
  const viewer = await TestViewer.open();
  for (const path of ["/api/export?as=har", "/api/compare?before=1&after=2"]) {
    assert.equal((await viewer.ask(path)).status, 404, path);
  }
  for (const [path, body] of SENDING) {
    assert.equal((await viewer.change("POST", path, body)).status, 404, path);
  }
});

Deno.test("an export is a download that no browser shows, and comes piece by piece", async () => {
  const { viewer, actions } = await open({ isReadonly: true });
  const files = {
    har: ["tcpmon.har", "application/json"],
    json: ["tcpmon.jsonl", "application/x-ndjson"],
    tcpmon: ["tcpmon.txt", "text/plain; charset=utf-8"],
    curl: ["tcpmon.sh", "text/plain; charset=utf-8"],
    csv: ["tcpmon.csv", "text/csv; charset=utf-8"],
  };
  for (const [as, [name, type]] of Object.entries(files)) {
    const response = await viewer.ask(`/api/export?as=${as}`);
    assert.equal(await response.text(), "one two");
    const { headers } = response;
    assert.equal(headers.get("content-disposition"), `attachment; filename="${name}"`);
    assert.equal(headers.get("content-type"), type);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("content-security-policy"), CONTENT_SECURITY_POLICY);
    assert.equal(headers.get("cache-control"), "no-store");
  }
  assert.deepEqual(actions.wishes[0], { as: "har" });
  assert.deepEqual([actions.begun, actions.ended], [5, 5]);
});

Deno.test("an export is of the rows that are named, and of what the filter lets through", async () => {
  const { viewer, actions } = await open();
  const response = await viewer.ask(
    `/api/export?as=curl&rows=3,1,3,2&filter=${encodeURIComponent("status:5xx -path:/2")}`,
  );
  await response.text();
  assert.deepEqual(actions.wishes, [{ as: "curl", filter: "status:5xx -path:/2", rows: [1, 2, 3] }]);
  const one = await viewer.ask("/api/export?as=har&rows=7&filter=");
  await one.text();
  assert.equal(one.headers.get("content-disposition"), 'attachment; filename="tcpmon-7.har"');
  assert.deepEqual(actions.wishes[1], { as: "har", rows: [7] });
});

Deno.test("what cannot be an export is refused in one line, before anything is read", async () => {
  const { viewer, actions } = await open();
  for (
    const query of [
      "",
      "?as=",
      "?as=pcapng",
      "?as=__proto__",
      "?as=har&as=csv",
      "?as=har&rows=",
      "?as=har&rows=1,",
      "?as=har&rows=-1",
      "?as=har&rows=1,two",
      "?as=har&rows=9999999999999999",
      "?as=har&rows=99999999999999999999",
      "?as=har&row=1",
      "?as=har&filter=staus:200",
    ]
  ) {
    const response = await viewer.ask(`/api/export${query}`);
    assert.equal(response.status, 400, query);
    await errorOf(response);
  }
  const { place } = await (await viewer.ask("/api/export?as=har&filter=staus:200")).json();
  assert.deepEqual(place, { position: 0, length: 5 });
  assert.equal(actions.wishes.length, 0);
});

Deno.test("an export that nobody reads is not begun, and one that nobody reads any more is ended", async () => {
  const { viewer, actions } = await open();
  const head = await viewer.ask("/api/export?as=har", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  assert.deepEqual([actions.begun, actions.ended], [0, 0]);
  const reader = (await viewer.ask("/api/export?as=har")).body!.getReader();
  assert.equal(actions.begun, 0);
  await reader.read();
  await reader.cancel();
  assert.deepEqual([actions.begun, actions.ended], [1, 1]);
});

Deno.test("an export that fails half way does not look whole", async () => {
  const { viewer, actions } = await open();
  actions.export = () =>
    Promise.resolve((async function* () {
      yield await Promise.resolve(encoder.encode("one"));
      throw new Error("the disk went");
    })());
  await assert.rejects((await viewer.ask("/api/export?as=har")).text(), /the disk went/);
  actions.export = () => Promise.reject(new Refused(404, "none of these rows is there"));
  const response = await viewer.ask("/api/export?as=har&rows=9");
  assert.deepEqual([response.status, await errorOf(response)], [404, "none of these rows is there"]);
});

Deno.test("two rows are compared, and shown with their differences", async () => {
  const { viewer } = await open({ isReadonly: true });
  const view = await viewer.json("/api/compare?before=1&after=3");
  assert.deepEqual([view.before.url, view.after.url], ["/1", "/3"]);
  assert.equal(view.differences[0].where, "target");
  assert.deepEqual([view.timings, view.notes], [[{ step: "total", beforeMs: 1 }], []]);
  const gone = await viewer.ask("/api/compare?before=1&after=9");
  assert.equal(gone.status, 404);
  assert.match(await errorOf(gone), /row 9 is not there/);
  assert.equal((await viewer.ask("/api/compare?before=1&after=2")).status, 400);
  for (const query of ["", "?before=1", "?after=1", "?before=1&after=x", "?before=1&after=3&more=1"]) {
    assert.equal((await viewer.ask(`/api/compare${query}`)).status, 400, query);
  }
});

Deno.test("what is to be sent comes to the program as the page says it", async () => {
  const { viewer, actions } = await open();
  const full = {
    method: "POST",
    url: "https://example.com/a?b=c",
    headers: [["SOAPAction", '"x"'], ["X-Empty", ""]],
    body: { text: "<a/>" },
    to: "127.0.0.1:8080",
    from: 3,
    soap: "1.2",
    soapAction: "urn:a",
  };
  const wanted = [{ row: 2 }, { row: 2, to: "http://127.0.0.1:1" }, full, {
    ...REQUEST,
    body: { base64: "AA==" },
  }];
  for (const request of wanted) {
    const path = "row" in request ? "/api/resend" : "/api/send";
    const response = await viewer.change("POST", path, JSON.stringify(request));
    assert.deepEqual([response.status, await response.json()], [200, { row: 2, record: { id: 2 } }]);
  }
  assert.deepEqual(actions.sent, wanted);
});

Deno.test("what is no request is refused in one line, and never sent", async () => {
  const { viewer, actions } = await open();
  const bad: readonly (readonly [path: string, body: unknown])[] = [
    ["/api/resend", {}],
    ["/api/resend", []],
    ["/api/resend", null],
    ["/api/resend", { row: "1" }],
    ["/api/resend", { row: -1 }],
    ["/api/resend", { row: 1.5 }],
    ["/api/resend", { row: 1, to: 2 }],
    ["/api/resend", { row: 1, url: "http://127.0.0.1/" }],
    ["/api/send", {}],
    ["/api/send", { ...REQUEST, method: undefined }],
    ["/api/send", { ...REQUEST, url: 1 }],
    ["/api/send", { ...REQUEST, headers: {} }],
    ["/api/send", { ...REQUEST, headers: [["A"]] }],
    ["/api/send", { ...REQUEST, headers: [["A", 1]] }],
    ["/api/send", { ...REQUEST, headers: [["A", "b", "c"]] }],
    ["/api/send", { ...REQUEST, headers: Array(1001).fill(["A", "b"]) }],
    ["/api/send", { ...REQUEST, body: "text" }],
    ["/api/send", { ...REQUEST, body: null }],
    ["/api/send", { ...REQUEST, body: { text: "a", base64: "AA==" } }],
    ["/api/send", { ...REQUEST, body: { file: "/etc/passwd" } }],
    ["/api/send", { ...REQUEST, soap: "2.0" }],
    ["/api/send", { ...REQUEST, soapAction: 1 }],
    ["/api/send", { ...REQUEST, from: "1" }],
    ["/api/send", { ...REQUEST, follow: true }],
  ];
  const texts = bad.map(([path, body]) => [path, JSON.stringify(body)] as const);
  for (
    const [path, body] of [...texts, ["/api/send", ""], ["/api/resend", "{"], ["/api/send", "\xff"]] as const
  ) {
    const response = await viewer.change("POST", path, body);
    assert.equal(response.status, 400, `${path} ${body}`);
    await errorOf(response);
  }
  assert.deepEqual(actions.sent, []);
});

Deno.test("any JSON is read as a request, or refused as one", () => {
  const values = fc.record({
    method: fc.oneof(fc.string(), fc.jsonValue()),
    url: fc.oneof(fc.string(), fc.jsonValue()),
    headers: fc.oneof(fc.array(fc.array(fc.string())), fc.jsonValue()),
    body: fc.oneof(
      fc.record({ text: fc.jsonValue(), base64: fc.jsonValue() }, { requiredKeys: [] }),
      fc.jsonValue(),
    ),
    from: fc.jsonValue(),
  }, { requiredKeys: [] });
  fc.assert(fc.property(values, (value) => {
    try {
      const { method, url, headers, body } = readSend(JSON.stringify(value));
      assert.ok(
        typeof method === "string" && typeof url === "string" && headers.every(({ length }) => length === 2),
      );
      assert.ok(typeof (body.text ?? body.base64 ?? "") === "string");
    } catch (error) {
      assert.ok(error instanceof Refused && error.status === 400, String(error));
    }
  }));
});

Deno.test("nothing is sent for a foreign page, without a cookie, as a form, or where the viewer is for reading only", async () => {
  const { viewer, actions } = await open();
  const locked = await open({ isReadonly: true });
  for (const [path, body] of SENDING) {
    const status = async (headers: { [name: string]: string }, asked = viewer) =>
      (await asked.change("POST", path, body, headers)).status;
    assert.equal(await status({}, locked.viewer), 403);
    assert.equal(await status({ origin: "http://evil.example" }), 403);
    assert.equal(await status({ origin: "null" }), 403);
    assert.equal(await status({ origin: "http://127.0.0.1:9998" }), 403);
    assert.equal(await status({ "sec-fetch-site": "cross-site" }), 403);
    assert.equal(await status({ origin: "", "sec-fetch-site": "" }), 403);
    assert.equal(await status({ host: "evil.example:9999" }), 403);
    assert.equal(await status({ cookie: "" }), 401);
    assert.equal(await status({ cookie: "tcpmon-9999=guess" }), 401);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]) {
      assert.equal(await status({ "content-type": type }), 415, type);
    }
    assert.equal((await viewer.ask(path)).status, 404, "a GET sends nothing");
  }
  for (const path of ["/api/export?as=har", "/api/compare?before=1&after=3"]) {
    assert.equal((await viewer.ask(path, { headers: { cookie: "" } })).status, 401);
    const foreign = {
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
    };
    assert.equal((await viewer.ask(path, { headers: foreign })).status, 403);
  }
  assert.deepEqual([...actions.sent, ...locked.actions.sent, ...actions.wishes], []);
});

Deno.test("a request to be sent may be 8 MiB long, and other changes as long as before", async () => {
  const { viewer, actions } = await open();
  const body = (bytes: number) => {
    const empty = JSON.stringify({ ...REQUEST, body: { text: "" } }).length;
    return JSON.stringify({ ...REQUEST, body: { text: "x".repeat(bytes - empty) } });
  };
  const limit = 8 * 1024 * 1024;
  assert.equal((await viewer.change("POST", "/api/send", body(limit))).status, 200);
  assert.equal((await viewer.change("POST", "/api/send", body(limit + 1))).status, 413);
  const declared = { "content-length": String(limit + 1) };
  assert.equal((await viewer.change("POST", "/api/send", "{}", declared)).status, 413);
  assert.equal((await viewer.change("POST", "/api/resend", " ".repeat(limit + 1))).status, 413);
  const long = { "content-length": String(64 * 1024 + 1) };
  assert.equal((await viewer.change("DELETE", "/api/rows", "{}", long)).status, 413);
  assert.equal((await viewer.change("DELETE", "/api/rows", " ".repeat(64 * 1024 + 1))).status, 413);
  assert.equal(actions.sent.length, 1);
});

Deno.test("four requests at most are under way, and each that ends, however it does, makes room", async () => {
  const { viewer, actions } = await open();
  const waiting: PromiseWithResolvers<SentView>[] = [];
  actions.answer = () => {
    const answer = Promise.withResolvers<SentView>();
    waiting.push(answer);
    return answer.promise;
  };
  const send = ([path, body]: readonly [string, string]) => viewer.change("POST", path, body);
  const answers = [0, 1, 0, 1].map((which) => send(SENDING[which]));
  while (waiting.length < 4) await Promise.resolve();
  for (const sending of SENDING) {
    const response = await send(sending);
    assert.equal(response.status, 503);
    assert.match(await errorOf(response), /4 requests are under way/);
  }
  waiting[0].resolve({ error: "nobody is there" });
  waiting[1].reject(new Refused(400, "no such request"));
  assert.deepEqual(await (await answers[0]).json(), { error: "nobody is there" });
  const refused = await answers[1];
  assert.deepEqual([refused.status, await errorOf(refused)], [400, "no such request"]);
  const more = [send(SENDING[0]), send(SENDING[1])];
  while (waiting.length < 6) await Promise.resolve();
  assert.equal((await send(SENDING[0])).status, 503);
  for (const { resolve } of waiting) resolve({ row: 1 });
  for (const answer of [answers[2], answers[3], ...more]) assert.equal((await answer).status, 200);
  assert.equal(actions.sent.length, 6);
});
