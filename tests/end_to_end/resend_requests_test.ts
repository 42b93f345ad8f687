/** `tcpmon resend`: a log goes back to work, as it was, or to another target. */
import assert from "node:assert/strict";
import { inDirectory, logOf, message } from "./log_of.ts";
import { Peer, Server } from "./peers.ts";
import { Program } from "./program.ts";
import { answered, Backend, exchangeLine, field, ok, records, tcpmon } from "./sending.ts";

const encoder = new TextEncoder();
const max = ["--speed", "max"];

Deno.test("everything is sent again in order, byte for byte, to where it went, and shown as a log", async () => {
  await using backend = new Backend(({ head }) => ok(head.split(" ")[1]));
  const { target } = backend;
  const log = [
    exchangeLine({ id: 1, target, path: "/a", headers: [["hOST", target], ["X-Odd", "1"], ["X-Odd", "2"]] }),
    exchangeLine({ id: 2, target, path: "/b", method: "POST", body: "häh", ms: 10 }),
    exchangeLine({ id: 3, target, path: "/c", method: "DELETE", ms: 20 }),
  ].join("");
  const { code, text, stderr } = await tcpmon(["resend", "-", ...max], { stdin: log });
  assert.equal(code, 0, stderr);
  assert.deepEqual(backend.received.map(({ head, text }) => head + text), [
    `GET /a HTTP/1.1\r\nhOST: ${target}\r\nX-Odd: 1\r\nX-Odd: 2\r\n\r\n`,
    `POST /b HTTP/1.1\r\nHost: ${target}\r\nContent-Length: 4\r\n\r\nhäh`,
    `DELETE /c HTTP/1.1\r\nHost: ${target}\r\n\r\n`,
  ]);
  assert.match(text, /^> GET \/a HTTP\/1\.1$[^]*^ {4}\/a$[^]*^> POST \/b [^]*^> DELETE \/c /m);
  assert.match(stderr, /^tcpmon: 3 sent in [\d.]+ s \(\d+ a second\); 200 × 3\n$/);
});

Deno.test("IDs, ranges, lines and --filter say which; what is not there is exit code 1", () =>
  inDirectory(async (directory) => {
    await using backend = new Backend();
    const file = `${directory}/log`;
    const ids = [1, 2, 3, 4, 5, 6];
    const lines = ids.map((id) =>
      exchangeLine({ id, target: backend.target, path: `/${id}`, ms: id, status: id === 5 ? 500 : 200 })
    );
    await Deno.writeTextFile(file, lines.join(""));
    const sent = async (...args: string[]) => {
      const before = backend.received.length;
      const ended = await tcpmon(["resend", file, ...args, ...max]);
      return { ...ended, paths: backend.paths.slice(before) };
    };
    assert.deepEqual((await sent("3")).paths, ["/3"]);
    assert.deepEqual((await sent("6", "2-4", "@1")).paths, ["/1", "/2", "/3", "/4", "/6"]);
    assert.deepEqual((await sent("--filter", "status:5xx")).paths, ["/5"]);
    const none = await sent("--filter", "status:404");
    assert.deepEqual([none.code, none.paths], [1, []]);
    assert.match(none.stderr, /^tcpmon: nothing to send: [^\n]*\n$/);
    const missing = await sent("7");
    assert.deepEqual([missing.code, missing.paths], [1, []]);
    assert.match(missing.stderr, /^tcpmon: found no exchange 7 in \S+\n$/);
  }));

Deno.test("the recorded pauses are kept, --speed shortens them, max leaves them out", async () => {
  await using backend = new Backend();
  const log = [0, 200, 400].map((ms) => exchangeLine({ id: ms + 1, target: backend.target, ms })).join("");
  const took = async (...args: string[]) => {
    const { code } = await tcpmon(["resend", "-", "--format", "none", ...args], { stdin: log });
    assert.equal(code, 0);
    const [first, , last] = backend.received.slice(-3);
    return last.at - first.at;
  };
  const [asRecorded, twice, fastest] = [await took(), await took("--speed", "2"), await took(...max)];
  assert.ok(asRecorded > 350, `${asRecorded} ms`);
  assert.ok(twice > 150 && twice < asRecorded, `${twice} ms`);
  assert.ok(fastest < 150, `${fastest} ms`);
});

Deno.test("one exchange of a long log is sent at once", async () => {
  await using backend = new Backend();
  const log = [0, 3_600_000, 7_200_000].map((ms, id) => exchangeLine({ id, target: backend.target, ms }))
    .join("");
  const { code } = await tcpmon(["resend", "-", "1"], { stdin: log });
  assert.equal(code, 0);
});

Deno.test("--to sends elsewhere with its Host, or, with --host keep, the recorded one", async () => {
  await using backend = new Backend();
  const stdin = exchangeLine({ target: "127.0.0.1:9", headers: [["Host", "shop.test"]] });
  const args = ["resend", "-", "--to", backend.target, "--format", "none"];
  assert.equal((await tcpmon(args, { stdin })).code, 0);
  assert.equal((await tcpmon([...args, "--host", "keep"], { stdin })).code, 0);
  assert.deepEqual(backend.received.map((one) => field(one, "Host")), [backend.target, "shop.test"]);
});

