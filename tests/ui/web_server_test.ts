/** The viewer's HTTP server: what it reads and writes, and what it bears from those who mean it ill. */
import assert from "node:assert/strict";
import { compressed } from "../../src/ui/outgoing.ts";
import { MOST_CONNECTIONS } from "../../src/ui/most_connections.ts";
import { type Answer, serveWeb, type WebServer } from "../../src/ui/web_server.ts";

const encoder = new TextEncoder();

/** A server, and a clock that a test sets. */
class Web implements AsyncDisposable {
  /** The clock, ms. */
  now = 0;
  /** The server. */
  readonly server: WebServer;
  readonly #open = new Set<Deno.TcpConn>();

  /** One that answers so. */
  constructor(answer: Answer = echo) {
    this.server = serveWeb({ hostname: "127.0.0.1", port: 0 }, answer, () => this.now);
  }

  /** A connection to it that has sent something. */
  async connect(text = ""): Promise<Deno.TcpConn> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.server.address.port });
    this.#open.add(connection);
    await connection.write(encoder.encode(text));
    return connection;
  }

  /** All that comes back until the end. */
  async whole(text: string): Promise<string> {
    return await rest(await this.connect(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#open) {
      try {
        connection.close();
      } catch {
        // The test closed it.
      }
    }
    await this.server.close();
  }
}

async function echo(request: Request): Promise<Response> {
  const { method, url } = request;
  return Response.json({ method, path: new URL(url).pathname, body: await request.text() });
}

/** Everything until the end, which may be a reset. */
async function rest(connection: Deno.TcpConn): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(65536);
  try {
    for (;;) {
      const length = await connection.read(buffer);
      if (length === null) return text;
      text += new TextDecoder().decode(buffer.subarray(0, length));
    }
  } catch {
    return text;
  }
}

/** What comes next, at once or in pieces, until it has this in it. */
async function next(connection: Deno.TcpConn, wanted: string): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(65536);
  while (!text.includes(wanted)) {
    const length = await connection.read(buffer);
    assert.ok(length !== null, `it ended after ${JSON.stringify(text)}`);
    text += new TextDecoder().decode(buffer.subarray(0, length));
  }
  return text;
}

const GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const LAST = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const CHUNKED =
  "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
const LENGTH = "POST /l HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";

Deno.test("requests on one connection are answered in order, however their bytes are cut", async () => {
  const text = GET + CHUNKED + LENGTH + LAST;
  const expected = [
    { method: "GET", path: "/x", body: "" },
    { method: "POST", path: "/c", body: "abcde" },
    { method: "POST", path: "/l", body: "hello" },
    { method: "GET", path: "/last", body: "" },
  ];
  await using web = new Web();
  for (const size of [1, 7, text.length]) {
    const connection = await web.connect();
    const read = rest(connection);
    for (let at = 0; at < text.length; at += size) {
      await connection.write(encoder.encode(text.slice(at, at + size)));
    }
    const answers = [...(await read).matchAll(/\r\n\r\n(\{[^\r]*?\})(?=HTTP|$)/g)].map(([, json]) =>
      JSON.parse(json)
    );
    assert.deepEqual(answers, expected);
  }
});

Deno.test("a body that nobody wants does not become the next request", async () => {
  await using web = new Web(() => Promise.resolve(new Response("no")));
  const hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
  const text = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${hidden.length}\r\n\r\n`;
  const connection = await web.connect(text);
  await next(connection, "no");
  await connection.write(encoder.encode(hidden));
  assert.equal(await rest(connection), "");
});

Deno.test("a response has its length where it is there at once, else chunks, and HTTP/1.0 gets it to the end", async () => {
  const download = () =>
    new Response(ReadableStream.from([encoder.encode("one"), encoder.encode("two")]), {
      headers: { "Content-Disposition": "attachment" },
    });
  await using web = new Web((request) =>
    Promise.resolve(request.url.endsWith("/d") ? download() : new Response("hi"))
  );
  const asked = (path: string, version: string) =>
    web.whole(`GET ${path} HTTP/${version}\r\nHost: a\r\nConnection: close\r\n\r\n`);
  assert.match(await asked("/", "1.1"), /\r\nContent-Length: 2\r\n[^]*\r\n\r\nhi$/);
  assert.match(await asked("/d", "1.1"), /chunked\r\n[^]*\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/);
  const old = await asked("/d", "1.0");
  assert.match(old, /\r\n\r\nonetwo$/);
  assert.doesNotMatch(old, /chunked/);
});

Deno.test("HEAD, 204 and 304 have no body", async () => {
  await using web = new Web((request) =>
    Promise.resolve(
      request.method === "HEAD"
        ? new Response("body")
        : new Response(null, { status: Number(request.url.slice(-3)) }),
    )
  );
  const end = "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  for (const line of ["HEAD / ", "GET /204 ", "GET /304 "]) {
    const answer = await web.whole(line + end);
    assert.match(answer, /^HTTP\/1\.1 (?:200|204|304) [^]*\r\n\r\n$/);
    assert.doesNotMatch(answer, /Transfer-Encoding|Content-Length/);
  }
});

Deno.test("who waits for leave to send a body gets it once somebody wants that body", async () => {
  await using web = new Web();
  const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  const connection = await web.connect(head);
  assert.equal(await next(connection, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  await connection.write(encoder.encode("hello"));
  assert.match(await next(connection, "hello"), /^HTTP\/1\.1 200 /);
});

Deno.test("what can be read in two ways is answered in none", async () => {
  await using web = new Web();
  const ambiguous = [
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\n\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nbad name: 1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
    "GET  /  HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nCookie: \u20ac\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(70_000)}\r\n\r\n`,
    `${"\r\n".repeat(1000)}${GET}`,
    "hello, is this a telnet server?\r\n\r\n",
  ];
  for (const text of ambiguous) {
    const answer = await web.whole(text);
    assert.match(
      answer,
      /^HTTP\/1\.1 (?:400|431|505) [^]*\r\nContent-Security-Policy: /,
      JSON.stringify(text.slice(0, 99)),
    );
    assert.equal([...answer.matchAll(/HTTP\/1\.1 /g)].length, 1);
  }
});

