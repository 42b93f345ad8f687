/** Hostile clients and targets of the forward proxy: it lives, keeps apart what is apart, and gives back what it took. */
import assert from "node:assert/strict";
import { random, randomBytes } from "./capture.ts";
import { answering, message } from "./log_of.ts";
import { concat, crowd, Peer, Server, Target } from "./peers.ts";
import { parseRecord, Program } from "./program.ts";
import { eventually, LINUX, openDescriptors, peakMemory } from "./tools.ts";

const encoder = new TextEncoder();
const MB = 1_000_000;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

const proxy = (...options: string[]) => Program.start(["proxy", "0", "--format", "json", ...options]);
const get = (target: string, path = "/") => `GET http://${target}${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);

async function goneAgain(program: Program, before: number): Promise<void> {
  if (!LINUX) return;
  await eventually(async () => await openDescriptors(program.pid) <= before, "descriptors stayed open");
}

Deno.test("a response that nobody asked for never becomes the answer to another request", async () => {
  const evil = message("HTTP/1.1 200 OK", [], "evil");
  await using server = new Server(async (peer) => {
    await peer.readHead();
    await peer.send(concat([message("HTTP/1.1 200 OK", [], "good"), evil]));
    await peer.over();
  });
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  for (let i = 0; i < 20; i++) {
    await client.send(get(server.target));
    await client.readHead();
    assert.equal(new TextDecoder().decode(await client.read(4)), "good");
  }
  const exchanges = await program.records("exchange", 40);
  assert.equal(exchanges.filter(({ outcome }) => outcome === "unrequested").length, 20);
});

Deno.test("a response of its own accord on a kept connection costs that connection, nothing else", async () => {
  await using target = new Target();
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  for (let i = 0; i < 3; i++) {
    await client.send(get(target.target, `/${i}`));
    const server = await target.accept();
    assert.match(await server.readHead(), new RegExp(`^GET /${i} `));
    await server.send(OK);
    await client.readHead();
    await server.send(message("HTTP/1.1 200 OK", [], "evil"));
    await server.over();
    server.close();
  }
});

Deno.test("a response with two lengths is the last one of both connections", async () => {
  await using server = new Server(async (peer) => {
    await peer.readHead();
    await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    await peer.send(message("HTTP/1.1 200 OK", [], "smuggled"));
    await peer.over();
  });
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send(get(server.target, "/1") + get(server.target, "/2"));
  const answer = await client.textToEnd();
  assert.match(
    answer,
    /^HTTP\/1\.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n$/,
  );
});

Deno.test({
  name: "interim responses without end: forwarded as they come, memory bounded, until the client leaves",
  ignore: !LINUX,
  async fn() {
    let sent = 0;
    const flood = encoder.encode("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(2000));
    await using server = new Server(async (peer) => {
      await peer.readHead();
      for (;; sent += flood.length) await peer.send(flood);
    });
    await using program = proxy();
    const port = await program.port();
    const before = await openDescriptors(program.pid);
    using client = await Peer.connect(port);
    await client.send(get(server.target));
    const memory = await peakMemory(program.pid);
    for (let got = 0; got < 20 * MB;) got += (await client.readSome())!.length;
    client.close();
    await goneAgain(program, before);
    assert.ok(await peakMemory(program.pid) - memory < 60 * MB);
    assert.ok(sent < 200 * MB);
    const [{ interim, flags }] = await program.records("exchange");
    assert.equal(interim.length, 100);
    assert.ok(flags.includes("over-limit"));
  },
});

Deno.test("huge field values and trailers pass, up to what is read as HTTP; beyond it the target is blamed", async () => {
  let size = 0;
  await using server = new Server(async (peer) => {
    for (;;) {
      if ((await peer.readHead().catch(() => "")) === "") return;
      await peer.send(
        `HTTP/1.1 200 OK\r\nX: ${"x".repeat(size)}\r\nTransfer-Encoding: chunked\r\n\r\n` +
          `1\r\na\r\n0\r\nY: ${"y".repeat(size)}\r\n\r\n`,
      );
    }
  });
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  for (size of [10, 70_000, 200_000]) {
    await client.send(get(server.target));
    assert.equal(
      (await client.readHead()).length,
      `HTTP/1.1 200 OK\r\nX: \r\nTransfer-Encoding: chunked\r\n\r\n`.length + size,
    );
    await client.readUntil(`\r\nY: ${"y".repeat(size)}\r\n\r\n`);
  }
  size = 400_000;
  await client.send(get(server.target));
  assert.equal(statusOf(await client.readHead()), 502);
});

Deno.test({
  name: "a client that never reads: its target is held back, memory bounded, others are served",
  ignore: !LINUX,
  async fn() {
    const block = randomBytes(MB, random(1));
    let sent = 0;
    await using big = new Server(async (peer) => {
      await peer.readHead();
      await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
      for (;; sent += block.length) await peer.send(block);
    });
    await using small = answering({ "/": message("HTTP/1.1 200 OK", []) });
    await using program = proxy();
    const port = await program.port();
    const memory = await peakMemory(program.pid);
    const lazy = await Promise.all(Array.from({ length: 10 }, () => Peer.connect(port)));
    for (const client of lazy) await client.send(get(big.target));
    let before = -1;
    await eventually(() => {
      const stalled = sent === before;
      before = sent;
      return stalled && sent > 0;
    }, "the target was not held back");
    using other = await Peer.connect(port);
    await other.send(get(small.target));
    assert.equal(await other.readHead(), OK);
    assert.ok(await peakMemory(program.pid) - memory < 60 * MB);
    for (const client of lazy) client.close();
  },
});

Deno.test({
  name: "thousands of clients with half a request, or a CONNECT that nobody answers: bounded, given back",
  ignore: !LINUX,
  async fn() {
    await using server = answering({ "/": message("HTTP/1.1 200 OK", []) });
    await using program = proxy("--connect-timeout", "1s");
    const port = await program.port();
    const before = await openDescriptors(program.pid);
    const memory = await peakMemory(program.pid);
    const beginnings = [
      "G",
      "GET http://127.0.0.1/ HTTP/1.1\r\nHos",
      "\x05",
      "\x05\x01",
      `CONNECT ${server.target} HTTP/1.1\r\nHost: a\r\n\r\n`,
    ];
    const clients = await crowd(2000, async (i) => {
      const client = await Peer.connect(port);
      await client.send(beginnings[i % beginnings.length]);
      return client;
    }, async () => {
      using last = await Peer.connect(port);
      await last.send(get(server.target));
      await last.readHead();
    });
    using other = await Peer.connect(port);
    await other.send(get(server.target));
    assert.equal(await other.readHead(), OK);
    assert.ok(await peakMemory(program.pid) - memory < 100 * MB);
    for (const client of clients) client.close();
    other.close();
    await goneAgain(program, before);
  },
});

/** Beginnings of messages in which a hostile client changes, drops and repeats bytes. */
function seeds(target: string): Uint8Array[] {
  return [
    get(target),
    `POST http://${target}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello`,
    `POST http://${target}/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    `CONNECT ${target} HTTP/1.1\r\nHost: a\r\n\r\n`,
    `GET http://${target}/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n`,
    "\x05\x01\0\x05\x01\0\x01\x7f\0\0\x01\0\x09",
  ].map((text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
}

const ANSWERS = [
  OK,
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
  "HTTP/1.1 200 OK\r\n\r\nuntil the end",
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nraw",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
].map((text) => encoder.encode(text));

/** Sends garbled messages in pieces, reads or not, and leaves in one of several ways. */
async function misbehave(peer: Peer, messages: readonly Uint8Array[], next: () => number): Promise<void> {
  try {
    for (let n = 1 + next() % 4; n > 0; n--) {
      const bytes = messages[next() % messages.length].slice();
      const at = next() % bytes.length;
      if (next() % 3 === 0) bytes[at] = next();
      await peer.send(next() % 4 === 0 ? bytes.subarray(0, at) : bytes);
    }
    if (next() % 2 === 0) await peer.end();
    if (next() % 2 === 0) await peer.conn.read(new Uint8Array(1 + next() % 2000));
  } catch {
    // The other side was faster.
  } finally {
    peer.close();
  }
}

Deno.test("garbled messages from both sides: no crash, no word, no descriptor kept, each client recorded", async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0];
  const next = random(seed);
  await using server = new Server((peer) => misbehave(peer, ANSWERS, next));
  await using program = proxy("--idle-timeout", "1s", "--connect-timeout", "1s");
  const port = await program.port();
  const before = LINUX ? await openDescriptors(program.pid) : 0;
  const messages = seeds(server.target);
  const total = 600;
  let count = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    while (count++ < total) await misbehave(await Peer.connect(port), messages, next);
  }));
  await goneAgain(program, before);
  assert.equal((await program.stop()).code, 0, `seed ${seed}`);
  assert.equal(program.said.length, 1, `seed ${seed}: ${program.said.join("\n")}`);
  const closed = program.log.map(parseRecord).filter(({ event }) => event === "closed");
  assert.equal(new Set(closed.map(({ connection }) => connection)).size, total, `seed ${seed}`);
});

