/** The viewer's application, asked without a port. */
import assert from "node:assert/strict";
import { CONTENT_SECURITY_POLICY } from "../../src/ui/headers.ts";
import type { HistorySource } from "../../src/ui/source.ts";
import { get, ok, post } from "../capture/connection_script.ts";
import { listenerView } from "./fake_admin.ts";
import { MemorySource } from "./memory_source.ts";
import { HOST, recordsOf, RUN, TestViewer, TOKEN } from "./viewer.ts";

/** A viewer whose history has these exchanges, in rows from 1 on. */
async function viewerOf(count: number, settings = {}): Promise<TestViewer> {
  const viewer = await TestViewer.open(settings);
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  viewer.source.add(recordsOf(...numbers.flatMap((number) =>
    [
      ["up", post(`/${number}`, `asked ${number}`)],
      ["down", ok(`told ${number}`, number % 2 === 0 ? "500 No" : "200 OK")],
    ] as const
  )));
  return viewer;
}

const rowsOf = ({ rows }: { readonly rows: readonly { readonly row: number }[] }) =>
  rows.map(({ row }) => row);

Deno.test("the page is told what it needs first", async () => {
  const viewer = await TestViewer.open({ isReadonly: true });
  const { filterKeys, ...state } = await viewer.json("/api/state");
  assert.deepEqual(state, {
    run: RUN,
    version: "1.2.3",
    listeners: [listenerView({ address: "127.0.0.1:8081" })],
    linkPresets: [],
    files: [],
    readonly: true,
    can: { send: false, export: false, compare: false, admin: false, open: false },
  });
  const { help } = filterKeys.find(({ key }: { key: string }) => key === "status");
  assert.match(help, /^\S[^\n]+$/);
});

Deno.test("rows come in pages, newest first, to both sides", async () => {
  const viewer = await viewerOf(7);
  const page = await viewer.json("/api/rows?limit=3");
  assert.deepEqual(rowsOf(page), [7, 6, 5]);
  assert.deepEqual([page.hasMore, page.total], [true, 7]);
  assert.equal(page.rows[0].url, "/7");
  assert.deepEqual(rowsOf(await viewer.json("/api/rows?limit=3&before=5")), [4, 3, 2]);
  assert.deepEqual(rowsOf(await viewer.json("/api/rows?limit=3&after=2")), [5, 4, 3]);
  assert.deepEqual(rowsOf(await viewer.json("/api/rows?after=7")), []);
  assert.deepEqual(
    rowsOf(await viewer.json(`/api/rows?filter=${encodeURIComponent("status:5xx -path:/2")}`)),
    [6, 4],
  );
});

Deno.test("a page has a hundred rows unless more are asked for, and never more than a thousand", async () => {
  const limits: number[] = [];
  class Counting extends MemorySource {
    override page(query: Parameters<MemorySource["page"]>[0]) {
      limits.push(query.limit);
      return super.page(query);
    }
  }
  const viewer = await TestViewer.open({ source: new Counting() });
  for (const query of ["", "?limit=0", "?limit=1000000"]) await viewer.ask(`/api/rows${query}`);
  assert.deepEqual(limits, [100, 1, 1000]);
});

Deno.test("rows come in the order of a column, and pages of one order belong together", async () => {
  const viewer = await viewerOf(7);
  const first = await viewer.json("/api/rows?sort=url&limit=3");
  assert.deepEqual(rowsOf(first), [1, 2, 3]);
  assert.deepEqual([first.hasMore, first.total], [true, 7]);
  viewer.source.add(recordsOf(["up", get("/0")], ["down", ok("late")]));
  const next = await viewer.json(`/api/rows?sort=url&limit=3&offset=3&order=${first.order}`);
  assert.deepEqual([rowsOf(next), next.order], [[4, 5, 6], first.order]);
  const unknown = await viewer.json("/api/rows?sort=url&limit=3&offset=0&order=99");
  assert.deepEqual(rowsOf(unknown), [8, 1, 2]);
  assert.notEqual(unknown.order, first.order);
  const filtered = await viewer.json("/api/rows?sort=-row&filter=status:5xx");
  assert.deepEqual(rowsOf(filtered), [6, 4, 2]);
});

