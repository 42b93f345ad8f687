import assert from "node:assert/strict";
import type { Record } from "../../src/capture/record.ts";
import { get, ok, post, Script, type Step } from "../capture/connection_script.ts";
import { latin1 } from "../http/events.ts";
import { type Accepted, Backend, OK, resent, sentOf, towards, write } from "./backend.ts";

function captured(steps: readonly Step[], target: string, id = 1): Record[] {
  const script = new Script();
  for (const step of steps) script.step(step);
  return towards(script.records, target, id);
}

const closed = (
  target: string,
  id = 1,
  end: "client-closed" | "target-closed" = "client-closed",
): Record => ({
  type: "connection",
  event: "closed",
  connection: { id, listener: "127.0.0.1:1", client: `127.0.0.1:${id}`, target },
  at: 9_000_000,
  up: 0,
  down: 0,
  totalMs: 0,
  end,
  exchanges: 0,
});

/** Reads into `accepted` until it ends with `text`. */
async function until(conn: Deno.Conn, accepted: Accepted, text: string): Promise<void> {
  const buffer = new Uint8Array(1024);
  while (!accepted.text.endsWith(text)) {
    const read = await conn.read(buffer);
    if (read === null) return;
    accepted.text += latin1(buffer.subarray(0, read));
  }
}

Deno.test("a raw stream is said again in turns: each part after what the target had said before it", async () => {
  const order: string[] = [];
  await using backend = new Backend(undefined, async (conn, accepted) => {
    await write(conn, "220 hello\r\n");
    await until(conn, accepted, "EHLO x\r\n");
    order.push(accepted.text);
    await write(conn, "250 ");
    await write(conn, "fine\r\n");
    await until(conn, accepted, "QUIT\r\n");
    order.push(accepted.text);
    await write(conn, "221 bye\r\n");
    await until(conn, accepted, "never");
  });
  const steps: Step[] = [
    ["down", "220 hello\r\n"],
    ["up", "EHLO x\r\n"],
    ["down", "250 "],
    ["down", "fine\r\n"],
    ["up", "QUIT\r\n"],
    ["down", "221 bye\r\n"],
  ];
  const result = await resent([...captured(steps, backend.name), closed(backend.name)]);
  assert.deepEqual(order, ["EHLO x\r\n", "EHLO x\r\nQUIT\r\n"]);
  assert.deepEqual(result.results.map((each) => ({ ...each, connection: 0 })), [
    { kind: "dialogue", connection: 0, sentBytes: 14, recordedBytes: 30, receivedBytes: 30 },
  ]);
  assert.equal(result.totals.dialogues, 1);
});

Deno.test("a target that says less is waited for once, and that is a failure", async () => {
  await using backend = new Backend(undefined, async (conn, accepted) => {
    await write(conn, "hi");
    await until(conn, accepted, "never");
  });
  const steps: Step[] = [["down", "hello\n"], ["up", "\x01a"], ["down", "hello\n"], ["up", "\x01b"]];
  const result = await resent([...captured(steps, backend.name), closed(backend.name)], {
    dialogueTimeoutMs: 20,
  });
  assert.equal(backend.accepted[0].text, "\x01a\x01b");
  assert.deepEqual(sentOf(result), ["the target sent 2 bytes where 6 were recorded"]);
  assert.equal(result.totals.failed, 1);
});

Deno.test("TLS that passed through is not said again, and neither is what lies behind it", async () => {
  await using backend = new Backend();
  const steps: Step[] = [["up", "\x16\x03\x01\x00\x05hello"], ["down", "\x16\x03\x03"], ["up", "\x17\x03"]];
  const result = await resent(captured(steps, backend.name));
  assert.equal(backend.accepted.length, 0);
  assert.match(sentOf(result).join(), /^TLS that passed through/);
});

Deno.test("a tunnel through tcpmon's own proxy is not asked for again: what went through it is sent directly", async () => {
  await using backend = new Backend(undefined, async (conn, accepted) => {
    await until(conn, accepted, "ping\n");
    await write(conn, "pong\n");
    await until(conn, accepted, "never");
  });
  const connect = captured([
    ["up", `CONNECT ${backend.name} HTTP/1.1\r\nHost: ${backend.name}\r\n\r\n`],
    ["down", "HTTP/1.1 200 OK\r\n\r\n"],
  ], backend.name);
  const inside = captured([["up", "\x01ping\n", 20], ["down", "pong\n", 21]], backend.name);
  const result = await resent([...connect, ...inside, closed(backend.name)]);
  assert.equal(backend.accepted[0].text, "\x01ping\n");
  assert.deepEqual(result.results.map(({ kind }) => kind), ["skipped", "dialogue"]);
});

