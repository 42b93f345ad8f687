/** What the forward proxy refuses: the client gets a proper answer that says why, and the log has a record. */
import assert from "node:assert/strict";
import { answering, inDirectory, message } from "./log_of.ts";
import { freePort } from "./nginx.ts";
import { Peer, Server, Target } from "./peers.ts";
import { type LogRecord, Program, runProgram } from "./program.ts";
import { curlThrough, LINUX, run } from "./tools.ts";

const encoder = new TextEncoder();
const proxy = (...options: string[]) => Program.start(["proxy", "0", "--format", "json", ...options]);

/** Sends bytes to a proxy, and gives everything that it answers until it closes. */
async function answerTo(port: number, bytes: string | Uint8Array): Promise<string> {
  using client = await Peer.connect(port);
  await client.send(bytes);
  return await client.textToEnd();
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);

/** Sends bytes to a proxy that refused so many before, and gives the status, the text, and the record. */
async function refused(
  program: Program,
  before: number,
  bytes: string | Uint8Array,
): Promise<[number, string, LogRecord]> {
  const answer = await answerTo(await program.port(), bytes);
  assert.match(answer, /\r\nContent-Type: text\/plain; charset=utf-8\r\n/);
  assert.match(answer, /\r\nConnection: close\r\n/);
  const records = await program.records("exchange", before + 1);
  assert.equal(records.length, before + 1);
  return [statusOf(answer), answer.slice(answer.indexOf("\r\n\r\n") + 4), records[before]];
}

const SMUGGLING: Record<string, string> = {
  "Content-Length with Transfer-Encoding": "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "differing lengths": "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
  "one length twice": "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
  "a length that is none": "Content-Length: +4\r\n\r\nabcd",
  "an odd transfer coding": "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
  "two transfer codings": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
  "a vertical tab": "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
  "white space before a colon": "Content-Length : 4\r\n\r\nabcd",
  "a bad name": "Content Length: 4\r\n\r\n",
  "no colon": "Content-Length\r\n\r\n",
  "a folded field": "A: b\r\n Content-Length: 4\r\n\r\n",
  "white space before the first field": " A: b\r\n\r\n",
  "a bare LF": "A: b\nContent-Length: 4\r\n\r\nabcd",
  "a bare CR": "A: b\rContent-Length: 4\r\n\r\n",
  "a NUL": "A: b\0c\r\n\r\n",
  "two Hosts": "Host: b\r\n\r\n",
};

Deno.test("a request that could be read in two ways is refused, and nothing of it goes on", async (t) => {
  await using target = new Target();
  await using program = proxy();
  for (const [i, [what, rest]] of Object.entries(SMUGGLING).entries()) {
    await t.step(what, async () => {
      const start = `POST http://${target.target}/ HTTP/1.1\r\n${rest.startsWith(" ") ? "" : "Host: a\r\n"}`;
      const [status, text, { outcome, error, request, response }] = await refused(
        program,
        i,
        `${start}${rest}GET http://${target.target}/smuggled HTTP/1.1\r\nHost: a\r\n\r\n`,
      );
      assert.equal(status, 400);
      assert.match(text, /^tcpmon: found .*, which others may read differently\n$/);
      assert.equal(`tcpmon: ${error}\n`, text);
      assert.deepEqual([outcome, request.method, response.status], ["refused", "POST", 400]);
    });
  }
});

const BODIES: Record<string, string> = {
  "a chunk size with white space": "3 \r\nabc\r\n0\r\n\r\n",
  "a chunk size that is none": "0x3\r\nabc\r\n0\r\n\r\n",
  "a bare LF behind a chunk size": "3\nabc\r\n0\r\n\r\n",
  "a chunk that is longer than it says": "3\r\nabcdef\r\n0\r\n\r\n",
};

Deno.test("a chunk that is none, first or after a good one, ends the request: 400, and the target is left", async (t) => {
  await using program = proxy();
  let count = 0;
  for (const [what, body] of Object.entries(BODIES)) {
    for (const late of [false, true]) {
      await t.step(`${what}, ${late ? "after a good one" : "at the beginning"}`, async () => {
        await using target = new Target();
        using client = await Peer.connect(await program.port());
        await client.send(
          `POST http://${target.target}/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n` +
            (late ? "1\r\nx\r\n" : body),
        );
        if (late) {
          const server = await target.accept();
          await server.readUntil("1\r\nx\r\n");
          await client.send(body);
          await server.over();
          server.close();
        }
        assert.equal(statusOf(await client.textToEnd()), 400);
        const { outcome, response, request } = (await program.records("exchange", ++count))[count - 1];
        assert.deepEqual([outcome, response.status, request.method], ["refused", 400, "POST"]);
      });
    }
  }
});