Deno.test("what cannot be an order is refused in one line", async () => {
  const viewer = await viewerOf(2);
  const wrong = [
    "sort=",
    "sort=-",
    "sort=--row",
    "sort=Row",
    "sort=__proto__",
    "sort=toString",
    "sort=row&sort=url",
  ];
  wrong.push(
    "sort=row&before=3",
    "sort=row&after=3",
    "sort=row&offset=-1",
    "sort=row&order=x",
    "offset=3",
    "order=1",
  );
  wrong.push(`sort=${"x".repeat(5000)}`);
  for (const query of wrong) {
    const response = await viewer.ask(`/api/rows?${query}`);
    const { error } = await response.json();
    assert.equal(response.status, 400, query);
    assert.match(error, /^[^\n]{1,300}$/);
  }
  assert.equal((await viewer.ask("/api/rows?sort=url&filter=status:nonsense")).status, 400);
});

Deno.test("messages of what is under way are asked for by its connection", async () => {
  const viewer = await TestViewer.open();
  viewer.source.add(recordsOf(["up", "\x00raw"], ["down", "\x01raw"]));
  const { rows: [{ client, listener, connection }] } = await viewer.json("/api/rows");
  const key = `client=${encodeURIComponent(client)}&listener=${encodeURIComponent(listener)}`;
  const page = await viewer.json(`/api/active/messages?${key}&connection=${connection}&limit=1`);
  assert.deepEqual([page.messages.length, page.hasMore], [1, true]);
  const rest = await viewer.json(
    `/api/active/messages?${key}&connection=${connection}&after=${page.messages[0].row}`,
  );
  assert.deepEqual([rest.messages.length, rest.hasMore], [1, false]);
  assert.deepEqual((await viewer.json(`/api/active/messages?${key}&connection=99`)).messages, []);
  for (
    const query of [key, "connection=1", `${key}&connection=1&row=1`, `${key}${"x".repeat(600)}&connection=1`]
  ) {
    assert.equal((await viewer.ask(`/api/active/messages?${query}`)).status, 400, query);
  }
});

Deno.test("a filter that cannot be read is told with its place", async () => {
  const viewer = await viewerOf(1);
  const response = await viewer.ask(`/api/rows?filter=${encodeURIComponent("method:GET staus:200")}`);
  assert.equal(response.status, 400);
  const { error, place } = await response.json();
  assert.match(error, /staus/);
  assert.deepEqual(place, { position: 11, length: 5 });
});

Deno.test("what cannot be a query is refused in one line, not guessed at", async () => {
  const viewer = await viewerOf(1);
  for (
    const path of [
      "/api/rows?limit=ten",
      "/api/rows?limit=-1",
      "/api/rows?limit=1.5",
      "/api/rows?limit=",
      "/api/rows?before=1e3",
      "/api/rows?before=99999999999999999999",
      "/api/rows?before=1&before=2",
      "/api/rows?before=2&after=1",
      "/api/rows?limitt=1",
      "/api/rows?__proto__=1",
      "/api/rows/1?x=1",
      "/api/rows/1/messages?after=a",
      "/api/rows/1/body/request?from=0x10",
    ]
  ) {
    const response = await viewer.ask(path);
    assert.equal(response.status, 400, path);
    assert.match((await response.json()).error, /^[^\n]+$/);
  }
});