Deno.test("a body that can be read in two ways, or in none, is not taken, and nothing is read behind it", async () => {
  const problems: string[] = [];
  await using web = new Web(async (request) => {
    try {
      return new Response(await request.text());
    } catch (error) {
      problems.push((error as Error).message);
      return new Response("no", { status: 400 });
    }
  });
  const head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const odd = [
    "3\nabc\r\n0\r\n\r\n",
    "3\r\nabc\r\n0\n\r\n",
    "0x3\r\nabc\r\n0\r\n\r\n",
    "3\r\nabcd\r\n0\r\n\r\n",
  ];
  for (const body of odd) {
    const answer = await web.whole(head + body + LAST);
    assert.match(answer, /^HTTP\/1\.1 400 [^]*\r\n\r\nno$/, JSON.stringify(body));
  }
  assert.deepEqual(new Set(problems), new Set(["the body of the request breaks the rules of HTTP"]));
});

Deno.test("an answer that fails is one, and a body that breaks off does not seem to end", async () => {
  const broken = () =>
    new ReadableStream({
      pull(controller) {
        controller.enqueue(encoder.encode("half"));
        controller.error(new Error("gone"));
      },
    });
  await using web = new Web((request) => {
    if (request.url.endsWith("/throws")) return Promise.reject(new Error("secret"));
    return Promise.resolve(new Response(broken(), { headers: { "Content-Disposition": "attachment" } }));
  });
  const failed = await web.whole("GET /throws HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.match(failed, /^HTTP\/1\.1 500 /);
  assert.doesNotMatch(failed, /secret/);
  assert.doesNotMatch(await web.whole(GET), /\r\n0\r\n\r\n$/);
});

Deno.test("who goes takes the answer with him: it is called off, and what it streams ends", async () => {
  const called = Promise.withResolvers<Request>();
  const cancelled = Promise.withResolvers<void>();
  await using web = new Web((request) => {
    called.resolve(request);
    if (request.url.endsWith("/waits")) return new Promise(() => {});
    const body = new ReadableStream({ cancel: () => cancelled.resolve() });
    return Promise.resolve(new Response(body, { headers: { "Content-Type": "text/event-stream" } }));
  });
  const streaming = await web.connect(GET);
  const request = await called.promise;
  streaming.close();
  await cancelled.promise;
  assert.equal(request.signal.aborted, true);
  const waiting = await web.connect("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
  waiting.close();
});

Deno.test("who says nothing, or trickles, is not waited for", async () => {
  await using web = new Web();
  const silent = await web.connect();
  const trickling = await web.connect("GET / HTTP/1.1\r\nHost: a\r\nX-1: 1\r\n");
  const [silence, trickle] = [rest(silent), rest(trickling)];
  // They were accepted before this one.
  await web.whole(LAST);
  web.now = 9_000;
  await trickling.write(encoder.encode("X-2: 2\r\n"));
  web.now = 11_000;
  assert.deepEqual(await Promise.all([silence, trickle]), ["", ""]);
});

Deno.test("a connection may rest between requests, but not for ever, and its next head has to come as swiftly", async () => {
  await using web = new Web();
  const resting = await web.connect(GET);
  await next(resting, "}");
  web.now = 100_000;
  // Longer than it takes to look at who took too long.
  await new Promise((done) => setTimeout(done, 1200));
  await resting.write(encoder.encode(GET));
  await next(resting, "}");
  const begun = await web.connect(GET);
  await next(begun, "}");
  await begun.write(encoder.encode("GET"));
  const ends = [rest(begun), rest(resting)];
  let isResting = true;
  ends[1].then(() => isResting = false);
  await new Promise((done) => setTimeout(done, 50));
  web.now += 11_000;
  await ends[0];
  assert.equal(isResting, true);
  web.now += 120_000;
  await ends[1];
});

Deno.test("an event stream lasts, however long nothing happens, and so does a download that is not read", async () => {
  const events = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
  await using web = new Web((request) => {
    const isEvents = request.url.endsWith("/events");
    const body = isEvents
      ? new ReadableStream<Uint8Array>({ start: (controller) => events.resolve(controller) })
      : new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(65536)) });
    const headers: HeadersInit = isEvents
      ? { "Content-Type": "text/event-stream" }
      : { "Content-Disposition": "attachment" };
    return Promise.resolve(new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>, { headers }));
  });
  const listening = await web.connect("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
  const paused = await web.connect("GET /download HTTP/1.1\r\nHost: a\r\n\r\n");
  const controller = await events.promise;
  web.now = 3_600_000;
  await new Promise((done) => setTimeout(done, 1200));
  controller.enqueue(encoder.encode("data: later\n\n"));
  assert.match(await next(listening, "later"), /^HTTP\/1\.1 200 /);
  const buffer = new Uint8Array(65536);
  for (let bytes = 0; bytes < 1 << 24;) bytes += await paused.read(buffer) ?? assert.fail("it was closed");
});

