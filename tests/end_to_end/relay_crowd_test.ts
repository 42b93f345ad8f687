/** Many connections: limits make clients wait instead of failing, and thousands at once are served. */
import assert from "node:assert/strict";
import { crowd, Peer, Server, Target } from "./peers.ts";
import { Program, within } from "./program.ts";
import { eventually, LINUX, openDescriptors } from "./tools.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/** Answers every request, or every piece that comes. */
function echo(): Server {
  return new Server(async (peer) => {
    for (let some = await peer.readSome(); some !== null; some = await peer.readSome()) await peer.send(some);
  });
}

Deno.test("--max-connections: further clients wait, which is said once, and are served as places become free", async () => {
  await using target = new Target();
  await using program = Program.start([
    "relay",
    `0=${target.target}`,
    "--format",
    "json",
    "--max-connections",
    "2",
  ]);
  const port = await program.port();
  const clients: Peer[] = [];
  for (let i = 0; i < 6; i++) {
    clients.push(await Peer.connect(port));
    await clients[i].send(`client ${i}\n`);
  }
  const servers = [await target.accept(), await target.accept()];
  await program.says(
    /2 connections are open, further ones wait until one ends \(--max-connections, or ulimit -n\)/,
  );
  for (let i = 0; i < 6; i++) {
    assert.equal(await servers[i].readUntil("\n"), `client ${i}\n`);
    // Not more than two at a time: the third appears only when the first has left.
    const opened = (await program.records("connection", 2)).filter(({ event }) => event === "opened");
    assert.ok(opened.length <= i + 2);
    clients[i].close();
    servers[i].close();
    if (i + 2 < 6) servers.push(await target.accept());
  }
  assert.equal(program.said.filter((line) => line.includes("further ones wait")).length, 1);
});

Deno.test("--max-connections counts clients, not listeners: a quiet one keeps no place from the others", async () => {
  await using server = echo();
  await using program = Program.start([
    "relay",
    ...Array.from({ length: 4 }, () => `0=${server.target}`),
    "--max-connections",
    "1",
    "--format",
    "none",
  ]);
  for (const port of (await program.ports(4)).toReversed()) {
    using client = await Peer.connect(port);
    await client.send("here\n");
    assert.equal(await client.readUntil("\n"), "here\n");
  }
});

for (const options of [[], ["--max-connections", "5000"]]) {
  Deno.test({
    name: `few descriptors: more clients than they allow wait, none fails ${options.join(" ")}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using server = echo();
      await using program = Program.start(["relay", `0=${server.target}`, "--format", "none", ...options], {
        shell: 'ulimit -n 128; exec "$@"',
      });
      const port = await program.port();
      const full = program.says(/^tcpmon: \d+ connections are open, further ones wait until one ends/);
      await Promise.all(Array.from({ length: 200 }, async (_, i) => {
        using client = await Peer.connect(port);
        await client.send(`hello ${i}\n`);
        assert.equal(await client.readUntil("\n"), `hello ${i}\n`);
        await full;
      }));
      assert.equal((await program.stop()).code, 0);
      assert.equal(program.said.length, 2, program.said.join("\n"));
    },
  });
}

/** How many connections at once this test can make: four descriptors each, in two processes. */
function crowdSize(): number {
  const limits = LINUX ? Deno.readTextFileSync("/proc/self/limits") : "";
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 1024);
  return Math.min(5_000, Math.floor((files - 400) / 2));
}

Deno.test("thousands of busy connections at once: none fails, and all descriptors are given back", async () => {
  const size = crowdSize();
  await using server = new Server(async (peer) => {
    while (await peer.readSome() !== null) await peer.send(OK);
  });
  await using program = Program.start(["relay", `0=${server.target}`, "--format", "none"]);
  const port = await program.port();
  const before = LINUX ? await openDescriptors(program.pid) : 0;
  const exchange = async (client: Peer) => {
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal(await client.readUntil("hello"), OK);
  };
  const clients = await crowd(size, async () => {
    const client = await within(Peer.connect(port), "no connection");
    await exchange(client);
    return client;
  });
  const rounds = 2;
  for (let round = 0; round < rounds; round++) await Promise.all(clients.map(exchange));
  for (const client of clients) client.close();
  if (LINUX) {
    await eventually(async () => await openDescriptors(program.pid) <= before, "descriptors stayed open");
  }
  assert.equal(program.said.length, 1, program.said.join("\n"));
});
