/** What a capture keeps is bounded, whatever passes, and given back. */
import assert from "node:assert/strict";
import {
  BodyKeeper,
  BodyMemory,
  SHARED_LIMIT_BYTES,
  WAITING_LIMIT_BYTES,
} from "../../src/capture/body_keeper.ts";
import { PENDING_LIMIT } from "../../src/capture/pairing.ts";
import { get, ok, post, run, Script, textOf } from "./connection_script.ts";

/** Whether the whole budget can be taken. */
function isFree(memory: BodyMemory, budget: number): boolean {
  const taken = memory.take(budget) !== undefined;
  if (taken) memory.give(budget);
  return taken;
}

for (const size of [0, 1, 9, 10, 11, 5_000]) {
  Deno.test(`of a body of ${size} bytes at most ten are kept, and all are counted`, () => {
    const body = "0123456789".repeat(500).slice(0, size);
    const memory = new BodyMemory(10, 1_000);
    for (const piece of [1, 3, 5_100]) {
      const script = new Script({ memory });
      const up = post("/", body);
      for (let at = 0; at < up.length; at += piece) script.step(["up", up.slice(at, at + piece)]);
      const down = ok(body);
      for (let at = 0; at < down.length; at += piece) script.step(["down", down.slice(at, at + piece)]);
      const [{ request, response }] = script.exchanges;
      for (const message of [request, response]) {
        assert.equal(message?.body.bytes, size);
        assert.equal(textOf(message!.body.kept), body.slice(0, 10));
      }
    }
    assert.ok(isFree(memory, 1_000));
  });
}

Deno.test("a limit of 0 keeps nothing", () => {
  const { exchanges: [{ response }] } = run([["up", get("/")], ["down", ok("abc")]], {
    memory: new BodyMemory(0, 0),
  });
  assert.deepEqual([response?.body.bytes, response?.body.kept.length], [3, 0]);
});

Deno.test("bodies of any size in pieces of any size are kept as they came", () => {
  const memory = new BodyMemory(1 << 20, 1 << 22);
  for (const size of [1, SHARED_LIMIT_BYTES - 1, SHARED_LIMIT_BYTES, SHARED_LIMIT_BYTES + 1, 100_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7);
    for (const piece of [1_000, 2_048, 65_536]) {
      const keeper = new BodyKeeper(memory);
      for (let at = 0; at < size; at += piece) keeper.add(bytes, at, Math.min(size, at + piece));
      const { bytes: count, kept } = keeper.finish();
      assert.equal(count, size);
      assert.deepEqual(kept, bytes);
    }
  }
  assert.ok(isFree(memory, 1 << 22));
});

Deno.test("small bodies that share a slab do not touch one another", () => {
  const memory = new BodyMemory(1 << 20, 1 << 20);
  const kept = Array.from({ length: 100 }, (_, i) => {
    const keeper = new BodyKeeper(memory);
    keeper.add(new Uint8Array(1_000).fill(i), 0, 900);
    keeper.add(new Uint8Array(1_000).fill(i), 0, i % 2 === 0 ? 0 : 5_000 - 4_000);
    return keeper.finish().kept;
  });
  kept.forEach((bytes, i) => {
    assert.equal(bytes.length, i % 2 === 0 ? 900 : 1_900);
    assert.ok(bytes.every((byte) => byte === i));
  });
});

Deno.test("past the budget of all bodies less is kept, the count goes on, and it comes back", () => {
  const budget = 20_000;
  const memory = new BodyMemory(10_000, budget);
  const open = Array.from({ length: 3 }, () => new Script({ memory }));
  for (const script of open) {
    script.step(["up", get("/")]);
    script.step(["down", `${ok("x".repeat(10_000)).slice(0, -1)}`]);
  }
  assert.ok(!isFree(memory, budget));
  for (const script of open) script.step(["down", "x"]);
  assert.deepEqual(open.map(({ exchanges: [{ response }] }) => response?.body.bytes), [
    10_000,
    10_000,
    10_000,
  ]);
  const kept = open.map(({ exchanges: [{ response }] }) => response!.body.kept.length);
  assert.equal(kept[2], 0);
  // Growing by the last byte would have needed a second buffer, for which there is no room.
  assert.equal(kept[0], 9_999);
  assert.ok(isFree(memory, budget));
});