const ODD: Record<string, [string, RegExp]> = {
  "origin-form": ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", /this is a proxy/],
  "a user name in the target": ["GET http://u:p@127.0.0.1/ HTTP/1.1\r\nHost: a\r\n\r\n", /user name/],
  "another scheme": ["GET ftp://127.0.0.1/ HTTP/1.1\r\nHost: a\r\n\r\n", /scheme/],
  "no host": ["GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", /no host/],
  "a port that is none": [
    "GET http://127.0.0.1:99999/ HTTP/1.1\r\nHost: a\r\n\r\n",
    /found port 99999 .*, wanted one from 1 to 65535/,
  ],
  "port 0": ["GET http://[::1]:0/ HTTP/1.1\r\nHost: a\r\n\r\n", /found port 0 /],
  "a number too large for a port": [
    "GET http://a:123456789/ HTTP/1.1\r\nHost: a\r\n\r\n",
    /found port 123456789 /,
  ],
  "two spaces in the request line": [
    "GET  http://127.0.0.1/ HTTP/1.1\r\nHost: a\r\n\r\n",
    /found odd white space in the request line, which/,
  ],
  "a host with a backslash": ["GET http://127.0.0.1\\@b/ HTTP/1.1\r\nHost: a\r\n\r\n", /found/],
  "CONNECT without a port": ["CONNECT a.example HTTP/1.1\r\nHost: a\r\n\r\n", /CONNECT/],
  "CONNECT to a URL": ["CONNECT http://a.example:80/ HTTP/1.1\r\nHost: a\r\n\r\n", /CONNECT/],
  "a line break in the target": ["GET http://127.0.0.1/\rX: y HTTP/1.1\r\nHost: a\r\n\r\n", /found/],
};

Deno.test("a target that a proxy cannot go to is refused with 400, and the reason", async (t) => {
  await using program = proxy();
  for (const [i, [what, [bytes, reason]]] of Object.entries(ODD).entries()) {
    await t.step(what, async () => {
      const [status, text, { outcome }] = await refused(program, i, bytes);
      assert.deepEqual([status, outcome], [400, "refused"]);
      assert.match(text, reason);
    });
  }
});

Deno.test("garbage is answered with 400, half a request, too", async () => {
  for (
    const bytes of [
      Uint8Array.of(0, 1, 2, 255),
      encoder.encode("EHLO a\r\n\r\n"),
      encoder.encode("\r\n".repeat(99)),
    ]
  ) {
    await using program = proxy();
    assert.equal(statusOf(await answerTo(await program.port(), bytes)), 400);
    const [{ end, up }] = await program.records("connection");
    assert.deepEqual([end, up], ["stopped", bytes.length]);
  }
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send("GET http://127.0.0.1:9/ HTT");
  await client.end();
  assert.equal(statusOf(await client.textToEnd()), 400);
});

Deno.test("a head beyond every limit is answered with 431", async () => {
  await using program = proxy();
  const port = await program.port();
  const start = "GET http://127.0.0.1:9/ HTTP/1.1\r\nHost: a\r\n";
  assert.equal(statusOf(await answerTo(port, `${start}X: ${"x".repeat(300_000)}\r\n\r\n`)), 431);
  assert.equal(statusOf(await answerTo(port, `${start}${"X: y\r\n".repeat(3000)}\r\n`)), 431);
});

