/** The history as the viewer of the real program gives it: rows, their order, messages, bodies, TLS, removal, losses. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { message } from "./log_of.ts";
import { concat, Peer, Server, Target } from "./peers.ts";
import { installed, Program, within } from "./program.ts";
import { answered, Backend, ok, pathOf } from "./sending.ts";
import { tlsServer } from "./tls.ts";
import { curl } from "./tools.ts";
import { type Json, Page, relay } from "./viewer_page.ts";

const encoder = new TextEncoder();

/** Sends GET requests on one connection, each after the answer to the one before. */
async function get(program: Program, ...paths: readonly string[]): Promise<void> {
  using peer = await Peer.connect(await program.port());
  for (const path of paths) {
    await peer.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const head = await peer.readHead();
    await peer.read(Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0));
  }
}

const urls = ({ rows }: Json): string[] => rows.map(({ url }: Json) => url);

/** A page of the API, once it is as wanted. */
async function until(page: Page, path: string, isWanted: (json: Json) => boolean): Promise<Json> {
  const wait = async () => {
    for (;;) {
      const json = await page.json(path);
      if (isWanted(json)) return json;
    }
  };
  return await within(wait(), `${path} did not become what is wanted`);
}

Deno.test("rows are filtered, and paged in both directions without a gap", async () => {
  await using backend = new Backend((request) =>
    pathOf(request).endsWith("3") ? answered("404 No", "none") : ok("hello")
  );
  await using program = relay(backend.target);
  const page = await Page.of(program);
  const paths = [...Array(25).keys()].map((i) => `/${i}`);
  await get(program, ...paths);
  await page.rows(25);
  const first = await page.json("/api/rows?limit=10");
  assert.deepEqual([first.rows.length, first.hasMore, first.total], [10, true, 25]);
  const walked: string[] = [...urls(first)];
  for (let before = first.rows.at(-1).row;;) {
    const next = await page.json(`/api/rows?limit=10&before=${before}`);
    walked.push(...urls(next));
    if (!next.hasMore) break;
    before = next.rows.at(-1).row;
  }
  assert.deepEqual(walked, paths.toReversed());
  const oldest = (await page.json("/api/rows?limit=1000")).rows.at(-1).row;
  assert.deepEqual(urls(await page.json(`/api/rows?limit=3&after=${oldest}`)), ["/3", "/2", "/1"]);
  assert.deepEqual(urls(await page.json("/api/rows?filter=status:404")), ["/23", "/13", "/3"]);
  assert.deepEqual(urls(await page.json("/api/rows?filter=body:none+path:/1")), ["/13"]);
  assert.deepEqual(urls(await page.json("/api/rows?filter=status:500")), []);
  const { error, place } = await page.json("/api/rows?filter=status:");
  assert.match(error, /status/);
  assert.equal(typeof place.position, "number");
});

Deno.test("rows come in the order of a column, page by page, as they stood when it was begun", async () => {
  await using backend = new Backend((request) => ok("x".repeat(Number(pathOf(request).slice(1)))));
  await using program = relay(backend.target);
  const page = await Page.of(program);
  const sizes = [30, 5, 200, 70, 5];
  await get(program, ...sizes.map((size) => `/${size}`));
  await page.rows(5);
  const down = ({ rows }: Json) => rows.map(({ down }: Json) => down);
  assert.deepEqual(down(await page.json("/api/rows?sort=down")), [5, 5, 30, 70, 200]);
  const first = await page.json("/api/rows?sort=-down&limit=2");
  assert.deepEqual([down(first), first.total, first.hasMore], [[200, 70], 5, true]);
  await get(program, "/1000");
  await page.rows(6);
  const next = await page.json(`/api/rows?sort=-down&limit=3&offset=2&order=${first.order}`);
  assert.deepEqual([down(next), next.order, next.hasMore], [[30, 5, 5], first.order, false]);
  // Equal ones: newest first.
  assert.ok(next.rows[1].row > next.rows[2].row);
  assert.deepEqual(down(await page.json("/api/rows?sort=-down&limit=1")), [1000]);
  assert.deepEqual(down(await page.json("/api/rows?sort=-down&filter=size:<100")), [70, 30, 5, 5]);
  assert.match((await page.json("/api/rows?sort=nonsense")).error, /sort/);
});

