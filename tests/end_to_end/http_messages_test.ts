/** HTTP/1.x on the wire: what each side gets is what the other sent, and each exchange stands in the log as it was. */
import assert from "node:assert/strict";
import { createGzip } from "node:zlib";
import { concat, Peer, Server } from "./peers.ts";
import { type LogRecord, Program } from "./program.ts";
import { wire } from "./wire.ts";

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const OK = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

Deno.test("pipelined requests pair with their responses in order, however those are cut", async () => {
  await using test = await wire();
  const paths = Array.from({ length: 200 }, (_, i) => `/${i}`);
  await test.up(paths.map(GET).join(""));
  const responses = paths.map((path) => OK(`answer to ${path}`)).join("");
  const sizes = Array.from({ length: responses.length }, (_, i) => 1 + (i * 37) % 113);
  const [, got] = await Promise.all([
    test.server.sendInPieces(new TextEncoder().encode(responses), sizes),
    test.client.read(responses.length),
  ]);
  assert.equal(new TextDecoder().decode(got), responses);
  const records = await test.exchanges(paths.length);
  assert.deepEqual(
    records.map(({ id, request, response, outcome }) => [id, request.target, response.body.text, outcome]),
    paths.map((path, i) => [i + 1, path, `answer to ${path}`, "complete"]),
  );
});

Deno.test("chunked both ways, with extensions and trailers: framing taken off, trailers kept", async () => {
  await using test = await wire();
  await test.up(
    "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" +
      "3\r\nabc\r\n0a;ext=1\r\n0123456789\r\n0\r\nX-Sum: 13\r\nX-Sum:  again \r\n\r\n",
  );
  await test.down(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nServer-Timing: db;dur=5\r\n\r\n",
  );
  const [{ request, response, outcome, flags }] = await test.exchanges(1);
  assert.equal(outcome, "complete");
  assert.deepEqual(request.body, { bytes: 13, text: "abc0123456789" });
  assert.deepEqual(request.trailers, [["X-Sum", "13"], ["X-Sum", "again"]]);
  assert.deepEqual(response.body, { bytes: 1, text: "x" });
  assert.deepEqual(response.trailers, [["Server-Timing", "db;dur=5"]]);
  assert.deepEqual(flags, ["chunk-extension"]);
});