Deno.test({
  name: "a target that does not answer in time: 504, with its record",
  ignore: !LINUX,
  async fn() {
    // A listener whose queue is full: the kernel answers no further connection.
    using deaf = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const held: Deno.Conn[] = [];
    for (;;) {
      const late = AbortSignal.timeout(300);
      const conn = await Deno.connect({ hostname: "127.0.0.1", port: deaf.addr.port, signal: late }).catch(
        () => {},
      );
      if (conn === undefined) break;
      held.push(conn);
    }
    try {
      await using program = proxy("--connect-timeout", "300ms");
      const request =
        `GET http://127.0.0.1:${deaf.addr.port}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
      const answer = await answerTo(await program.port(), request);
      assert.equal(statusOf(answer), 504);
      assert.match(answer, /no answer within 300 ms\n$/);
      const [{ outcome, error }] = await program.records("exchange");
      assert.equal(outcome, "refused");
      assert.match(error, /: no answer within 300 ms$/);
    } finally {
      for (const conn of held) conn.close();
    }
  },
});

Deno.test("a target that refuses, or does not resolve: 502, and the client's connection goes on", async () => {
  await using good = answering({ "/": message("HTTP/1.1 200 OK", [], "good") });
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  for (const host of [`127.0.0.1:${freePort()}`, "no-such-host.invalid"]) {
    await client.send(`GET http://${host}/ HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.equal(statusOf(await client.readHead()), 502);
    await client.readUntil("\n");
  }
  await client.send(`GET http://${good.target}/ HTTP/1.1\r\nHost: a\r\n\r\n`);
  await client.readUntil("good");
  const records = await program.records("exchange", 3);
  assert.deepEqual(records.map(({ outcome }) => outcome), ["refused", "refused", "complete"]);
});

Deno.test("a target that says what is no HTTP, or that it switches protocols without being asked: 502", async () => {
  for (
    const said of [
      "SSH-2.0-x\r\n",
      "HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nraw",
      "HTTP/1.1 20",
    ]
  ) {
    await using server = new Server(async (peer) => {
      await peer.readHead();
      await peer.send(said);
    });
    await using program = proxy();
    using client = await Peer.connect(await program.port());
    await client.send(`GET http://${server.target}/ HTTP/1.1\r\nHost: a\r\n\r\n`);
    const head = await client.readHead();
    assert.equal(statusOf(head), 502, said);
    assert.match(await client.readUntil("\n"), /gave no answer/);
  }
});

const OWN = ["127.0.0.1", "localhost", "LocalHost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"];

Deno.test("the proxy does not lead to its own listeners", async (t) => {
  await using target = new Target();
  await using program = Program.start(["relay", `0=${target.target}`, "--format", "json"]);
  await using itself = proxy();
  const own = await itself.port();
  // The other one is a program of its own, and may be reached.
  await program.port();
  for (const [i, host] of (LINUX ? [...OWN, "0.0.0.0", "127.1", "[::]"] : OWN).entries()) {
    await t.step(host, async () => {
      const before = itself.log.length;
      for (const form of [`GET http://${host}:${own}/ HTTP/1.1`, `CONNECT ${host}:${own} HTTP/1.1`]) {
        using client = await Peer.connect(own);
        await client.send(`${form}\r\nHost: a\r\n\r\n`);
        const head = await client.readHead();
        // A system may know no such address.
        assert.ok([403, 502].includes(statusOf(head)), head);
        assert.match(await client.readUntil("\n"), /cannot connect to/);
      }
      using socks = await Peer.connect(own);
      const name = encoder.encode(host.replace(/[[\]]/g, ""));
      await socks.send(Uint8Array.of(5, 1, 0, 5, 1, 0, 3, name.length, ...name, own >> 8, own & 255));
      const reply = await socks.readToEnd();
      assert.notEqual(reply[3], 0);
      const records = await itself.records("exchange", 2 * (i + 1));
      for (const { outcome } of records) assert.equal(outcome, "refused");
      assert.ok(itself.log.length - before < 20, "it went round");
    });
  }
});

Deno.test("the proxy does not lead to a proxy or relay beside it in the same program", async () => {
  await using target = new Target();
  const config = { proxies: ["0"], relays: [{ listen: "0", target: target.target }] };
  await inDirectory(async (directory) => {
    const path = `${directory}/tcpmon.json`;
    await Deno.writeTextFile(path, JSON.stringify(config));
    await using program = Program.start(["relay", "--config", path, "--format", "json"]);
    const [relay, own] = await program.ports(2);
    for (const port of [relay, own]) {
      using client = await Peer.connect(own);
      await client.send(`GET http://localhost:${port}/ HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.equal(statusOf(await client.readHead()), 403);
      assert.match(await client.readUntil("\n"), /the target is a listener of this tcpmon itself\n$/);
    }
  });
});

Deno.test("--proxy-auth: who has no password, or a wrong one, gets 407; who has it gets in, by every way", async () => {
  await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "secret") });
  await using program = proxy("--proxy-auth", "ann:pass:word");
  const port = await program.port();
  const url = `http://${server.target}/`;
  const status = ["-o", "/dev/null", "-w", "%{http_code}"];
  for (const wrong of [[], ["-U", "ann:no"], ["-U", "ann:pass"], ["-U", "bob:pass:word"], ["-U", ":"]]) {
    assert.equal((await curlThrough(port, ...wrong, ...status, url)).text, "407");
    assert.match((await curlThrough(port, ...wrong, "-p", ...status, url)).stderr, /407/);
    const user = wrong[1] ?? "";
    const socks = await run("curl", [
      "-sS",
      "--noproxy",
      "",
      "-x",
      `socks5h://${user}@127.0.0.1:${port}`,
      url,
    ]);
    assert.notEqual(socks.code, 0);
  }
  assert.equal((await curlThrough(port, "-U", "ann:pass:word", url)).text, "secret");
  assert.equal((await curlThrough(port, "-U", "ann:pass:word", "-p", url)).text, "secret");
  assert.equal((await curlThrough(port, "--proxy-anyauth", "-U", "ann:pass:word", url)).text, "secret");
  const socks = [
    "-sS",
    "--noproxy",
    "",
    "--socks5-hostname",
    `127.0.0.1:${port}`,
    "-U",
    "ann:pass:word",
    url,
  ];
  assert.equal((await run("curl", socks)).text, "secret");
});

Deno.test("407 asks for Basic, keeps the connection for another try, and shows no password in the log", async () => {
  await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "ok") });
  await using program = proxy("--proxy-auth", "ann:hunter2");
  using client = await Peer.connect(await program.port());
  const request = (fields: string) => `GET http://${server.target}/ HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
  await client.send(request(""));
  const head = await client.readHead();
  assert.match(head, /^HTTP\/1\.1 407 [^\r]*\r\n(.*\r\n)?Proxy-Authenticate: Basic realm="tcpmon"/s);
  await client.readUntil("\n");
  await client.send(request(`Proxy-Authorization: Basic ${btoa("ann:hunter2")}\r\n`));
  await client.readUntil("\r\n\r\nok");
  const [first, second] = await program.records("exchange", 2);
  assert.deepEqual([first.response.status, first.outcome, first.target], [407, "refused", server.target]);
  assert.equal(JSON.stringify(second.request.rewritten ?? []).includes("hunter2"), false);
});

Deno.test("--proxy-auth @FILE takes the first line; a file that is missing, or holds none, is said", async () => {
  await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "ok") });
  await inDirectory(async (directory) => {
    const path = `${directory}/users`;
    await Deno.writeTextFile(path, "ann:from file\nsecond:line\n");
    await using program = proxy("--proxy-auth", `@${path}`);
    const { text } = await curlThrough(
      await program.port(),
      "-U",
      "ann:from file",
      `http://${server.target}/`,
    );
    assert.equal(text, "ok");
    await Deno.writeTextFile(path, "nothing\n");
    const empty = await runProgram(["proxy", "0", "--proxy-auth", `@${path}`]);
    assert.match(empty.stderr, /--proxy-auth/);
    assert.notEqual(empty.code, 0);
    const missing = await runProgram(["proxy", "0", "--proxy-auth", `@${directory}/none`]);
    assert.match(missing.stderr, /^tcpmon: cannot read --proxy-auth @\S+: no such file or directory$/);
    assert.equal(missing.code, 2);
  });
});

Deno.test("a length beyond what can be counted is 413, and nothing of the request goes on", async () => {
  let connections = 0;
  await using server = new Server(() => Promise.resolve(void connections++));
  await using program = proxy();
  const head = `POST http://${server.target}/ HTTP/1.1\r\nHost: a\r\n`;
  const [status, text, { outcome }] = await refused(
    program,
    0,
    `${head}Content-Length: ${"9".repeat(30)}\r\n\r\nabc`,
  );
  assert.equal(status, 413);
  assert.equal(text, "tcpmon: found a Content-Length that is larger than tcpmon can count\n");
  assert.equal(outcome, "refused");
  assert.equal(connections, 0);
});