Deno.test("500 clients at once, each with its own answers", async () => {
  await using server = new Server(async (peer) => {
    for (;;) {
      const head = await peer.readHead().catch(() => undefined);
      if (head === undefined) return;
      await peer.send(message("HTTP/1.1 200 OK", [], head.split(" ")[1]));
    }
  });
  await using program = proxy();
  const port = await program.port();
  const exchange = async (client: Peer, path: string) => {
    await client.send(get(server.target, path));
    await client.readHead();
    assert.equal(new TextDecoder().decode(await client.read(path.length)), path);
  };
  const clients = await crowd(500, async (i) => {
    const client = await Peer.connect(port);
    await exchange(client, `/${i}/0`);
    return client;
  });
  await Promise.all(clients.map(async (client, i) => {
    for (let j = 1; j < 5; j++) await exchange(client, `/${i}/${j}`);
    client.close();
  }));
  const exchanges = await program.records("exchange", 2500);
  assert.ok(exchanges.every(({ outcome }) => outcome === "complete"));
});

Deno.test("--idle-timeout closes clients on which nothing passes: silent, between requests, or told that no answer came", async () => {
  await using target = new Target();
  await using program = proxy("--idle-timeout", "300ms");
  const port = await program.port();
  using silent = await Peer.connect(port);
  using between = await Peer.connect(port);
  await between.send(get(target.target, "/1"));
  const first = await target.accept();
  await first.readHead();
  await first.send(OK);
  await between.readHead();
  using waiting = await Peer.connect(port);
  await waiting.send(get(target.target, "/2"));
  const second = await target.accept();
  await second.readHead();
  await Promise.all([silent.over(), between.over(), waiting.over(), first.over(), second.over()]);
  const closed = (await program.records("connection", 5)).filter(({ event }) => event === "closed");
  assert.deepEqual(closed.map(({ end }) => end), Array(3).fill("idle-timeout"));
  const exchanges = await program.records("exchange", 2);
  assert.deepEqual(exchanges.map(({ outcome }) => outcome), ["complete", "refused"]);
});

