/** The viewer on a real port: what browsers, and others, can send it. */
import assert from "node:assert/strict";
import { get, ok } from "../capture/connection_script.ts";
import { MemorySource } from "./memory_source.ts";
import { Served } from "./served.ts";
import { recordsOf } from "./viewer.ts";

const TOKEN = "a-token-of-tests";

Deno.test("the address that it tells opens the page", async () => {
  await using served = new Served();
  const { url } = served.viewer;
  assert.equal(url, `http://${served.host}/?token=${TOKEN}`);
  const first = await fetch(url, { redirect: "manual" });
  await first.body?.cancel();
  assert.deepEqual([first.status, first.headers.get("location")], [303, "/"]);
  const cookie = first.headers.get("set-cookie")!.split(";")[0];
  assert.ok(cookie.startsWith(`tcpmon-${served.viewer.address.port}=`));
  const page = await fetch(`http://${served.host}/`, { headers: { cookie } });
  assert.equal(await page.text(), "the file index.html");
});

Deno.test("without a token it makes one up, another each time, and a short one is refused", async () => {
  const tokens = new Set<string>();
  for (let i = 0; i < 3; i++) {
    await using served = await Served.open({ token: undefined });
    const token = new URL(served.viewer.url).searchParams.get("token")!;
    assert.match(token, /^[\w-]{32}$/);
    tokens.add(token);
  }
  assert.equal(tokens.size, 3);
  assert.throws(() => new Served({ token: "1234567" }), /found a token of 7 characters .* at least 8/);
});

Deno.test("a token of any characters opens it", async () => {
  await using served = await Served.open({ token: 'a b+c&d=é"; Path=/' });
  const response = await served.get("/api/rows");
  assert.deepEqual(await response.json(), { rows: [], hasMore: false, total: 0 });
});

Deno.test("where it listens everywhere, the address that it tells can be opened", async () => {
  await using served = await Served.open({ listen: { hostname: "0.0.0.0", port: 0 } });
  assert.ok(served.viewer.url.startsWith(`http://127.0.0.1:${served.viewer.address.port}/?token=`));
  assert.equal((await (await served.get("/api/rows")).json()).total, 0);
});

