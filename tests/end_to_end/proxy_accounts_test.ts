/** What the forward proxy tells of what it did: one exchange a request, whose time went where, who ended what and why. */
import assert from "node:assert/strict";
import { answering, message } from "./log_of.ts";
import { freePort } from "./nginx.ts";
import { Peer, Server, Target } from "./peers.ts";
import { type LogRecord, Program } from "./program.ts";
import { proxyPort } from "./tls.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/** For so long a peer is slow here, ms: well above what a busy machine takes for anything else. */
const SLOW_MS = 400;

const proxy = (...options: string[]) => Program.start(["proxy", "0", "--format", "json", ...options]);
const get = (host: string, path = "/") => `GET http://${host}${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);
const text = (record: LogRecord) => record.text ?? atob(record.base64);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** All that a proxy logged, once it has stopped. */
async function logOf(program: Program): Promise<LogRecord[]> {
  await program.stop();
  return program.log.map((line) => JSON.parse(line));
}

const ofType = (records: readonly LogRecord[], type: string) =>
  records.filter((found) => found.type === type);

/** What a target says that is no answer, piece by piece, and what the client is told of it. */
const REPLACED: Record<string, readonly [pieces: readonly string[], error: RegExp]> = {
  "garbage": [["SSH-2.0-x\r\n"], /the target sent what is no HTTP response$/],
  "a switch of protocols": [
    ["HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nraw"],
    /switched protocols \(101\) without being asked$/,
  ],
  "half a head": [
    ["HTTP/1.1 200 OK\r\nServ"],
    /gave no answer: it closed the connection inside the head of its answer$/,
  ],
  "a head that becomes garbage": [
    ["HTTP/1", "; 200 OK\r\n\r\n"],
    /the target sent what is no HTTP response$/,
  ],
};

for (const [what, [pieces, reason]] of Object.entries(REPLACED)) {
  Deno.test(`${what} instead of an answer: one exchange, with what the client got, and the bytes as data`, async () => {
    await using target = new Target();
    await using program = proxy();
    using client = await Peer.connect(await program.port());
    await client.send(get(target.target));
    const server = await target.accept();
    await server.readHead();
    for (const piece of pieces) {
      await server.send(piece);
      await wait(20);
    }
    server.close();
    assert.equal(statusOf(await client.readHead()), 502);
    await client.readUntil("\n");
    await using good = answering({ "/": message("HTTP/1.1 200 OK", [], "good") });
    await client.send(get(good.target));
    await client.readUntil("good");
    const records = await logOf(program);
    const [first, second, ...more] = ofType(records, "exchange");
    assert.deepEqual([first.outcome, first.response.status, first.flags], ["refused", 502, [
      "host-rewritten",
    ]]);
    assert.match(first.error, reason);
    assert.deepEqual([second.outcome, second.id, more.length], ["complete", first.id + 1, 0]);
    const data = ofType(records, "data");
    assert.equal(data.map(text).join(""), pieces.join(""));
    assert.deepEqual(data.map(({ direction }) => direction), data.map(() => "down"));
    assert.equal(data[0].offset, 0);
  });
}

Deno.test("an interim response before garbage stands in the exchange, and in no data", async () => {
  await using server = new Server(async (peer) => {
    await peer.readHead();
    await peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nnonsense\r\n");
  });
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send(get(server.target));
  assert.match(await client.readUntil("\r\n\r\n"), /^HTTP\/1\.1 103 /);
  assert.equal(statusOf(await client.readHead()), 502);
  await client.readUntil("\n");
  const records = await logOf(program);
  const [exchange, ...more] = ofType(records, "exchange");
  assert.deepEqual([exchange.outcome, exchange.interim[0].status, more.length], ["refused", 103, 0]);
  assert.deepEqual(ofType(records, "data").map(text), ["nonsense\r\n"]);
});

for (
  const [login, wanted] of [["", /wants a login, give USER:PASSWORD@/], [
    "u:p@",
    /wants other credentials/,
  ]] as const
) {
  Deno.test(`an upstream proxy that wants ${login === "" ? "a" : "another"} login: one exchange, and who is to do what`, async () => {
    await using upstream = new Server(async (peer) => {
      await peer.readHead();
      await peer.send(
        'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 3\r\n\r\nno!',
      );
      await peer.over();
    });
    await using program = proxy("--upstream-proxy", `http://${login}${upstream.target}`);
    using client = await Peer.connect(await proxyPort(program));
    await client.send(get("target.example:9080"));
    assert.equal(statusOf(await client.readHead()), 502);
    await client.readUntil("\n");
    const records = await logOf(program);
    const [exchange, ...more] = ofType(records, "exchange");
    assert.deepEqual([exchange.outcome, exchange.response.status, more.length], ["refused", 502, 0]);
    assert.match(exchange.error, /^cannot reach target\.example:9080: the upstream proxy wants .*: 407 No$/);
    assert.match(exchange.error, wanted);
    assert.match(ofType(records, "data").map(text).join(""), /^HTTP\/1\.1 407 No\r\n[^]*\r\n\r\nno!$/);
  });
}