const UPGRADE = get("/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n");
const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
/** A text message of a client, masked with zeros. */
const said = (text: string) => `\x81${String.fromCharCode(0x80 | text.length)}\0\0\0\0${text}`;
const answered = (text: string) => `\x81${String.fromCharCode(text.length)}${text}`;

Deno.test("a WebSocket is opened again, and what the client said is sent in masked frames, in turns", async () => {
  await using backend = new Backend(undefined, async (conn, accepted) => {
    await until(conn, accepted, "\r\n\r\n");
    // The first message comes together with the answer.
    await write(conn, SWITCH + answered("hello"));
    accepted.text = "";
    await until(
      conn,
      accepted,
      "\x5a\x5a\x5a\x5a" + latin1(new TextEncoder().encode("ping").map((b) => b ^ 0x5a)),
    );
    await write(conn, answered("pong"));
    await until(conn, accepted, "never");
  });
  const steps: Step[] = [
    ["up", UPGRADE],
    ["down", SWITCH],
    ["down", answered("hello")],
    ["up", said("ping")],
    ["down", answered("pong")],
    ["up", "\x88\x82\0\0\0\0\x03\xe8"],
  ];
  const result = await resent([...captured(steps, backend.name), closed(backend.name)]);
  assert.deepEqual(result.results.map(({ kind }) => kind), ["exchange", "dialogue"]);
  const frames = "\x81\x84\x5a\x5a\x5a\x5a\x2a\x33\x34\x3d" + "\x88\x82\x5a\x5a\x5a\x5a\x59\xb2";
  assert.equal(backend.accepted[0].text, frames);
  assert.deepEqual({ ...result.results[1], connection: 0 }, {
    kind: "dialogue",
    connection: 0,
    sentBytes: frames.length,
    recordedBytes: 13,
    receivedBytes: 13,
  });
});

Deno.test("where a target refuses the upgrade, nothing of the dialogue is sent", async () => {
  await using backend = new Backend();
  const steps: Step[] = [["up", UPGRADE], ["down", SWITCH], ["up", said("secret")]];
  const result = await resent([...captured(steps, backend.name), closed(backend.name)]);
  assert.equal(backend.accepted[0].text, UPGRADE);
  assert.equal(sentOf(result)[1], "the target did not agree to go on as it was recorded");
});

Deno.test("an exchange that is not wanted takes its dialogue with it", async () => {
  await using backend = new Backend();
  const steps: Step[] = [["up", UPGRADE], ["down", SWITCH], ["up", said("secret")]];
  const result = await resent(captured(steps, backend.name), {}, ({ record }) => record.type !== "exchange");
  assert.deepEqual(result.results, []);
  assert.equal(backend.accepted.length, 0);
});

Deno.test("a request whose end nobody can tell is sent as it came, with what followed it", async () => {
  await using backend = new Backend(undefined, (conn, accepted) => until(conn, accepted, "never"));
  const text = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd";
  await resent(
    [...captured([["up", text], ["down", ok("ok")], ["end"]], backend.name), closed(backend.name)],
    {
      dialogueTimeoutMs: 20,
    },
  );
  assert.equal(backend.accepted[0].text, text);
});

Deno.test("recorded connections get connections of their own, which are kept apart and as concurrent as they were", async () => {
  const held = Promise.withResolvers<string>();
  await using backend = new Backend(({ target }) => {
    if (target === "/1/a") return held.promise;
    if (target === "/2/b") held.resolve(OK);
    return OK;
  });
  const of = (id: number) =>
    captured(
      [
        ["up", get(`/${id}/a`), id],
        ["down", ok("ok"), 10 + id],
        ["up", post(`/${id}/b`, "x"), 20 + id],
        ["down", ok("ok"), 30 + id],
      ],
      backend.name,
      id,
    );
  // The first connection is held up until the second has gone on: only side by side do they come to an end.
  const result = await resent(
    [...of(1), ...of(2), ...of(3)].sort((a, b) => Number("at" in a && "at" in b && a.at - b.at)),
    {
      keepConnections: true,
    },
  );
  assert.equal(result.totals.sent, 6);
  assert.deepEqual(backend.accepted.map(({ requests }) => requests.map(({ target }) => target)).sort(), [
    ["/1/a", "/1/b"],
    ["/2/a", "/2/b"],
    ["/3/a", "/3/b"],
  ]);
});

Deno.test("a capture with a thousand and more connections is kept apart with fewer open at a time", async () => {
  await using backend = new Backend();
  const records = Array.from(
    { length: 1_100 },
    (_, i) => captured([["up", get(`/${i}`), i + 1], ["down", ok("ok")]], backend.name, i + 1),
  ).flat();
  const result = await resent(records, { keepConnections: true });
  assert.equal(result.totals.sent, 1_100);
  assert.equal(backend.accepted.length, 1_100);
  assert.ok(backend.accepted.every(({ requests }) => requests.length === 1));
});