Deno.test("it answers to its other names, with any port, and to no others", async () => {
  await using served = await Served.open({ names: ["Dev.example", "2001:db8::1"] });
  const { port } = served.viewer.address;
  const asked = (host: string, path = "/api/rows", cookie = served.cookie) =>
    served.raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`);
  for (const host of [`dev.example:${port}`, `DEV.EXAMPLE:${port}`, `[2001:DB8:0::1]:${port}`]) {
    assert.match(await asked(host), /^HTTP\/1\.1 200 /, host);
  }
  // Behind a port that is passed on, or a reverse proxy, the cookie is another one, as its name has the port.
  for (const host of ["dev.example", "dev.example:80", "dev.example:8443"]) {
    const login = await asked(host, `/?token=${TOKEN}`, "");
    const [, cookie] = /\r\nSet-Cookie: ([^;]+)/.exec(login)!;
    assert.match(await asked(host, "/api/rows", cookie), /^HTTP\/1\.1 200 /, host);
  }
  for (
    const host of [
      `dev.example.evil:${port}`,
      `xdev.example:${port}`,
      `example:${port}`,
      `[2001:db8::2]:${port}`,
    ]
  ) {
    assert.match(await asked(host), /^HTTP\/1\.1 403 /, host);
  }
});

Deno.test("a port that is taken is told by the system's error", async () => {
  await using served = new Served();
  const { port } = served.viewer.address;
  assert.throws(() => new Served({ listen: { hostname: "127.0.0.1", port } }), Deno.errors.AddrInUse);
});

Deno.test("hosts that are missing, doubled, malformed or foreign get nothing, and the viewer goes on", async () => {
  await using served = await Served.open();
  served.source.add(recordsOf(["up", get("/secret")], ["down", ok("secret")]));
  const { host, cookie } = served;
  const end = `Cookie: ${cookie}\r\nConnection: close\r\n\r\n`;
  const rebound = `evil.example:${served.viewer.address.port}`;
  const hostile = [
    `GET /api/rows HTTP/1.1\r\n${end}`,
    `GET /api/rows HTTP/1.0\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost:\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost: ${host}\r\nHost: ${rebound}\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost: ${host}\r\nHost: ${host}\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost: ${rebound}\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost: [::1\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost: ${host}:1\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost: 127.0.0.1:99999\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost: a b\\c%00\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost: \xff\xfe\xe4\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost: ${host}/../?#\r\n${end}`,
    `GET http://${rebound}/api/rows HTTP/1.1\r\nHost: ${host}\r\n${end}`,
    `GET http://${host}/api/rows HTTP/1.1\r\nHost: ${rebound}\r\n${end}`,
    `GET https://[::1/api/rows HTTP/1.1\r\nHost: ${host}\r\n${end}`,
    `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n${end}`,
    `CONNECT evil.example:443 HTTP/1.1\r\nHost: ${host}\r\n${end}`,
    `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\n${end}`,
    `TRACE /api/rows HTTP/1.1\r\nHost: ${host}\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nOrigin: http://evil\r\n${end}`,
    `GET /api/rows HTTP/1.1\r\nHost: ${host}\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n${end}`,
  ];
  for (const request of hostile) {
    const response = await served.raw(request);
    assert.match(response, /^HTTP\/1\.[01] 40[03] /, JSON.stringify(request));
    assert.ok(!response.includes("secret"));
  }
  assert.match(await served.raw(`GET http://${host}/api/rows HTTP/1.1\r\nHost: ${host}\r\n${end}`), /secret/);
  assert.match(await served.raw(`GET /api/rows HTTP/1.0\r\nHost: ${host}\r\n${end}`), /secret/);
});

Deno.test("requests that are no HTTP, or endless, do not end the viewer", async () => {
  await using served = await Served.open();
  const { host } = served;
  for (
    const bytes of [
      "\x16\x03\x01\x02\x00\x01",
      "\0\0\0\0\r\n\r\n",
      "GET\r\n\r\n",
      `GET / HTTP/9.9\r\nHost: ${host}\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nX: ${"x".repeat(1 << 20)}\r\n\r\n`,
      `DELETE /api/rows HTTP/1.1\r\nHost: ${host}\r\nContent-Length: nine\r\nConnection: close\r\n\r\n`,
    ]
  ) {
    using connection = await served.connect();
    try {
      await connection.write(new TextEncoder().encode(bytes));
      await connection.closeWrite();
      while (await connection.read(new Uint8Array(65536)) !== null);
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe)) {
        throw error;
      }
    }
  }
  assert.equal((await (await served.get("/api/rows")).json()).total, 0);
});

Deno.test("a change that is cut short changes nothing", async () => {
  await using served = await Served.open();
  served.source.add(recordsOf(["up", get("/x")], ["down", ok("x")]));
  using connection = await served.connect();
  const head = `DELETE /api/rows HTTP/1.1\r\nHost: ${served.host}\r\nOrigin: http://${served.host}\r\n` +
    `Cookie: ${served.cookie}\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n`;
  await connection.write(new TextEncoder().encode(`${head}{}`));
  await connection.closeWrite();
  let text = "";
  for await (const piece of connection.readable) text += new TextDecoder().decode(piece);
  assert.ok(!/ 200 /.test(text));
  assert.equal((await (await served.get("/api/rows")).json()).total, 1);
});

/** Reads the events of a response as they come. */
async function* eventsOf(
  response: Response,
): AsyncGenerator<{ readonly type: string; readonly added: number }> {
  let text = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      if (line.startsWith("data: ")) yield JSON.parse(line.slice("data: ".length));
    }
  }
}

