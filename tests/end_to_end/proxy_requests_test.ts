/** Requests through the forward proxy: each to its own host, answers in order, with nothing that is for the next hop. */
import assert from "node:assert/strict";
import { answering, message } from "./log_of.ts";
import { Peer, Server, Target } from "./peers.ts";
import { type LogRecord, Program } from "./program.ts";
import { curlThrough } from "./tools.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

const proxy = (...options: string[]) => Program.start(["proxy", "0", "--format", "json", ...options]);

const get = (target: Target | Server, path = "/", fields = "") =>
  `GET http://${target.target}${path} HTTP/1.1\r\nHost: ${target.target}\r\n${fields}\r\n`;

/** A server that answers each request with its head, and says how many connections it had. */
function echo(): { server: Server; connections: () => number } {
  let connections = 0;
  const server = new Server(async (peer) => {
    connections++;
    for (;;) {
      const head = await peer.readHead().catch(() => undefined);
      if (head === undefined) return;
      await peer.read(Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0));
      await peer.send(message("HTTP/1.1 200 OK", [], head.startsWith("HEAD ") ? "" : head));
    }
  });
  return { server, connections: () => connections };
}

async function ask(client: Peer, request: string): Promise<string> {
  await client.send(request);
  const head = await client.readHead();
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return new TextDecoder().decode(await client.read(length));
}