Deno.test("an exchange is shown as the log has it, its bodies cut, the rest to be had as bytes", async () => {
  const viewer = await TestViewer.open();
  const long = "0123456789abcdef".repeat(100_000);
  viewer.source.add(recordsOf(["up", post("/long", "short")], ["down", ok(long)]));
  const { row, record, cut, messages } = await viewer.json("/api/rows/1");
  assert.deepEqual([row.row, row.down, messages], [1, long.length, 0]);
  assert.deepEqual(cut, { request: false, response: true });
  assert.equal(record.request.body.text, "short");
  assert.ok(record.response.body.text === long.slice(0, 256 * 1024));
  const bytes = async (query: string) => await (await viewer.ask(`/api/rows/1/body/response${query}`)).text();
  assert.ok(await bytes("") === long);
  assert.equal(await bytes("?from=16&to=21"), "01234");
  assert.equal(await bytes(`?from=${long.length - 2}`), "ef");
  assert.equal(await bytes("?from=1048570&to=1048583"), long.slice(1048570, 1048583));
  for (const query of [`?from=${long.length}`, "?from=99999999", "?from=5&to=5", "?from=5&to=1"]) {
    assert.equal(await bytes(query), "", query);
  }
});

Deno.test("a body is bytes to be saved, whatever it says that it is", async () => {
  const viewer = await TestViewer.open();
  const html = "<script>alert(1)</script>";
  viewer.source.add(recordsOf(["up", get("/x")], [
    "down",
    `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${html.length}\r\n\r\n${html}`,
  ]));
  const response = await viewer.ask("/api/rows/1/body/response");
  assert.equal(response.headers.get("content-type"), "application/octet-stream");
  assert.equal(response.headers.get("content-disposition"), 'attachment; filename="1-response.bin"');
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.equal(await response.text(), html);
});

Deno.test("a body that the history forgets while it is sent breaks off, instead of seeming to end", async () => {
  class Forgetful extends MemorySource {
    override body(_row: number, _part: string, from: number, to: number) {
      return from === 0 ? new Uint8Array(to - from) : undefined;
    }
  }
  const viewer = await TestViewer.open({ source: new Forgetful() });
  const response = await viewer.ask("/api/rows/1/body/request");
  await assert.rejects(response.bytes(), /not in the history any more/);
});

Deno.test("messages and the reads of streams come oldest first, in pages", async () => {
  const viewer = await TestViewer.open();
  const events = ["one", "two", "three"].map((data) => `data: ${data}\n\n`).join("");
  viewer.source.add(recordsOf(["up", get("/events")], [
    "down",
    `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n${events}`,
  ], ["down-end"]));
  const { rows: [{ row }] } = await viewer.json("/api/rows");
  assert.equal((await viewer.json(`/api/rows/${row}`)).messages, 3);
  const page = await viewer.json(`/api/rows/${row}/messages?limit=2`);
  assert.deepEqual(page.messages.map((message: { record: { text: string } }) => message.record.text), [
    "one",
    "two",
  ]);
  assert.equal(page.hasMore, true);
  const next = await viewer.json(`/api/rows/${row}/messages?after=${page.messages[1].row}`);
  assert.deepEqual([next.messages.length, next.messages[0].record.text, next.hasMore], [1, "three", false]);
});

Deno.test("what is not there is 404, in JSON", async () => {
  const viewer = await viewerOf(1);
  for (
    const path of [
      "/api/rows/2",
      "/api/rows/99999999999999999999",
      "/api/rows/x",
      "/api/rows/1/body/other",
      "/api/rows/2/body/request",
      "/api/",
      "/api/nothing",
      "/index.html",
      "/record.schema.json",
      "/../deno.json",
      "//client.js",
      "/client.js/",
      "/%00",
      "/%",
      "/%ff%fe",
    ]
  ) {
    const response = await viewer.ask(path);
    assert.equal(response.status, 404, path);
    assert.deepEqual(Object.keys(await response.json()), ["error"]);
  }
});

Deno.test("rows are removed, some or all, and brought back", async () => {
  const viewer = await viewerOf(4);
  const change = async (method: string, path: string, body: string) => {
    const response = await viewer.change(method, path, body);
    assert.equal(response.status, 200);
    return await response.json();
  };
  assert.deepEqual(await change("DELETE", "/api/rows", '{"rows":[2,3,77]}'), { count: 2 });
  assert.deepEqual(rowsOf(await viewer.json("/api/rows")), [4, 1]);
  assert.deepEqual(await change("POST", "/api/rows/undo", "{}"), { count: 2 });
  assert.deepEqual(await change("DELETE", "/api/rows", "{}"), { count: 4 });
  assert.deepEqual(rowsOf(await viewer.json("/api/rows")), []);
  assert.deepEqual(await change("POST", "/api/rows/undo", "{}"), { count: 4 });
  assert.deepEqual(rowsOf(await viewer.json("/api/rows")), [4, 3, 2, 1]);
});