Deno.test("whatever ends an exchange gives its memory back", () => {
  const budget = 1 << 20;
  const body = "x".repeat(50_000);
  const scripts: (readonly Parameters<Script["step"]>[0][])[] = [
    [["up", post("/", body).slice(0, -1)], ["end"]],
    [["up", post("/", body).slice(0, -1)], ["down-end"], ["up", "x"]],
    [["up", post("/", body).slice(0, -1)], ["down", ok("no")], ["end"]],
    [["up", post("/", body)], ["down", "\0"]],
    [["up", get("/")], ["down", ok(body).slice(0, -1)], ["down-end"]],
    [["down", ok(body).slice(0, -1)], ["end"]],
    [["up", post("/", body, "Upgrade: x\r\n").slice(0, -1)], ["down", "HTTP/1.1 101 x\r\n\r\n"], [
      "up",
      "xyz",
    ]],
    [["up", post("/", body)], ["end", 9, "connect-failed", "refused"]],
  ];
  for (const steps of scripts) {
    const memory = new BodyMemory(1 << 20, budget);
    const { exchanges } = run(steps, { memory });
    assert.equal(exchanges.length, 1);
    assert.ok(isFree(memory, budget), JSON.stringify(exchanges[0].outcome));
  }
});

Deno.test("more requests than may wait: the last is marked, the rest is a stream, nothing is lost", () => {
  const script = new Script();
  const one = get("/");
  for (let i = 0; i < PENDING_LIMIT; i += 1_000) script.step(["up", one.repeat(1_000)]);
  script.step(["up", one]);
  script.step(["up", one]);
  assert.deepEqual(script.lines, [`data up ${one.length * (PENDING_LIMIT + 1)} "${one}"`]);
  for (let i = 0; i < PENDING_LIMIT; i += 1_000) script.step(["down", ok("x").repeat(1_000)]);
  script.step(["down", ok("x")]);
  assert.equal(script.exchanges.length, PENDING_LIMIT + 1);
  assert.equal(script.lines.at(-2), `#${PENDING_LIMIT} GET / -> 200 "x" complete`);
  assert.equal(script.lines.at(-1), `#${PENDING_LIMIT + 1} GET / -> 200 "x" not-http [over-limit]`);
});

Deno.test("heads that wait are limited in bytes, too", () => {
  const script = new Script();
  const large = (i: number) => get(`/${i}`, `X: ${"y".repeat(200_000)}\r\n`);
  let pushed = 0;
  for (; !script.lines.some((line) => line.startsWith("data")) && pushed < 1_000; pushed++) {
    script.step(["up", large(pushed)]);
  }
  assert.ok(pushed > 50 && pushed < 100, `${pushed} heads of 200 kB, as bytes and text, were kept`);
});

Deno.test("requests that wait are limited on all connections together, and give back what they took", () => {
  const memory = new BodyMemory(1 << 20, 1 << 20);
  const requests = get("/", "a: b\r\n".repeat(700)).repeat(1_000);
  const scripts = Array.from({ length: 20 }, () => new Script({ memory }));
  const isStream = (script: Script) => script.lines.some((line) => line.startsWith("data"));
  let refused = 0;
  for (const script of scripts) {
    script.step(["up", requests]);
    if (isStream(script)) refused++;
  }
  assert.ok(refused >= 15, `${refused} of 20 connections were refused`);
  for (const script of scripts) script.step(["end"]);
  assert.ok(memory.reserve(WAITING_LIMIT_BYTES), "everything was given back");
});

Deno.test("answered requests do not count among those that wait", () => {
  const script = new Script();
  const large = get("/", `X: ${"y".repeat(200_000)}\r\n`);
  for (let i = 0; i < 200; i++) {
    script.step(["up", large]);
    script.step(["down", ok("x")]);
  }
  assert.ok(script.lines.every((line) => line.endsWith("complete")));
});

Deno.test("endless interim responses are kept up to a limit, and the pairing holds", () => {
  const script = new Script();
  script.step(["up", get("/a") + get("/b")]);
  const hint = `HTTP/1.1 103 x\r\nLink: ${"y".repeat(1_000)}\r\n\r\n`;
  for (let i = 0; i < 1_000; i++) script.step(["down", hint]);
  script.step(["down", ok("1") + ok("2")]);
  const [a, b] = script.exchanges;
  assert.equal(a.interim.length, 100);
  assert.deepEqual([a.flags, a.outcome, b.outcome], [["over-limit"], "complete", "complete"]);
});

Deno.test("endless responses during one upload are recorded as they come", () => {
  const script = new Script();
  script.step(["up", post("/", "abc").slice(0, -1)]);
  for (let i = 0; i < 20_000; i++) script.step(["down", ok("x")]);
  assert.equal(script.exchanges.length, 19_999);
  script.step(["up", "c"]);
  assert.equal(script.lines.at(-1), '#1 POST / "abc" -> 200 "x" complete [early-response]');
});