Deno.test("an answer that says so is the last one, and who sends on and on does not hold the connection", async () => {
  await using web = new Web(() => {
    return Promise.resolve(Response.json({ error: "no" }, { status: 401, headers: { Connection: "close" } }));
  });
  const connection = await web.connect(GET.repeat(50));
  const flood = (async () => {
    const many = encoder.encode(GET.repeat(100));
    for (;;) await connection.write(many);
  })().catch(() => {});
  const answer = await rest(connection);
  assert.deepEqual(answer.match(/HTTP\/1\.1 401|Connection: close/g), ["HTTP/1.1 401", "Connection: close"]);
  web.now = 6_000;
  await flood;
});

Deno.test("thousands of silent connections take only so many places, and keep nobody out", async () => {
  await using web = new Web();
  const kept: Deno.TcpConn[] = [];
  let ended = 0;
  const ends: Promise<unknown>[] = [];
  for (let round = 0; round < 20; round++) {
    const opened = await Promise.all(Array.from({ length: 100 }, () => web.connect()));
    kept.push(...opened);
    ends.push(...opened.map((connection) => rest(connection).then(() => ended++)));
    assert.match(await web.whole(LAST), /^HTTP\/1\.1 200 /);
  }
  await Promise.all(ends.slice(0, kept.length - MOST_CONNECTIONS));
  assert.ok(kept.length - ended <= MOST_CONNECTIONS, `${kept.length - ended}`);
});

Deno.test("where everybody is being answered, who comes then is turned away at once", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  const all = Promise.withResolvers<void>();
  await using web = new Web(async () => {
    if (++asked === MOST_CONNECTIONS) all.resolve();
    await promise;
    return new Response("at last");
  });
  const busy = await Promise.all(Array.from({ length: MOST_CONNECTIONS }, () => web.connect(LAST)));
  await all.promise;
  assert.equal(await web.whole(GET), "");
  resolve();
  for (const answer of await Promise.all(busy.map(rest))) assert.match(answer, /at last$/);
});

Deno.test("text for other machines is compressed where they take it, events and bytes are not", async () => {
  const json = () => Response.json({ text: "x".repeat(1000) }, { headers: { ETag: '"tag"' } });
  const far = "192.0.2.7";
  const small = compressed(json(), "br, gzip;q=0.5", far);
  assert.deepEqual([small.headers.get("content-encoding"), small.headers.get("etag")], ["gzip", 'W/"tag"']);
  assert.equal(small.headers.get("vary"), "Accept-Encoding");
  const stream = small.body!.pipeThrough(new DecompressionStream("gzip"));
  assert.equal((await new Response(stream).json()).text.length, 1000);
  for (
    const [response, accepted, peer] of [
      [json(), "gzip", "127.0.0.1"],
      [json(), "gzip", "::ffff:127.0.0.1"],
      [json(), null, far],
      [json(), "br", far],
      [json(), "gzip;q=0", far],
      [new Response("x", { headers: { "Content-Type": "text/event-stream" } }), "gzip", far],
      [new Response("x", { headers: { "Content-Type": "application/octet-stream" } }), "gzip", far],
      [new Response(null, { status: 304 }), "gzip", far],
    ] as const
  ) {
    assert.equal(compressed(response, accepted, peer).headers.get("content-encoding"), null);
    await response.body?.cancel();
  }
});