const NO_REQUESTS: Record<string, readonly [status: number, bytes: string, error: RegExp]> = {
  "a head of 400 kB": [431, `GET http://a.example/ HTTP/1.1\r\nX: ${"x".repeat(400_000)}\r\n\r\n`, /256 KiB/],
  "3,000 fields": [431, `GET http://a.example/ HTTP/1.1\r\n${"X: y\r\n".repeat(3_000)}\r\n`, /2,000 fields/],
  "another version": [400, "GET http://a.example/ HTTP/2.0\r\n\r\n", /^found no HTTP request/],
  "garbage": [400, "\0\x01\x02", /^found no HTTP request/],
};

for (const [what, [status, bytes, error]] of Object.entries(NO_REQUESTS)) {
  Deno.test(`${what} is recorded as refused, and tcpmon as who ended the connection`, async () => {
    await using program = proxy();
    using client = await Peer.connect(await program.port());
    const sending = client.send(bytes);
    const answer = await client.textToEnd();
    await sending;
    client.close();
    assert.equal(statusOf(answer), status);
    const records = await logOf(program);
    const [exchange, ...more] = ofType(records, "exchange");
    assert.deepEqual([exchange.outcome, exchange.response.status, exchange.flags], ["refused", status, []]);
    assert.match(exchange.error, error);
    assert.equal(more.length, 0);
    assert.ok(ofType(records, "data").length > 0);
    const [closed] = ofType(records, "connection");
    assert.deepEqual([closed.end, closed.error], ["stopped", exchange.error]);
  });
}

Deno.test("a request that waits for its turn is not counted as relayed meanwhile", async () => {
  await using server = new Server(async (peer) => {
    for (const ms of [SLOW_MS, 0]) {
      await peer.readHead();
      await wait(ms);
      await peer.send(OK);
    }
    await peer.over();
  });
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send(get(server.target, "/1") + get(server.target, "/2"));
  await client.readUntil("ok");
  await client.readUntil("ok");
  const [first, second] = await program.records("exchange", 2);
  assert.ok(first.ms.total >= SLOW_MS - 10, JSON.stringify(first.ms));
  assert.ok(second.ms.relay < SLOW_MS / 2 && second.ms.send < SLOW_MS / 2, JSON.stringify(second.ms));
});