/** A short frame of WebSocket (RFC 6455 §5.2); clients mask. */
function frame(text: string, isMasked: boolean): Uint8Array {
  const payload = encoder.encode(text);
  const mask = isMasked ? [1, 2, 3, 4] : [];
  const masked = isMasked ? payload.map((byte, i) => byte ^ mask[i % 4]) : payload;
  return concat([Uint8Array.from([0x81, (isMasked ? 0x80 : 0) | payload.length, ...mask]), masked]);
}

Deno.test("messages of a WebSocket are there while it is open, and belong to its exchange alone", async () => {
  await using target = new Target();
  await using program = relay(target.target);
  const page = await Page.of(program);
  using client = await Peer.connect(await program.port());
  await client.send(
    "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
  using server = await target.accept();
  await server.readHead();
  await server.send(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
  );
  await client.readHead();
  for (let i = 0; i < 5; i++) {
    await client.send(frame(`up ${i}`, true));
    await server.readSome();
    await server.send(frame(`down ${i}`, false));
    await client.readSome();
  }
  const [{ row, outcome, id, connection, listener, client: from }] = await page.rows(1);
  assert.equal(outcome, "upgraded");
  const path = `/api/rows/${row}/messages`;
  const all = await until(page, path, ({ messages }) => messages.length === 10);
  assert.deepEqual(
    all.messages.map(({ record }: Json) => record.text),
    [0, 1, 2, 3, 4].flatMap((i) => [`up ${i}`, `down ${i}`]),
  );
  const some = await page.json(`${path}?limit=4`);
  assert.deepEqual([some.messages.length, some.hasMore], [4, true]);
  const rest = await page.json(`${path}?after=${some.messages.at(-1).row}`);
  assert.deepEqual([rest.messages.length, rest.hasMore], [6, false]);
  assert.equal((await page.json(`/api/rows/${row}`)).messages, 10);
  const side = new URLSearchParams({ connection, listener, client: from });
  const active = await page.json(`/api/active/messages?${side}`);
  assert.deepEqual(active.messages, all.messages);
  assert.deepEqual((await page.json(`/api/active/messages?${side}&id=${id}`)).messages, all.messages);
  assert.deepEqual((await page.json(`/api/active/messages?${side}&id=${id + 1}`)).messages, []);
});

Deno.test("events of a stream can be read before their exchange has ended, and behind it", async () => {
  const { promise: isRead, resolve: goOn } = Promise.withResolvers<void>();
  await using server = new Server(async (peer) => {
    await peer.readHead();
    await peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 60\r\n\r\n");
    await peer.send("event: tick\nid: 1\ndata: one\n\n".padEnd(30, "\n"));
    await isRead;
    await peer.send("event: tick\nid: 2\ndata: two\n\n".padEnd(30, "\n"));
  });
  await using program = relay(server.target);
  const page = await Page.of(program);
  using client = await Peer.connect(await program.port());
  await client.send("GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.readHead();
  const [early] = await program.records("message");
  const side = new URLSearchParams({
    connection: early.connection,
    listener: early.listener,
    client: early.client,
    id: early.exchange,
  });
  const active = await until(page, `/api/active/messages?${side}`, ({ messages }) => messages.length === 1);
  assert.deepEqual([active.messages[0].record.event, active.messages[0].record.text], ["tick", "one"]);
  assert.equal((await page.json("/api/rows")).rows.length, 0);
  goOn();
  const [{ row, mime }] = await page.rows(1);
  assert.equal(mime, "text/event-stream");
  const { messages } = await page.json(`/api/rows/${row}/messages`);
  assert.deepEqual(messages.map(({ record }: Json) => record.text), ["one", "two"]);
  assert.equal((await page.json(`/api/rows/${row}`)).messages, 2);
});

Deno.test("a long body is cut in its view, and had in parts as bytes, codings left on", async () => {
  const bytes = Uint8Array.from({ length: 700_000 }, (_, i) => i * 7 + (i >> 8));
  await using server = new Server(async (peer) => {
    await peer.readHead();
    await peer.send(message("HTTP/1.1 200 OK", ["Content-Type: application/octet-stream"], bytes));
  });
  await using program = relay(server.target);
  const page = await Page.of(program);
  await get(program, "/long");
  const [{ row, down }] = await page.rows(1);
  assert.equal(down, bytes.length);
  const { cut, record } = await page.json(`/api/rows/${row}`);
  assert.deepEqual(cut, { request: false, response: true });
  assert.equal(record.response.body.truncated, true);
  const body = async (query: string) => {
    const response = await page.get(`/api/rows/${row}/body/response${query}`);
    assert.equal(response.headers.get("content-type"), "application/octet-stream");
    return await response.bytes();
  };
  assert.deepEqual(await body(""), bytes);
  assert.deepEqual(await body("?from=1000&to=1010"), bytes.slice(1000, 1010));
  assert.deepEqual(await body("?from=699990"), bytes.slice(699_990));
  assert.equal((await body("?from=800000&to=900000")).length, 0);
  assert.match((await page.json(`/api/rows/${row + 100}/body/response`)).error, /nothing at this address/);
});

Deno.test({
  name: "an exchange with an https target comes with the TLS of its connection",
  ignore: !installed("openssl"),
  async fn() {
    await using certificates = await makeCertificates();
    await using server = tlsServer(certificates.localhost, async (peer) => {
      for (;;) {
        if (await peer.readHead().catch(() => undefined) === undefined) return;
        await peer.send(message("HTTP/1.1 200 OK", [], "hello"));
      }
    });
    await using program = relay(`https://localhost:${server.port}`, "--ca", certificates.ca.certFile);
    const page = await Page.of(program);
    await get(program, "/1", "/2");
    for (const { row, connection } of await page.rows(2)) {
      const { opened } = await page.json(`/api/rows/${row}`);
      assert.deepEqual([opened.type, opened.event, opened.connection], ["connection", "opened", connection]);
      assert.equal(opened.tls.target.serverName, "localhost");
      assert.ok(opened.ms.tls > 0);
    }
  },
});

Deno.test("rows that are removed are gone everywhere, and come back", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target);
  const page = await Page.of(program);
  await get(program, "/1", "/2", "/3");
  const [, { row }] = await page.rows(3);
  assert.deepEqual(await page.remove([row]), { count: 1 });
  assert.deepEqual(urls(await page.json("/api/rows")), ["/3", "/1"]);
  assert.deepEqual(urls(await page.json("/api/rows?sort=url")), ["/1", "/3"]);
  assert.equal((await page.json("/api/rows")).total, 2);
  assert.match((await page.json(`/api/rows/${row}`)).error, /nothing at this address/);
  assert.doesNotMatch(await page.text("/api/export?as=json"), /"\/2"/);
  assert.deepEqual((await page.post("/api/rows/undo", {})).json, { count: 1 });
  assert.deepEqual(urls(await page.json("/api/rows")), ["/3", "/2", "/1"]);
  assert.deepEqual(await page.remove(), { count: 3 });
  assert.deepEqual((await page.json("/api/rows")).rows, []);
  await get(program, "/4");
  assert.deepEqual(urls({ rows: await page.rows(1) }), ["/4"]);
  await page.post("/api/rows/undo", {});
  assert.deepEqual(urls(await page.json("/api/rows")), ["/4", "/3", "/2", "/1"]);
  assert.equal((await page.json("/api/rows")).total, 4);
});