Deno.test("a removal that cannot be read removes nothing, above all not everything", async () => {
  const viewer = await viewerOf(2);
  for (
    const body of [
      "",
      "null",
      "[]",
      '"all"',
      "{",
      '{"row":[1]}',
      '{"rows":1}',
      '{"rows":null}',
      '{"rows":["1"]}',
      '{"rows":[1.5]}',
      '{"rows":[-1]}',
      '{"rows":[1],"x":1}',
    ]
  ) {
    const response = await viewer.change("DELETE", "/api/rows", body);
    assert.equal(response.status, 400, body);
    assert.match((await response.json()).error, /^[^\n]+$/);
  }
  assert.equal((await viewer.json("/api/rows")).total, 2);
});

Deno.test("the body of a request is read as far as 64 KiB, whatever length it says", async () => {
  const viewer = await viewerOf(1);
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(16 * 1024).fill(0x20));
    },
  });
  const response = await viewer.ask("/api/rows", {
    method: "DELETE",
    body: endless,
    headers: { "content-type": "application/json", origin: `http://${HOST}` },
  });
  assert.equal(response.status, 413);
  assert.ok(pulled < 10);
  const long = await viewer.change("DELETE", "/api/rows", " ".repeat(65537), { "content-length": "65537" });
  assert.equal(long.status, 413);
});

Deno.test("a viewer for reading only removes nothing", async () => {
  const viewer = await viewerOf(2, { isReadonly: true });
  assert.equal((await viewer.change("DELETE", "/api/rows", "{}")).status, 403);
  assert.equal((await viewer.change("POST", "/api/rows/undo", "{}")).status, 403);
  assert.equal((await viewer.json("/api/rows")).total, 2);
});

