/** Rewriting of Host: which relays do it, that it reaches every request of a connection, and nothing else. */
import assert from "node:assert/strict";
import { random, randomBytes, sha256 } from "./capture.ts";
import { type Peer, Peer as Client, Target } from "./peers.ts";
import { type LogRecord, Program } from "./program.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/** Starts a relay, sends one request through it, and gives what the target saw of it, and its record. */
async function through(
  args: (port: number) => string[],
  request: string | ((port: number) => string),
): Promise<[string, LogRecord]> {
  await using target = new Target();
  await using program = Program.start([...args(target.port), "--format", "json"]);
  using client = await Client.connect(await program.port());
  const server = await target.accept();
  await client.send(typeof request === "string" ? request : request(target.port));
  const seen = await server.readHead();
  await server.send(OK);
  assert.equal(await client.readHead(), OK);
  return [seen, (await program.records("exchange"))[0]];
}

const REQUEST = "GET / HTTP/1.1\r\nA: b\r\nHOST:   me.example:8081  \r\nC: d\r\n\r\n";
const rewritten = (host: string) => `GET / HTTP/1.1\r\nA: b\r\nHOST: ${host}\r\nC: d\r\n\r\n`;

const REWRITING: [string, (port: number) => string[], (port: number) => string][] = [
  ["LISTEN HOST PORT", (port) => ["0", "localhost", `${port}`], (port) => `localhost:${port}`],
  ["http://", (port) => ["relay", `0=http://localhost:${port}`], (port) => `localhost:${port}`],
  ["http:// with a slash", (port) => ["relay", `0=http://127.0.0.1:${port}/`], (port) => `127.0.0.1:${port}`],
  [
    "--host target",
    (port) => ["relay", `0=localhost:${port}`, "--host", "target"],
    (port) => `localhost:${port}`,
  ],
];

for (const [form, args, host] of REWRITING) {
  Deno.test(`${form}: the Host field becomes the target's, the record has both`, async () => {
    let port = 0;
    const [seen, { request, flags }] = await through((target) => args(port = target), REQUEST);
    assert.equal(seen, rewritten(host(port)));
    assert.deepEqual(request.headers, [["A", "b"], ["HOST", "me.example:8081"], ["C", "d"]]);
    assert.deepEqual(request.rewritten, [["HOST", host(port)]]);
    assert.deepEqual(flags, ["host-rewritten"]);
  });
}

const KEEPING: [string, (port: number) => string[]][] = [
  ["HOST:PORT", (port) => ["relay", `0=localhost:${port}`]],
  ["--host keep with http://", (port) => ["relay", `0=http://localhost:${port}`, "--host", "keep"]],
  ["--host keep with LISTEN HOST PORT", (port) => ["0", "localhost", `${port}`, "--host", "keep"]],
];

for (const [form, args] of KEEPING) {
  Deno.test(`${form}: not one byte of a request is changed`, async () => {
    const [seen, { request, flags }] = await through(args, REQUEST);
    assert.equal(seen, REQUEST);
    assert.deepEqual([request.rewritten, flags], [undefined, []]);
  });
}

Deno.test("a Host that is right already stays as it is, without a flag", async () => {
  const request = (port: number) => `GET /${port} HTTP/1.1\r\nhost:localhost:${port}\r\n\r\n`;
  const [seen, record] = await through((port) => ["0", "localhost", `${port}`], request);
  assert.equal(seen, request(Number(record.request.target.slice(1))));
  assert.deepEqual([record.flags, record.request.rewritten], [[], undefined]);
});

/** Sends it in pieces of one byte to a few hundred. */
async function dribble(client: Peer, bytes: Uint8Array, next: () => number): Promise<void> {
  const sizes = function* () {
    for (;;) yield 1 + next() % (next() % 3 === 0 ? 400 : 7);
  };
  await client.sendInPieces(bytes, sizes());
}