/** Resolves when so many listen to the history: browsers come and go in their own time. */
async function listening(source: MemorySource, count: number): Promise<void> {
  for (let i = 0; source.listeners !== count && i < 500; i++) {
    await new Promise((done) => setTimeout(done, 10));
  }
  assert.equal(source.listeners, count);
}

Deno.test("several browsers are told what happens, and those that go are forgotten", async () => {
  await using served = await Served.open();
  const responses = await Promise.all([served.get("/api/events"), served.get("/api/events")]);
  await listening(served.source, 2);
  const streams = responses.map(eventsOf);
  served.source.add(recordsOf(["up", get("/x")], ["down", ok("x")]));
  for (const stream of streams) {
    const { value } = await stream.next();
    assert.deepEqual([value?.type, value?.added], ["rows", 1]);
  }
  await streams[0].return(undefined);
  await listening(served.source, 1);
  await streams[1].return(undefined);
  await listening(served.source, 0);
});

Deno.test("a browser that never reads its events neither fills the memory nor holds up another", async () => {
  await using served = await Served.open();
  using deaf = await served.connect();
  const request = `GET /api/events HTTP/1.1\r\nHost: ${served.host}\r\nCookie: ${served.cookie}\r\n\r\n`;
  await deaf.write(new TextEncoder().encode(request));
  await listening(served.source, 1);
  const events = eventsOf(await served.get("/api/events"));
  const [exchange] = recordsOf(["up", get(`/${"long".repeat(4000)}`)], ["down", ok("x")]);
  for (let round = 0; round < 5; round++) {
    served.source.add(Array.from({ length: 1000 }, () => exchange));
    const { value } = await events.next();
    assert.ok(value!.added >= 1000);
  }
  await events.return(undefined);
});

Deno.test("closing ends open event streams at once", async () => {
  const served = await Served.open();
  const events = eventsOf(await served.get("/api/events"));
  const ended = events.next().then(({ done }) => done, (error) => error instanceof TypeError);
  const before = performance.now();
  await served.viewer.close();
  assert.equal(await ended, true);
  assert.ok(performance.now() - before < 1000);
  assert.equal(served.source.listeners, 0);
  await assert.rejects(served.get("/"), TypeError);
});

Deno.test("closing waits for no browser that does not read, and for no connection that says nothing", async () => {
  class Endless extends MemorySource {
    override body(_row: number, _part: string, from: number, to: number) {
      return new Uint8Array(to - from);
    }
  }
  const served = await Served.open({ source: new Endless() });
  using _idle = await served.connect();
  using half = await served.connect();
  await half.write(new TextEncoder().encode(`GET / HTTP/1.1\r\nHost: ${served.host}\r\n`));
  using slow = await served.connect();
  const request =
    `GET /api/rows/1/body/response HTTP/1.1\r\nHost: ${served.host}\r\nCookie: ${served.cookie}\r\n\r\n`;
  await slow.write(new TextEncoder().encode(request));
  await slow.read(new Uint8Array(100));
  const before = performance.now();
  await served.viewer.close();
  assert.ok(performance.now() - before < 2000);
});

Deno.test("closing while the history is asked harms nobody", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  class Slow extends MemorySource {
    async slowly() {
      asked.resolve();
      await answer.promise;
      return super.page({ limit: 1 });
    }
    override page() {
      return this.slowly() as unknown as ReturnType<MemorySource["page"]>;
    }
  }
  const served = await Served.open({ source: new Slow() });
  const response = served.get("/api/rows").then(({ body }) => body?.cancel(), () => {});
  await asked.promise;
  const closed = served.viewer.close();
  answer.resolve();
  await closed;
  await response;
  await served.viewer.close();
});

Deno.test("many connections that say nothing keep nobody out", async () => {
  await using served = await Served.open();
  const idle = await Promise.all(Array.from({ length: 200 }, () => served.connect()));
  try {
    assert.equal((await (await served.get("/api/rows")).json()).total, 0);
  } finally {
    for (const connection of idle) connection.close();
  }
});