Deno.test("odd heads are sent as they came, byte for byte", async () => {
  const odd = [
    "GET /a HTTP/1.1\nHost:a\nX-Odd :  1\t\n\n",
    "GET /b  HTTP/1.1\r\nHost: a\r\nX-Fold: 1\r\n  2\r\n\r\n",
    "GET /\xe4 HTTP/1.1\r\nHost: a\r\nX-Byte: \xff\r\n\r\n",
  ];
  for (const head of odd) {
    const bytes = Uint8Array.from(head, (letter) => letter.charCodeAt(0));
    const seen: Uint8Array[] = [];
    await using server = new Server(async (peer) => {
      seen.push(await peer.read(bytes.length));
      await peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    });
    await using relay = Program.start(["relay", `0=${server.target}`, "--format", "json"]);
    using client = await Peer.connect(await relay.port());
    await client.send(bytes);
    await client.readHead();
    await relay.records("exchange");
    await relay.stop();
    const { code, stderr } = await tcpmon(["resend", "-"], { stdin: `${relay.log.join("\n")}\n` });
    assert.equal(code, 0, `${JSON.stringify(head)}: ${stderr}`);
    assert.deepEqual(seen[1], bytes);
  }
});

Deno.test("a connection that is not HTTP is gone through again, each side after the other", async () => {
  const heard: string[] = [];
  await using server = new Server(async (peer) => {
    await peer.send("hello\n");
    heard.push(await peer.readUntil("\n"));
    await peer.send("bye\n");
    heard.push(await peer.textToEnd());
  });
  await using relay = Program.start(["relay", `0=${server.target}`, "--format", "json"]);
  {
    using client = await Peer.connect(await relay.port());
    await client.readUntil("\n");
    await client.send("\x00name\n");
    await client.readUntil("\n");
    await client.send("last");
    await client.end();
    await client.over();
  }
  await relay.records("connection", 2);
  await relay.stop();
  const { code, stderr } = await tcpmon(["resend", "-", ...max], { stdin: `${relay.log.join("\n")}\n` });
  assert.equal(code, 0, stderr);
  assert.deepEqual(heard.slice(2), ["\x00name\n", "last"]);
  assert.match(stderr, /1 streams/);
});

Deno.test("--keep-connections keeps them apart as recorded; else one is shared; --concurrency spreads", async () => {
  await using backend = new Backend();
  const log = [1, 2, 1, 2, 3].map((connection, at) =>
    exchangeLine({ id: at + 1, connection, target: backend.target, path: `/${connection}`, ms: at })
  ).join("");
  const connections = async (...args: string[]) => {
    const before = backend.received.length;
    const { code, stderr } = await tcpmon(["resend", "-", "--format", "none", ...max, ...args], {
      stdin: log,
    });
    assert.equal(code, 0, stderr);
    return backend.received.slice(before);
  };
  assert.equal(new Set((await connections()).map(({ connection }) => connection)).size, 1);
  const kept = await connections("--keep-connections");
  const byPath = Map.groupBy(kept, ({ head }) => head.split(" ")[1]);
  for (const [, ones] of byPath) assert.equal(new Set(ones.map(({ connection }) => connection)).size, 1);
  assert.equal(new Set(kept.map(({ connection }) => connection)).size, 3);
  assert.equal((await connections("--concurrency", "4")).length, 5);
});

Deno.test("a request that was not recorded whole is not sent, and counted by its reason", async () => {
  await using backend = new Backend();
  const request = message("POST / HTTP/1.1", [`Host: ${backend.target}`], "x".repeat(100));
  const logged = await logOf(["--format", "json", "--max-body", "10"], {
    "/": message("HTTP/1.1 200 OK", []),
  }, [request]);
  const redacted = await logOf(["--format", "json", "--redact"], { "/": message("HTTP/1.1 200 OK", []) }, [
    message("GET / HTTP/1.1", ["Host: a", "Authorization: Bearer secret"]),
  ]);
  const stdin = logged.text + redacted.text;
  const { code, stderr } = await tcpmon(["resend", "-", "--to", backend.target, ...max], { stdin });
  assert.equal(code, 1);
  assert.equal(backend.received.length, 0);
  assert.match(stderr, /^tcpmon: 1 not sent: not all of its body was recorded \(--max-body\)$/m);
  assert.match(stderr, /^tcpmon: 1 not sent: it holds what was redacted/m);
  const whole = await tcpmon([
    "resend",
    "-",
    "--to",
    backend.target,
    ...max,
    "--set",
    "header:Authorization=Bearer x",
  ], {
    stdin: redacted.text,
  });
  assert.equal(whole.code, 0, whole.stderr);
  assert.equal(field(backend.received[0], "Authorization"), "Bearer x");
});

Deno.test("the log of a resend is a capture itself; targets that are gone are told, exit code 1", async () => {
  await using backend = new Backend(() => answered("404 No", "x"));
  const log = exchangeLine({ target: backend.target });
  const first = await tcpmon(["resend", "-", "--format", "json"], { stdin: log });
  assert.equal(records(first)[0].listener, "resend");
  const second = await tcpmon(["resend", "-", "--format", "none", "--diff"], { stdin: first.stdout });
  assert.equal(second.code, 0, second.stderr);
  const gone = await tcpmon(["resend", "-", "--to", "127.0.0.1:1", "--format", "none"], {
    stdin: encoder.encode(log),
  });
  assert.equal(gone.code, 1);
  assert.match(
    gone.stderr,
    /^tcpmon: #1 GET \/[^\n]*: cannot connect to 127\.0\.0\.1:1: connection refused$/m,
  );
  assert.match(gone.stderr, /1 failed$/m);
});