Deno.test("curl -x: every method arrives at its host, and is recorded as it was sent", async () => {
  const { server } = echo();
  await using _ = server;
  await using program = proxy();
  const port = await program.port();
  const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW"];
  for (const method of methods) {
    const { text, code, stderr } = await curlThrough(
      port,
      "-X",
      method,
      `http://localhost:${server.port}/a?b=c`,
    );
    assert.equal(code, 0, stderr);
    assert.match(text, new RegExp(`^${method} /a\\?b=c HTTP/1.1\r\n`));
    assert.match(text, new RegExp(`^Host: localhost:${server.port}\r$`, "m"));
    assert.doesNotMatch(text, /proxy-connection/i);
  }
  const head = await curlThrough(port, "-I", `http://localhost:${server.port}/`);
  assert.match(head.text, /^HTTP\/1\.1 200 OK\r\nContent-Length: 0\r\n\r\n$/);
  const records = await program.records("exchange", methods.length + 1);
  assert.deepEqual(records.map(({ request }) => request.method), [...methods, "HEAD"]);
  for (const { request, target, outcome } of records) {
    assert.match(request.target, /^http:\/\/localhost:\d+\//);
    assert.deepEqual([target, outcome], [`localhost:${server.port}`, "complete"]);
  }
});

Deno.test("OPTIONS for a whole server becomes OPTIONS *", async () => {
  const { server } = echo();
  await using _ = server;
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  const seen = await ask(client, `OPTIONS http://${server.target} HTTP/1.1\r\nHost: a\r\n\r\n`);
  assert.equal(seen, `OPTIONS * HTTP/1.1\r\nHost: ${server.target}\r\n\r\n`);
});

Deno.test("Max-Forwards counts down for OPTIONS and TRACE, and ends the way at 0", async () => {
  const { server, connections } = echo();
  await using _ = server;
  await using program = proxy();
  const asked = async (method: string, hops: string) => {
    using client = await Peer.connect(await program.port());
    const fields = `Host: ${server.target}\r\nMax-Forwards: ${hops}\r\n`;
    return await ask(client, `${method} http://${server.target}/x HTTP/1.1\r\n${fields}\r\n`);
  };
  for (const method of ["OPTIONS", "TRACE"]) {
    assert.match(await asked(method, "2"), /\r\nMax-Forwards: 1\r\n/);
  }
  assert.match(await asked("GET", "0"), /^GET \/x HTTP\/1\.1\r\n[^]*Max-Forwards: 0\r\n/);
  const before = connections();
  using client = await Peer.connect(await program.port());
  await client.send(`OPTIONS http://${server.target}/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n`);
  assert.match(await client.readUntil("proxy\n"), /^HTTP\/1\.1 200 OK\r\n[^]*\r\nAllow: OPTIONS\r\n/);
  await client.send(`TRACE http://${server.target}/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n`);
  assert.match(await client.readUntil("TRACE\n"), /^HTTP\/1\.1 405 Method Not Allowed\r\n/);
  assert.equal(connections(), before);
});

Deno.test("one client asks two hosts in turns: each request goes to its own, by one connection each", async () => {
  const [one, two] = [echo(), echo()];
  await using _one = one.server;
  await using _two = two.server;
  await using program = proxy();
  {
    using client = await Peer.connect(await program.port());
    for (let i = 0; i < 10; i++) {
      const { server } = i % 2 === 0 ? one : two;
      assert.equal(
        await ask(client, get(server, `/${i}`)),
        `GET /${i} HTTP/1.1\r\nHost: ${server.target}\r\n\r\n`,
      );
    }
  }
  assert.deepEqual([one.connections(), two.connections()], [1, 1]);
  const closed = (await program.records("connection", 4)).filter(({ event }) => event === "closed");
  assert.deepEqual(
    closed.map(({ exchanges, end, connection }) => [exchanges, end, connection]),
    [[5, "client-closed", 1], [5, "client-closed", 1]],
  );
});

Deno.test("Host is set from the request line, wherever the client's Host leads", async () => {
  const { server } = echo();
  await using _ = server;
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  const seen = await ask(
    client,
    `GET http://${server.target}/ HTTP/1.1\r\nhOST: evil.example\r\nA: b\r\n\r\n`,
  );
  assert.equal(seen, `GET / HTTP/1.1\r\nhOST: ${server.target}\r\nA: b\r\n\r\n`);
  assert.equal(
    await ask(client, `GET http://${server.target}?q HTTP/1.1\r\nA: b\r\n\r\n`),
    `GET /?q HTTP/1.1\r\nA: b\r\nHost: ${server.target}\r\n\r\n`,
  );
  const [first] = await program.records("exchange", 2);
  assert.deepEqual(first.request.headers, [["hOST", "evil.example"], ["A", "b"]]);
  assert.deepEqual(first.request.rewritten, [["hOST", server.target]]);
});

Deno.test("fields for the next hop alone go no further, both ways; --via says who was there", async () => {
  await using target = new Target();
  await using program = proxy("--via");
  using client = await Peer.connect(await program.port());
  await client.send(
    get(
      target,
      "/",
      "Connection: keep-alive, X-Hop, Content-Length\r\nX-Hop: 1\r\nKeep-Alive: 3\r\nTE: trailers\r\n" +
        "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic YTpi\r\nUpgrade: h2c\r\nX-End: 1\r\n" +
        "Content-Length: 1\r\n",
    ) + "x",
  );
  const server = await target.accept();
  assert.equal(
    await server.readHead(),
    `GET / HTTP/1.1\r\nHost: ${target.target}\r\nX-End: 1\r\nContent-Length: 1\r\nVia: 1.1 tcpmon\r\n\r\n`,
  );
  assert.equal(new TextDecoder().decode(await server.read(1)), "x");
  await server.send(
    "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n" +
      "Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nX-End: 1\r\n\r\n",
  );
  assert.equal(
    await client.readHead(),
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-End: 1\r\nVia: 1.1 tcpmon\r\n\r\n",
  );
});

Deno.test("pipelined requests, to different hosts, are answered in order", async () => {
  await using slow = new Target();
  const { server: fast } = echo();
  await using _ = fast;
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  const post = `POST http://${slow.target}/2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc`;
  await client.send(get(slow, "/1") + post + get(fast, "/3") + get(slow, "/4"));
  const server = await slow.accept();
  for (const [path, body] of [["/1", ""], ["/2", "abc"]]) {
    assert.match(await server.readHead(), new RegExp(`^\\w+ ${path} `));
    assert.equal(new TextDecoder().decode(await server.read(body.length)), body);
    await server.send(message("HTTP/1.1 200 OK", [], path));
  }
  for (const path of ["/1", "/2"]) {
    await client.readHead();
    assert.equal(new TextDecoder().decode(await client.read(2)), path);
  }
  const length = Number(/Content-Length: (\d+)/.exec(await client.readHead())![1]);
  assert.match(new TextDecoder().decode(await client.read(length)), /^GET \/3 /);
  assert.match(await server.readHead(), /^GET \/4 /);
  await server.send(OK);
  assert.equal(await client.readHead(), OK);
  const records = await program.records("exchange", 4);
  assert.deepEqual(
    records.map(({ id, outcome }) => [id, outcome]),
    [1, 2, 3, 4].map((id) => [id, "complete"]),
  );
});

Deno.test("Expect: 100-continue: the target's leave goes back, then the body forth; curl waits for it", async () => {
  await using server = new Server(async (peer) => {
    assert.match(await peer.readHead(), /^Expect: 100-continue\r$/m);
    await peer.send("HTTP/1.1 100 Continue\r\n\r\n");
    const body = await peer.read(2000);
    await peer.send(message("HTTP/1.1 200 OK", [], `${body.length} came`));
  });
  await using program = proxy();
  const { text, code } = await curlThrough(
    await program.port(),
    ...["-H", "Expect: 100-continue", "--expect100-timeout", "20"],
    ...["-d", "x".repeat(2000), `http://${server.target}/`],
  );
  assert.deepEqual([text, code], ["2000 came", 0]);
  const [{ interim, request }] = await program.records("exchange");
  assert.deepEqual([interim.length, interim[0].status, request.body.bytes], [1, 100, 2000]);
});

Deno.test("Expect: 100-continue that the target refuses: the client may go on without it", async () => {
  await using server = new Server(async (peer) => {
    await peer.readHead();
    await peer.send(message("HTTP/1.1 417 Expectation Failed", ["Connection: close"]));
    await peer.end();
    await peer.over();
  });
  const { server: second } = echo();
  await using _ = second;
  await using program = proxy();
  const { text, code } = await curlThrough(
    await program.port(),
    ...["-H", "Expect: 100-continue", "--expect100-timeout", "20"],
    ...["-o", "/dev/null", "-w", "%{http_code}", "-d", "x".repeat(2000), `http://${server.target}/`],
  );
  assert.equal(code, 0);
  assert.match(text, /^417/);
});

Deno.test("an answer that comes before the end of its request goes on at once", async () => {
  await using target = new Target();
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send(`POST http://${target.target}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc`);
  const server = await target.accept();
  await server.readHead();
  await server.read(3);
  await server.send(OK);
  assert.equal(await client.readHead(), OK);
  await client.send("defghi");
  assert.equal(new TextDecoder().decode(await server.read(6)), "defghi");
  assert.equal((await program.records("exchange"))[0].outcome, "complete");
  await client.send(get(target, "/next"));
  assert.match(await server.readHead(), /^GET \/next /);
});

Deno.test("a target that refuses an upload and closes: the client gets its answer, not an error", async () => {
  await using server = new Server(async (peer) => {
    await peer.readHead();
    await peer.send(message("HTTP/1.1 413 Content Too Large", ["Connection: close"], "too large"));
    await peer.end();
    await peer.over();
  });
  await using program = proxy();
  const { text } = await curlThrough(
    await program.port(),
    ...["-H", "Expect:", "-T", "-", `http://${server.target}/`],
    ...["--max-time", "20", "-w", " %{http_code}"],
  );
  assert.match(text, /413$/);
});

Deno.test("an answer that lasts until the target closes ends the client's connection, too", async () => {
  await using server = new Server(async (peer) => {
    await peer.readHead();
    await peer.send("HTTP/1.1 200 OK\r\n\r\nto the end");
  });
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send(get(server));
  assert.equal(await client.textToEnd(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end");
  const [{ outcome, response }] = await program.records("exchange");
  assert.deepEqual([outcome, response.body.text], ["complete", "to the end"]);
});

Deno.test("a client that speaks HTTP/1.0 gets one answer, and the end", async () => {
  const { server } = echo();
  await using _ = server;
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send(
    `GET http://${server.target}/ HTTP/1.0\r\nConnection: keep-alive\r\nProxy-Connection: keep-alive\r\n\r\n`,
  );
  const answer = await client.textToEnd();
  assert.match(
    answer,
    /^HTTP\/1\.1 200 OK\r\nContent-Length: \d+\r\nConnection: close\r\n\r\nGET \/ HTTP\/1\.0\r\n/,
  );
});

Deno.test("Connection: close of the client, or Proxy-Connection: close, ends its connection after the answer", async () => {
  const { server } = echo();
  await using _ = server;
  await using program = proxy();
  for (const name of ["Connection", "Proxy-Connection"]) {
    using client = await Peer.connect(await program.port());
    await client.send(get(server, "/", `${name}: close\r\n`));
    assert.match(await client.textToEnd(), /\r\nConnection: close\r\n/);
  }
});

Deno.test("a target that closes after each answer is reached anew, the client's connection stays", async () => {
  let connections = 0;
  await using server = new Server(async (peer) => {
    connections++;
    await peer.readHead();
    await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  for (let i = 0; i < 5; i++) {
    await client.send(get(server));
    assert.equal(await client.readHead(), OK);
  }
  assert.equal(connections, 5);
});

/** A target that answers once on its first connection, and closes it when the second request comes. */
async function secondRequest(request: (target: Target) => string): Promise<[string, LogRecord[]]> {
  await using program = proxy();
  await using target = new Target();
  using client = await Peer.connect(await program.port());
  await client.send(get(target, "/first"));
  {
    using server = await target.accept();
    await server.readHead();
    await server.send(OK);
    await client.readHead();
    await client.send(request(target));
    await server.readHead();
  }
  void target.accept().then(async (server) => {
    await server.readHead();
    await server.send(OK);
  }, () => {});
  return [await client.readHead(), [...await program.records("exchange", 2)]];
}

Deno.test("a kept connection that the target closes: a request that may be repeated is, once; its record says so", async () => {
  const [head, records] = await secondRequest((target) => get(target, "/second"));
  assert.equal(head, OK);
  assert.deepEqual(
    records.slice(0, 2).map(({ request, outcome }) => [request.target.replace(/.*\//, "/"), outcome]),
    [["/first", "complete"], ["/second", "no-response"]],
  );
});

Deno.test("a kept connection that the target closes: a POST is not repeated, the client is told", async () => {
  const [head, records] = await secondRequest((target) =>
    `POST http://${target.target}/second HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`
  );
  assert.match(head, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
  const [, { request, response, outcome, error }] = records;
  assert.deepEqual([request.method, response.status, outcome], ["POST", 502, "refused"]);
  assert.match(error, /^127\.0\.0\.1:\d+ gave no answer: it closed the connection$/);
});

Deno.test("a target that dies inside its answer: the client's connection is cut, too", async () => {
  await using target = new Target();
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send(get(target));
  {
    using server = await target.accept();
    await server.readHead();
    await server.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    assert.match(await client.readUntil("half"), /^HTTP\/1\.1 200 OK/);
  }
  await client.over();
  const [{ outcome, response }] = await program.records("exchange");
  assert.deepEqual([outcome, response.body.text], ["response-cut", "half"]);
});

Deno.test("a client that dies inside its request, or before its answer, costs its target the connection", async () => {
  await using target = new Target();
  await using program = proxy();
  const port = await program.port();
  const requests = [
    `POST http://${target.target}/cut HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf`,
    get(target, "/hangs"),
    get(target, "/hangs") + get(target, "/behind"),
  ];
  for (const request of requests) {
    using client = await Peer.connect(port);
    await client.send(request);
    using server = await target.accept();
    await server.readHead();
    client.close();
    await server.over();
    server.close();
  }
  const records = await program.records("exchange", 3);
  assert.deepEqual(records.map(({ outcome }) => outcome), ["request-cut", "no-response", "no-response"]);
});

Deno.test("a client that ends its side after its request still gets the answer", async () => {
  await using target = new Target();
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send(get(target));
  await client.end();
  const server = await target.accept();
  await server.readHead();
  assert.equal(await server.textToEnd(), "", "the target sees that no more comes");
  await server.send(OK);
  server.close();
  assert.match(await client.textToEnd(), /^HTTP\/1\.1 200 OK\r\n/);
});

Deno.test("a WebSocket through an absolute-form upgrade: messages both ways, recorded", async () => {
  await using target = new Target();
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send(get(
    target,
    "/ws",
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
  ));
  const server = await target.accept();
  const head = await server.readHead();
  assert.match(head, /\r\nUpgrade: websocket\r\n/);
  assert.match(head, /\r\nConnection: Upgrade\r\n/);
  await server.send(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Accept: x\r\n\r\n",
  );
  const hello = Uint8Array.of(0x81, 5, ...new TextEncoder().encode("hello"));
  await server.send(hello);
  assert.match(await client.readHead(), /^HTTP\/1\.1 101 .*\r\nConnection: Upgrade\r\n/s);
  assert.deepEqual(await client.read(hello.length), hello);
  await client.send(Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 104, 105));
  assert.equal((await server.read(8)).at(-1), 105);
  // Each side ends on its own.
  await server.end();
  assert.equal(await client.readSome(), null);
  await client.send(Uint8Array.of(0x81, 0x80, 0, 0, 0, 0));
  assert.equal((await server.read(6)).length, 6);
  await client.end();
  assert.equal(await server.readSome(), null);
  const messages = await program.records("message", 3);
  assert.deepEqual(
    messages.map(({ direction, text }) => [direction, text]).slice(0, 2),
    [["down", "hello"], ["up", "hi"]],
  );
});

Deno.test("more hosts than one client keeps connections to: the oldest is closed, all are answered", async () => {
  const servers = Array.from({ length: 12 }, () => answering({ "/": message("HTTP/1.1 200 OK", []) }));
  try {
    await using program = proxy();
    using client = await Peer.connect(await program.port());
    for (const server of [...servers, ...servers]) {
      await client.send(get(server));
      assert.equal(await client.readHead(), OK);
    }
    // All but those that are still open have been closed again.
    const records = await program.records("connection", 24 + 24 - 8);
    assert.equal(records.filter(({ event }) => event === "opened").length, 24);
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
});
