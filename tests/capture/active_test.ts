/** What is under way on a connection, asked for at any moment: what began and was not recorded, and nothing else. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Active } from "../../src/capture/active.ts";
import type { SoFar } from "../../src/capture/active_rows.ts";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import type { ExchangeRecord } from "../../src/capture/record.ts";
import { get, ok, post, Script, type Step } from "./connection_script.ts";
import { CHUNKED_DOWN, CHUNKED_UP, CHUNKS, DOWN, type Segment, traffic, UP } from "./connection_traffic.ts";

const SO_FAR: SoFar = { at: 1_000_000, up: 7, down: 8 };

/** One line for each that is under way. */
function activeLines(script: Script): string[] {
  return script.capture.active(SO_FAR).map((active) => {
    const { type, id, method, url, host, status, mime, up, down } = active;
    const known = [method, url, host, status, mime].filter((part) => part !== undefined);
    return [type, ...id === undefined ? [] : [`#${id}`], ...known, `${up}/${down}`].join(" ");
  });
}

/** Lets this happen, and tells what is under way then. */
function after(...steps: Step[]): string[] {
  const script = new Script();
  for (const step of steps) script.step(step);
  return activeLines(script);
}

const STREAM = "stream 7/8";

Deno.test("a request is under way from the end of its head until its response has ended", () => {
  const script = new Script();
  const wire: readonly [Step, readonly string[]][] = [
    [["up", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"], [STREAM]],
    [["up", "\r\n"], ["exchange #1 POST /a a 0/0"]],
    [["up", "xy"], ["exchange #1 POST /a a 2/0"]],
    [["up", "z"], ["exchange #1 POST /a a 3/0"]],
    [["down", "HTTP/1.1 100 Continue\r\n\r\n"], ["exchange #1 POST /a a 3/0"]],
    [["down", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"], ["exchange #1 POST /a a 3/0"]],
    [["down", "Content-Type: text/xml ;charset=x\r\n\r\n"], ["exchange #1 POST /a a 200 text/xml 3/0"]],
    [["down", "1"], ["exchange #1 POST /a a 200 text/xml 3/1"]],
    [["down", "2"], []],
    [["up", "GET / HT"], []],
    [["up", "TP/1.1\r\n\r\n"], ["exchange #2 GET / 0/0"]],
    [["end"], []],
  ];
  for (const [step, expected] of wire) {
    script.step(step);
    assert.deepEqual(activeLines(script), expected, JSON.stringify(step));
  }
});

Deno.test("requests that were sent one behind the other are all under way, oldest first", () => {
  const steps: Step[] = [["up", get("/a") + get("/b") + post("/c", "123").slice(0, -1)]];
  assert.deepEqual(after(...steps), [
    "exchange #1 GET /a a 0/0",
    "exchange #2 GET /b a 0/0",
    "exchange #3 POST /c a 2/0",
  ]);
  steps.push(["down", ok("1") + ok("22").slice(0, -1)]);
  assert.deepEqual(after(...steps), ["exchange #2 GET /b a 200 0/1", "exchange #3 POST /c a 2/0"]);
});

Deno.test("an exchange whose response came before its request had ended is under way until that has", () => {
  const upload: Step = ["up", post("/a", "123").slice(0, -1)];
  assert.deepEqual(after(upload, ["down", ok("no", "413 x")]), ["exchange #1 POST /a a 413 2/2"]);
  assert.deepEqual(after(upload, ["down", ok("no", "413 x")], ["up", "3"]), []);
});

Deno.test("a response that nobody asked for is under way, too", () => {
  assert.deepEqual(after(["down", ok("12").slice(0, -1)]), ["exchange #1 200 0/1"]);
  assert.deepEqual(after(["down", ok("12")]), []);
});

Deno.test("a connection on which nothing has passed, or half a first message, is a stream for all one knows", () => {
  assert.deepEqual(after(), [STREAM]);
  assert.deepEqual(after(["up", "GET /a HT"]), [STREAM]);
  assert.deepEqual(after(["down", "HTTP/1.1 200"]), [STREAM]);
  assert.deepEqual(after(["end"]), []);
});

Deno.test("a connection that carries no HTTP is one stream, from its first such byte to its end", () => {
  assert.deepEqual(after(["down", "220 x\r\n"], ["up", "EHLO x\r\n"], ["up", "\0"]), [STREAM]);
  assert.deepEqual(after(["up", "\0"], ["up-end"], ["down-end"]), [STREAM]);
  assert.deepEqual(after(["up", "\0"], ["up-end"], ["down-end"], ["end"]), []);
  const mixed: Step[] = [["up", get("/a")], ["down", ok("1")], ["up", get("/b") + "\0\0\r\n\r\n"]];
  assert.deepEqual(after(...mixed), ["exchange #2 GET /b a 0/0", STREAM]);
  // Nothing of it has come yet.
  const unreadable = "POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\n";
  assert.deepEqual(after(["up", unreadable]), ["exchange #1 POST /c a 0/0"]);
  assert.deepEqual(after(["up", unreadable + "x"]), ["exchange #1 POST /c a 0/0", STREAM]);
});

Deno.test("after an upgrade the connection is a stream, under the name of what asked for it", () => {
  const socket =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
  const switched = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  const asked: Step = ["up", get("/chat", socket)];
  assert.deepEqual(after(asked), ["exchange #1 GET /chat a 0/0"]);
  assert.deepEqual(after(asked, ["down", switched]), ["stream GET /chat a 7/8"]);
  assert.deepEqual(after(asked, ["down", switched + "\x81\x02hi"]), ["stream GET /chat a 7/8"]);
  assert.deepEqual(after(asked, ["down", switched], ["end"]), []);
  const connect: Step = ["up", "CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n"];
  assert.deepEqual(after(connect, ["down", "HTTP/1.1 200 x\r\n\r\n"]), ["stream CONNECT b:1 b:1 7/8"]);
  assert.deepEqual(after(["down", switched]), [STREAM]);
});

Deno.test("times are of the wall: when the first byte was read", () => {
  const script = new Script();
  script.step(["up", "GET /a HTTP/1.1\r\n", 20]);
  script.step(["up", "\r\n", 30]);
  assert.equal(script.capture.active(SO_FAR)[0].at, 1_000_020);
  const stream = new Script().capture.active(SO_FAR)[0];
  assert.deepEqual(
    [stream.at, stream.connection],
    [SO_FAR.at, script.capture.active(SO_FAR)[0].connection],
  );
});

/** What is under way is what began and was not recorded. */
function check(script: Script, seen: Map<number, Active[]>): void {
  const rows = script.capture.active(SO_FAR);
  const exchanges = rows.filter(({ type }) => type === "exchange");
  assert.ok(rows.length - exchanges.length <= 1, "more than one stream");
  const recorded = script.exchanges.map(({ id }) => id);
  const ids = [...recorded, ...exchanges.map(({ id }) => id!)].sort((a, b) => a - b);
  assert.deepEqual(ids, Array.from({ length: script.capture.exchanges }, (_, i) => i + 1));
  for (const row of exchanges) seen.set(row.id!, [...seen.get(row.id!) ?? [], row]);
}

/** What was shown of an exchange is what its record says. */
function agrees(rows: readonly Active[], { at, request, response }: ExchangeRecord): void {
  for (const row of rows) {
    assert.equal(row.at, at);
    assert.equal(row.method, request?.head.method);
    assert.equal(row.url, request?.head.target);
    assert.ok(row.status === undefined || row.status === response?.head.status);
    assert.ok(row.up <= (request?.body.bytes ?? 0) && row.down <= (response?.body.bytes ?? 0));
  }
}

function stepsOf(segments: readonly Segment[], pieceBytes: number): Step[] {
  return segments.flatMap(({ direction, text }) => {
    const count = Math.ceil(text.length / pieceBytes);
    return Array.from(
      { length: count },
      (_, i): Step => [direction, text.slice(i * pieceBytes, (i + 1) * pieceBytes)],
    );
  });
}

const any = traffic([...UP, CHUNKED_UP, ...CHUNKS], [...DOWN, CHUNKED_DOWN, ...CHUNKS]);
const endings = fc.subarray(["up-end", "down-end"] as const);

Deno.test("at each step of any traffic, what is under way is what began and was not recorded", () => {
  fc.assert(
    fc.property(any, fc.constantFrom(1, 3, 40, 1_000), endings, (segments, piece, ends) => {
      const script = new Script({ memory: new BodyMemory(1_000, 1 << 20) });
      const seen = new Map<number, Active[]>();
      for (const step of [...stepsOf(segments, piece), ...ends.map((end): Step => [end])]) {
        script.step(step);
        check(script, seen);
      }
      script.step(["end"]);
      assert.deepEqual(script.capture.active(SO_FAR), []);
      for (const exchange of script.exchanges) agrees(seen.get(exchange.id) ?? [], exchange);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("looking changes nothing that is recorded", () => {
  fc.assert(fc.property(any, fc.integer({ min: 1, max: 40 }), endings, (segments, piece, ends) => {
    const steps: Step[] = [...stepsOf(segments, piece), ...ends.map((end): Step => [end]), ["end"]];
    const [looked, unseen] = [new Script(), new Script()];
    for (const step of steps) {
      looked.step(step);
      looked.capture.active(SO_FAR);
      unseen.step(step);
    }
    assert.deepEqual(looked.records, unseen.records);
  }));
});

Deno.test("a connection cut at every offset: what was under way there is recorded with its end", () => {
  const up = get("/a") + post("/b", "body") + get("/u", "Upgrade: x\r\n") + "raw";
  const down = "HTTP/1.1 100 x\r\n\r\n" + ok("1") + ok("22") + "HTTP/1.1 101 x\r\n\r\nraw";
  for (let upBytes = 0; upBytes <= up.length; upBytes++) {
    for (let downBytes = 0; downBytes <= down.length; downBytes += 3) {
      const script = new Script();
      const seen = new Map<number, Active[]>();
      for (const step of [["up", up.slice(0, upBytes)], ["down", down.slice(0, downBytes)]] as const) {
        script.step(step);
        check(script, seen);
      }
      const left = script.capture.active(SO_FAR).flatMap(({ id }) => id === undefined ? [] : [id]);
      const told = script.exchanges.length;
      script.step(["end"]);
      // Half a head is known as such once nothing follows it.
      const ended = script.exchanges.slice(told).filter(({ id, flags }) =>
        left.includes(id) || !flags.includes("cut-head")
      );
      assert.deepEqual(ended.map(({ id }) => id).sort((a, b) => a - b), left);
      assert.deepEqual(script.capture.active(SO_FAR), []);
    }
  }
});