Deno.test("a target that is reached too late: the time is that to connect, and tcpmon's own is small", async () => {
  await using mute = new Server((peer) => peer.over().then(() => {}));
  await using program = proxy(
    "--upstream-proxy",
    `http://${mute.target}`,
    "--connect-timeout",
    `${SLOW_MS}ms`,
  );
  const port = await proxyPort(program);
  for (
    const request of [
      get("a.example").replace("http:", "https:"),
      "CONNECT a.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    ]
  ) {
    using client = await Peer.connect(port);
    await client.send(request);
    assert.equal(statusOf(await client.readHead()), 504);
  }
  for (const { ms, outcome } of await program.records("exchange", 2)) {
    assert.equal(outcome, "refused");
    assert.ok(ms.connect >= SLOW_MS - 10, JSON.stringify(ms));
    assert.ok(ms.relay < SLOW_MS / 2 && ms.send < SLOW_MS / 2, JSON.stringify(ms));
  }
});

Deno.test("a silent target: 504 after the idle time-out, and the connection goes on", async () => {
  await using silent = new Server((peer) => peer.over().then(() => {}));
  await using good = answering({ "/": message("HTTP/1.1 200 OK", [], "good") });
  await using program = proxy("--idle-timeout", "700ms");
  using client = await Peer.connect(await program.port());
  await client.send(get(silent.target));
  assert.match(await client.readHead(), /^HTTP\/1\.1 504 /);
  const reason = /gave no answer within 700 ms \(--idle-timeout\)/;
  assert.match(await client.readUntil("\n"), reason);
  await client.send(get(good.target));
  await client.readUntil("good");
  const [first, second] = await program.records("exchange", 2);
  assert.deepEqual([first.outcome, first.response.status, second.outcome], ["refused", 504, "complete"]);
  assert.match(first.error, reason);
  const ends = (await program.records("connection", 2)).filter(({ event }) => event === "closed");
  assert.equal(ends[0].end, "idle-timeout");
});

Deno.test("a client that stops inside its request: 408 after the idle time-out, and the connection ends", async () => {
  await using silent = new Server((peer) => peer.over().then(() => {}));
  await using program = proxy("--idle-timeout", "700ms");
  using client = await Peer.connect(await program.port());
  await client.send(`POST http://${silent.target}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf`);
  const answer = await client.textToEnd();
  assert.match(answer, /^HTTP\/1\.1 408 [^]*\r\nConnection: close\r\n/);
  const [{ outcome, error, request }] = await program.records("exchange", 1);
  assert.deepEqual([outcome, request.body.text], ["refused", "half"]);
  assert.match(error, /nothing more came of the request within 700 ms/);
});

Deno.test("an answer that stops halfway is cut by the idle time-out: nothing is added to it", async () => {
  const half = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
  await using silent = new Server(async (peer) => {
    await peer.readHead();
    await peer.send(half);
    await peer.over();
  });
  await using program = proxy("--idle-timeout", "700ms");
  using client = await Peer.connect(await program.port());
  await client.send(get(silent.target));
  assert.equal(await client.textToEnd(), half);
  const [{ outcome }] = await program.records("exchange", 1);
  assert.equal(outcome, "response-cut");
});

Deno.test("CONNECT to what cannot be reached: the answer says that the connection ends, and the record who ended it", async () => {
  await using program = proxy();
  const port = await program.port();
  for (
    const [to, status, end] of [[freePort(), 502, "connect-failed"], [port, 403, "connect-failed"]] as const
  ) {
    using client = await Peer.connect(port);
    await client.send(`CONNECT 127.0.0.1:${to} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const answer = await client.textToEnd();
    assert.match(answer, /\r\nConnection: close\r\n/);
    assert.equal(statusOf(answer), status);
    client.close();
    const closed = (await program.records("connection", status === 502 ? 1 : 2)).at(-1)!;
    assert.equal(closed.end, end);
    assert.match(closed.error, /^cannot connect to 127\.0\.0\.1:/);
  }
});

/** A proxy upstream that takes its time to open a tunnel, to a target that answers one request. */
function slowUpstream(opened: string): Server {
  return new Server(async (peer) => {
    await peer.readHead();
    await wait(SLOW_MS);
    await peer.send(opened);
    await peer.readHead();
    await peer.send(OK);
    await peer.over();
  });
}

Deno.test("in tunnels the time to connect is that until the way to the target was open", async () => {
  await using upstream = slowUpstream("HTTP/1.1 200 Go\r\n\r\n");
  await using program = proxy("--upstream-proxy", `http://${upstream.target}`);
  const port = await proxyPort(program);
  for (const asks of ["CONNECT", "SOCKS"]) {
    using client = await Peer.connect(port);
    if (asks === "CONNECT") {
      await client.send("CONNECT a.example:80 HTTP/1.1\r\nHost: a\r\n\r\n");
      await client.readHead();
    } else {
      await client.send(Uint8Array.of(5, 1, 0));
      await client.read(2);
      await client.send(Uint8Array.of(5, 1, 0, 1, 192, 0, 2, 1, 0, 80));
      assert.equal((await client.read(10))[1], 0);
    }
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.readUntil("ok");
    await client.end();
  }
  const records = await logOf(program);
  const connects = [
    ...ofType(records, "exchange").map(({ ms }) => ms.connect),
    ...ofType(records, "connection").filter(({ event }) => event === "opened").map(({ ms }) => ms.connect),
  ];
  assert.equal(connects.length, 5);
  for (const connect of connects) assert.ok(connect >= SLOW_MS - 10, JSON.stringify(connects));
});

Deno.test("the status line names the proxies upstream, without a login, or says that there is none", async () => {
  const NONE = {
    http_proxy: "",
    https_proxy: "",
    all_proxy: "",
    HTTP_PROXY: "",
    HTTPS_PROXY: "",
    ALL_PROXY: "",
  };
  const line = async (way: string, env: Record<string, string> = {}) => {
    await using program = Program.start(["proxy", "0", "--upstream-proxy", way], {
      env: { ...NONE, ...env },
    });
    return (await program.says(/proxy on /)).replace(/^.*SOCKS 5\)/, "");
  };
  assert.equal(await line("http://u:p@127.0.0.1:1"), " through http://127.0.0.1:1");
  assert.equal(await line("env", { ALL_PROXY: "socks5h://127.0.0.1:1" }), " through socks5://127.0.0.1:1");
  assert.equal(
    await line("env", { http_proxy: "127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:2" }),
    " through http://127.0.0.1:1 (http), http://127.0.0.1:2 (https)",
  );
  assert.match(await line("env"), /^, directly: the environment names no proxy \(HTTP_PROXY, /);
});