Deno.test("SIGTERM: what is under way is finished, idle clients are closed, no request is begun", async () => {
  await using target = new Target();
  await using program = proxy();
  const port = await program.port();
  using idle = await Peer.connect(port);
  using busy = await Peer.connect(port);
  await busy.send(get(target.target));
  const server = await target.accept();
  await server.readHead();
  await server.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
  await busy.readUntil("ha");
  program.signal("SIGTERM");
  await idle.over();
  await assert.rejects(Peer.connect(port));
  await server.send("lf");
  assert.equal(new TextDecoder().decode(await busy.read(2)), "lf");
  await busy.over();
  assert.equal((await program.ended()).code, 0);
  const [{ outcome }] = program.log.map(parseRecord).filter(({ type }) => type === "exchange");
  assert.equal(outcome, "complete");
});

Deno.test("--max-connections counts each connection to a further target; a client always has one", async () => {
  const servers = Array.from({ length: 4 }, () => answering({ "/": message("HTTP/1.1 200 OK", []) }));
  try {
    await using program = proxy("--max-connections", "2");
    const port = await program.port();
    using first = await Peer.connect(port);
    using second = await Peer.connect(port);
    for (const client of [first, second, first]) {
      for (const server of servers) {
        await client.send(get(server.target));
        assert.equal(await client.readHead(), OK);
      }
    }
    const closed = (await program.records("connection", 12 + 10)).filter(({ event }) => event === "closed");
    assert.equal(closed.length, 10, "two clients, one target each");
    using third = await Peer.connect(port);
    await third.send(get(servers[0].target));
    await program.says(/2 connections are open, further ones wait/);
    first.close();
    assert.equal(await third.readHead(), OK);
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
});

Deno.test("a slow link delivers every answer whole and in order, though they come from two targets", async () => {
  const bodies = ["a".repeat(3000), "b".repeat(10), "c".repeat(2000)];
  const servers = bodies.map((body) =>
    answering({ "/": message("HTTP/1.1 200 OK", ["Connection: close"], body) })
  );
  try {
    await using program = proxy("--latency", "60ms", "--rate", "400kbit");
    using client = await Peer.connect(await program.port());
    for (const server of servers) await client.send(get(server.target));
    for (const body of bodies) {
      await client.readHead();
      assert.equal(new TextDecoder().decode(await client.read(body.length)), body);
    }
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
});

Deno.test("a fault that resets the connection resets it, and is no answer", async () => {
  await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "x".repeat(1000)) });
  await using program = proxy("--fault", "reset", "--seed", "1");
  using client = await Peer.connect(await program.port());
  await client.send(get(server.target));
  await client.over();
  const closed = (await program.records("connection", 2)).find(({ event }) => event === "closed");
  assert.equal(closed.end, "fault");
});