Deno.test("records that the history could not take are told to pages that are open, and are a row", async () => {
  const body = "x".repeat(900_000);
  await using backend = new Backend(() => ok(body));
  await using program = Program.start([
    "relay",
    `0=${backend.target}`,
    "--format",
    "none",
    "--log-queue",
    "1M",
    "--view=127.0.0.1:0",
  ]);
  const page = await Page.of(program);
  const port = await program.port();
  const told = async () => {
    for await (const event of page.events()) if (event.type === "lost") return event;
  };
  const lost = within(told(), "no loss was told");
  let isTold = false;
  lost.then(() => isTold = true, () => isTold = true);
  while (!isTold) {
    const urls = Array.from({ length: 20 }, (_, i) => `http://127.0.0.1:${port}/${i}`);
    assert.equal((await curl("--parallel", ...urls)).code, 0);
  }
  const { count, reason } = await lost;
  assert.ok(count > 0);
  assert.match(reason, /did not keep up/);
  const isLost = ({ outcome }: Json) => outcome === "lost";
  const { rows } = await until(page, "/api/rows?limit=1000", ({ rows }) => rows.some(isLost));
  const row = rows.find(isLost);
  assert.match(row.url, /^\d+ records were lost here$/);
  const { record } = await page.json(`/api/rows/${row.row}`);
  assert.equal(record.type, "lost");
});