Deno.test("responses without a body: HEAD, 204 and 304, with lengths that announce one", async () => {
  await using test = await wire();
  await test.up("HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n");
  await test.down("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
  await test.up(GET("/204"));
  await test.down("HTTP/1.1 204 No Content\r\n\r\n");
  await test.up(GET("/304"));
  await test.down("HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n\r\n");
  await test.up(GET("/200"));
  await test.down(OK("after all"));
  const records = await test.exchanges(4);
  assert.deepEqual(
    records.map(({ request, response, outcome }) => [
      request.method,
      request.target,
      response.status,
      response.body.bytes,
      outcome,
    ]),
    [
      ["HEAD", "/h", 200, 0, "complete"],
      ["GET", "/204", 204, 0, "complete"],
      ["GET", "/304", 304, 0, "complete"],
      ["GET", "/200", 200, 9, "complete"],
    ],
  );
});

Deno.test("several interim responses stand before the final one", async () => {
  await using test = await wire();
  await test.up("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  await test.down("HTTP/1.1 100 Continue\r\n\r\n");
  await test.up("hi");
  await test.down(
    "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
  );
  const [{ interim, response, outcome }] = await test.exchanges(1);
  assert.deepEqual(
    interim.map(({ status, headers }: LogRecord) => [status, headers]),
    [[100, []], [103, [["Link", "</a.css>"]]]],
  );
  assert.deepEqual([response.status, outcome], [200, "complete"]);
});

Deno.test("a body that lasts until the connection ends is complete when it does", async () => {
  await using test = await wire();
  await test.up("GET / HTTP/1.0\r\n\r\n");
  await test.down("HTTP/1.0 200 OK\r\n\r\nall that");
  await test.down(" there is");
  await test.server.end();
  assert.equal(await test.client.readSome(), null);
  const [{ response, outcome }] = await test.exchanges(1);
  assert.deepEqual([response.body.text, outcome], ["all that there is", "complete"]);
});

Deno.test("a final response before the request has ended is flagged, and both are whole", async () => {
  await using test = await wire();
  await test.up("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
  await test.down("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
  await test.up("56789");
  const [{ request, response, outcome, flags }] = await test.exchanges(1);
  assert.deepEqual([request.body.text, response.body.text, outcome], ["0123456789", "big", "complete"]);
  assert.deepEqual(flags, ["early-response"]);
});

Deno.test("a client that leaves in the middle of its request: request-cut, with what there was", async () => {
  await using test = await wire();
  await test.up("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
  await test.client.end();
  assert.equal(await test.server.readSome(), null);
  test.server.close();
  const [{ request, outcome, error }] = await test.exchanges(1);
  assert.deepEqual([request.body, outcome], [{ bytes: 5, text: "01234" }, "request-cut"]);
  assert.equal(error, "the request ended after 5 bytes of its body");
});

Deno.test("a server that closes without an answer: no-response", async () => {
  await using test = await wire();
  await test.up(GET("/silence"));
  test.server.close();
  assert.equal(await test.client.readSome(), null);
  const [{ request, response, outcome }] = await test.exchanges(1);
  assert.deepEqual([request.target, response, outcome], ["/silence", undefined, "no-response"]);
});

Deno.test("a response that nobody asked for is recorded as unrequested", async () => {
  await using test = await wire();
  await test.down("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
  const [{ request, response, outcome, flags }] = await test.exchanges(1);
  assert.deepEqual([request, response.status, outcome], [undefined, 408, "unrequested"]);
  assert.deepEqual(flags, ["unrequested-response"]);
});

Deno.test("heads that cannot be written back from their fields are kept as bytes", async () => {
  await using test = await wire();
  const head = "GET  /odd HTTP/1.1\nHost : a\nX-Fold: 1\n  2\n\n";
  await test.up(head);
  await test.down(OK(""));
  const [{ request, flags }] = await test.exchanges(1);
  assert.equal(atob(request.head), head);
  for (const flag of ["bare-lf", "odd-start-line", "space-before-colon", "obs-fold"]) {
    assert.ok(flags.includes(flag), `${flag} in ${flags}`);
  }
});

Deno.test("many connections at once: exchanges do not mix", async () => {
  await using server = new Server(async (peer) => {
    for (;;) {
      const some = await peer.readSome();
      if (some === null) return;
      const path = /^GET (\S+)/.exec(new TextDecoder().decode(some))![1];
      await peer.send(OK(`you asked for ${path}`));
    }
  });
  await using program = Program.start(["relay", `0=${server.target}`, "--format", "json"]);
  const port = await program.port();
  await Promise.all(Array.from({ length: 100 }, async (_, i) => {
    using client = await Peer.connect(port);
    for (let n = 0; n < 10; n++) {
      await client.send(GET(`/${i}/${n}`));
      assert.match(await client.readUntil(`/${i}/${n}`), / 200 OK/);
    }
  }));
  const records = await program.records("exchange", 1000);
  assert.equal(new Set(records.map(({ id }) => id)).size, 1000);
  for (const { request, response } of records) {
    assert.equal(response.body.text, `you asked for ${request.target}`);
  }
});

Deno.test("events in a gzip stream are told as they arrive", async () => {
  await using test = await wire();
  await test.up("GET /e HTTP/1.1\r\nHost: a\r\n\r\n");
  const gzip = createGzip();
  const pieces: Uint8Array[] = [];
  gzip.on("data", (piece: Uint8Array) => pieces.push(piece));
  const flushed = async (text: string) => {
    gzip.write(text);
    await new Promise<void>((resolve) => gzip.flush(() => resolve()));
    return concat(pieces.splice(0));
  };
  await test.down("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n");
  for (const n of [1, 2]) {
    const piece = await flushed(`data: event ${n}\n\n`);
    await test.server.send(piece);
    assert.deepEqual(await test.client.read(piece.length), piece);
    const messages = await test.program.records("message", n);
    assert.deepEqual([messages.length, messages[n - 1].text], [n, `event ${n}`]);
  }
  gzip.destroy();
});