Deno.test("forms of foreign pages, and pages of other ports, change nothing", async () => {
  const viewer = await viewerOf(1);
  const form = {
    "content-type": "text/plain",
    origin: "http://evil.example",
    "sec-fetch-site": "cross-site",
  };
  assert.equal((await viewer.change("DELETE", "/api/rows", "{}", form)).status, 403);
  const neighbour = { origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-site" };
  assert.equal((await viewer.change("DELETE", "/api/rows", "{}", neighbour)).status, 403);
  assert.equal(
    (await viewer.change("DELETE", "/api/rows", "{}", { "content-type": "text/plain" })).status,
    415,
  );
  const preflight = await viewer.ask("/api/rows", { method: "OPTIONS", headers: form });
  assert.equal(preflight.status, 403);
  assert.equal(preflight.headers.get("access-control-allow-origin"), null);
  assert.equal((await viewer.json("/api/rows")).total, 1);
});

Deno.test("every response has the locks of the page, also refusals and errors", async () => {
  const viewer = await viewerOf(1, { readStatic: () => Promise.resolve(new Uint8Array([1])) });
  const responses = [
    await viewer.ask("/"),
    await viewer.ask("/client.js"),
    await viewer.ask("/", { headers: { cookie: "" } }),
    await viewer.ask("/", { headers: { cookie: "", accept: "text/html" } }),
    await viewer.ask("/", { headers: { host: "evil.example" } }),
    await viewer.ask(`/?token=${TOKEN}`),
    await viewer.ask("/?token=wrong"),
    await viewer.ask("/api/state"),
    await viewer.ask("/api/rows/1/body/request"),
    await viewer.ask("/api/none"),
    await viewer.ask("/api/events"),
    await viewer.change("DELETE", "/api/rows", "nonsense"),
  ];
  for (const { headers, body } of responses) {
    assert.equal(headers.get("content-security-policy"), CONTENT_SECURITY_POLICY);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    assert.match(headers.get("cache-control") ?? "", /^no-(store|cache)/);
    assert.equal(headers.get("access-control-allow-origin"), null);
    await body?.cancel();
  }
});

Deno.test("who is not logged in sees where the token is, and nothing of the traffic", async () => {
  const viewer = await viewerOf(1, {
    readStatic: () => Promise.resolve(new TextEncoder().encode("the page")),
  });
  const outside = { cookie: "" };
  const page = await viewer.ask("/", { headers: { ...outside, accept: "text/html,*/*" } });
  assert.equal(page.status, 401);
  assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
  const html = await page.text();
  assert.match(html, /\?token=/);
  assert.match(html, /terminal/);
  for (
    const path of ["/", "/client.js", "/api/rows", "/api/rows/1", "/api/rows/1/body/request", "/api/events"]
  ) {
    const response = await viewer.ask(path, { headers: outside });
    assert.equal(response.status, 401, path);
    const text = await response.text();
    assert.ok(!/the page|asked|told/.test(text));
    assert.ok(!text.includes(TOKEN));
  }
});

Deno.test("what a refused request says does not become a part of the page", async () => {
  const viewer = new TestViewer();
  const host = "evil<script>";
  const response = await viewer.app.fetch(
    new Request("http://x/", { headers: { host, accept: "text/html", cookie: "<b>" } }),
  );
  assert.equal(response.status, 400);
  assert.ok(!(await response.text()).includes("<script>"));
});

Deno.test("the token leads to the page without it", async () => {
  const viewer = new TestViewer();
  const response = await viewer.ask(`/?token=${TOKEN}`, { headers: { "sec-fetch-site": "none" } });
  assert.equal(response.status, 303);
  assert.equal(response.headers.get("location"), "/");
  const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const linked = await viewer.ask(`/?token=${TOKEN}`, { headers: link });
  assert.equal(linked.status, 200);
  assert.equal(linked.headers.get("refresh"), "0; url=/");
  assert.match(linked.headers.get("set-cookie") ?? "", /^tcpmon-9999=/);
  await linked.body?.cancel();
});

Deno.test("the page's files are checked again each time and sent only where they changed", async () => {
  let text = "let a = 1;";
  const viewer = await TestViewer.open({ readStatic: () => Promise.resolve(new TextEncoder().encode(text)) });
  const first = await viewer.ask("/client.js");
  assert.equal(first.headers.get("content-type"), "text/javascript; charset=utf-8");
  assert.equal(await first.text(), text);
  const tag = first.headers.get("etag")!;
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
    const again = await viewer.ask("/client.js", { headers: { "if-none-match": known } });
    assert.deepEqual([again.status, again.headers.get("etag"), await again.text()], [304, tag, ""]);
  }
  text = "let a = 2;";
  const changed = await viewer.ask("/client.js", { headers: { "if-none-match": tag } });
  assert.deepEqual([changed.status, await changed.text()], [200, text]);
});

Deno.test("a history that fails is an error of one line", async () => {
  const failing = new Proxy(new MemorySource(), {
    get: () => () => Promise.reject(new Error("the file\nis damaged")),
  }) as HistorySource;
  const viewer = await TestViewer.open({ source: failing });
  for (const path of ["/api/rows", "/api/rows/1", "/api/rows/1/messages", "/api/rows/1/body/request"]) {
    const response = await viewer.ask(path);
    assert.equal(response.status, 500);
    assert.deepEqual(await response.json(), { error: "the history failed: the file is damaged" });
  }
});

Deno.test("only so many pages are told what happens, and asking for the head alone takes no place", async () => {
  const viewer = await TestViewer.open();
  const bodies: ReadableStream[] = [];
  for (let i = 0; i < 64; i++) bodies.push((await viewer.ask("/api/events")).body!);
  assert.equal(viewer.source.listeners, 64);
  assert.equal((await viewer.ask("/api/events")).status, 503);
  for (const body of bodies) await body.cancel();
  assert.equal(viewer.source.listeners, 0);
  await viewer.ask("/api/events", { method: "HEAD" });
  assert.equal(viewer.source.listeners, 0);
});