Deno.test("every request of a connection is rewritten, however it is cut; bodies that look like heads are not", async () => {
  await using target = new Target();
  await using program = Program.start(["0", "localhost", `${target.port}`, "--format", "json"]);
  using client = await Client.connect(await program.port());
  const server = await target.accept();
  const host = `localhost:${target.port}`;
  const encoder = new TextEncoder();
  const next = random(3);
  const body = "GET /not-me HTTP/1.1\r\nHost: stays.example\r\n\r\n";
  const chunked = `5\r\nHost:\r\n3;Host: x\r\n a\n\r\n0\r\nHost: trailer.example\r\n\r\n`;
  const requests: [string, string][] = [
    ["GET /1 HTTP/1.1\r\nHost: one.example\r\n\r\n", `GET /1 HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    [
      `POST /2 HTTP/1.1\r\nhOsT: two.example\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      `POST /2 HTTP/1.1\r\nhOsT: ${host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    ],
    [
      `PUT /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\nhost:three.example\r\n\r\n${chunked}`,
      `PUT /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\nhost: ${host}\r\n\r\n${chunked}`,
    ],
    ["GET /4 HTTP/1.0\r\n\r\n", "GET /4 HTTP/1.0\r\n\r\n"],
    ["GET /5 HTTP/1.1\nHost: bare.example\n\n", `GET /5 HTTP/1.1\nHost: ${host}\n\n`],
    [
      "GET /6 HTTP/1.1\r\nHost: one.example\r\nX-Host: a\r\n\r\n",
      `GET /6 HTTP/1.1\r\nHost: ${host}\r\nX-Host: a\r\n\r\n`,
    ],
  ];
  const expected = encoder.encode(requests.map(([, to]) => to).join(""));
  const [, seen] = await Promise.all([
    dribble(client, encoder.encode(requests.map(([from]) => from).join("")), next),
    server.read(expected.length),
  ]);
  assert.equal(new TextDecoder().decode(seen), new TextDecoder().decode(expected));
  await server.send(OK.repeat(requests.length));
  const records = await program.records("exchange", requests.length);
  assert.deepEqual(
    records.map(({ request, flags }) => [request.target, flags.includes("host-rewritten")]),
    [["/1", true], ["/2", true], ["/3", true], ["/4", false], ["/5", true], ["/6", true]],
  );
  assert.equal(records[1].request.body.text, body);
  assert.deepEqual(records[2].request.trailers, [["Host", "trailer.example"]]);
});

Deno.test("a large body behind a rewritten head is not touched", async () => {
  await using target = new Target();
  await using program = Program.start([
    "0",
    "localhost",
    `${target.port}`,
    "--format",
    "json",
    "--max-body",
    "1k",
  ]);
  using client = await Client.connect(await program.port());
  const server = await target.accept();
  const body = randomBytes(2_000_000, random(4));
  const sending = client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`)
    .then(() => client.send(body));
  assert.match(await server.readHead(), /\r\nHost: localhost:\d+\r\n/);
  assert.equal(sha256(await server.read(body.length)), sha256(body));
  await sending;
});

Deno.test("behind an upgrade that the server ignores requests wait for its answer, and are rewritten, too", async () => {
  await using target = new Target();
  await using program = Program.start(["0", "localhost", `${target.port}`, "--format", "json"]);
  using client = await Client.connect(await program.port());
  const server = await target.accept();
  const upgrade =
    "POST /1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc";
  const early = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
  await client.send(upgrade + early);
  const host = `Host: localhost:${target.port}`;
  const forwarded = upgrade.replace("Host: a", host);
  assert.equal(new TextDecoder().decode(await server.read(forwarded.length)), forwarded);
  await server.send(OK);
  assert.equal(await client.readHead(), OK);
  // It was open whether this is HTTP at all.
  assert.equal(await server.readHead(), early.replace("Host: a", host));
  await client.send(early.replace("/2", "/3"));
  assert.equal(await server.readHead(), early.replace("/2", "/3").replace("Host: a", host));
  await server.send(OK + OK);
  const records = await program.records("exchange", 3);
  assert.deepEqual(
    records.map(({ request, outcome, flags }) => [request.target, outcome, flags]),
    ["/1", "/2", "/3"].map((path) => [path, "complete", ["host-rewritten"]]),
  );
});

Deno.test("behind an upgrade that the server agrees to nothing is rewritten, and nothing lost that came early", async () => {
  await using target = new Target();
  await using program = Program.start(["0", "localhost", `${target.port}`, "--format", "none"]);
  using client = await Client.connect(await program.port());
  const server = await target.accept();
  const early = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
  await client.send(`GET /1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n${early}`);
  await server.readHead();
  await server.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n");
  assert.equal(await server.readHead(), early);
  await client.send("behind it");
  await client.end();
  assert.equal(await server.textToEnd(), "behind it");
});

Deno.test("what is not HTTP passes a rewriting relay unchanged, a cut head at its end, too", async () => {
  await using target = new Target();
  await using program = Program.start(["0", "localhost", `${target.port}`, "--format", "none"]);
  const port = await program.port();
  const hostile = [
    "\x16\x03\x01\x02\x00\x01\x00",
    "GET / HTTP/1.1\r\nHost: cut.example",
    "GET / HTTP/1.1\r\nHost: a\r\nno colon, no end",
    "EHLO a\r\nHost: b\r\n\r\n",
    "GET / HTTP/9.9.9\r\nHost: a\r\n\r\n",
  ];
  for (const text of hostile) {
    using client = await Client.connect(port);
    const server = await target.accept();
    await client.send(text);
    await client.end();
    assert.equal(await server.textToEnd(), text);
    server.close();
  }
});

Deno.test("bytes behind a request that cannot begin another go on at once", async () => {
  await using target = new Target();
  await using program = Program.start(["0", "localhost", `${target.port}`, "--format", "json"]);
  for (const body of ["name=value", "<xml/>", '{"a":1}', "[1]"]) {
    using client = await Client.connect(await program.port());
    const server = await target.accept();
    await client.send(`POST / HTTP/1.0\r\nHost: a\r\n\r\n${body}`);
    assert.ok((await server.readUntil(body)).includes(`\r\nHost: localhost:${target.port}\r\n`));
  }
});

Deno.test("behind a request whose end is ambiguous nothing is rewritten, and the records say so", async () => {
  await using target = new Target();
  await using program = Program.start(["0", "localhost", `${target.port}`, "--format", "json"]);
  using client = await Client.connect(await program.port());
  const server = await target.accept();
  const ambiguous =
    "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  const next = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
  await client.send(ambiguous);
  await server.readUntil("0\r\n\r\n");
  await server.send(OK);
  await client.send(next);
  assert.equal(await server.readHead(), next);
  await server.send(OK);
  const records = await program.records("exchange", 2);
  assert.deepEqual(records.map(({ flags }) => flags), [["cl-and-te", "host-rewritten"], ["not-rewritten"]]);
});
