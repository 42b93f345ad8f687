import assert from "node:assert/strict";
import type { ExchangeRecord } from "../../src/capture/record.ts";
import { readExpectations } from "../../src/program/expectations.ts";
import { bodyOf, exchange, responseHead } from "../log/human_fixtures.ts";

const SLOW = "$.a ~ ^(a+)+$";

function answered(body: unknown): ExchangeRecord {
  const response = { head: responseHead(200, "OK"), body: bodyOf(JSON.stringify(body)), trailers: [] };
  return exchange({ response });
}

const signal = new AbortController().signal;

Deno.test("an expectation that takes too long is given up: not met, and not tried again", async () => {
  using read = await readExpectations({ expect: ["$.id = 5", SLOW] }, {
    maxBodyBytes: 1e6,
    signal,
    limitMs: 400,
  });
  const { check } = read;
  assert.equal(await check!(answered({ id: 5, a: "aaa" })), undefined);
  const hostile = answered({ id: 5, a: `${"a".repeat(40)}!` });
  const complaint = `cannot check ${SLOW}: it takes longer than 0.4 s`;
  const started = performance.now();
  assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(() => check!(hostile))), Array(5).fill(complaint));
  assert.ok(performance.now() - started < 4 * 400, "they waited one after the other");
  assert.equal(await check!(answered({ id: 5, a: "aaa" })), complaint);
});

Deno.test("the plainest are checked without delay, however many there are; the first that is not met is told", async () => {
  using read = await readExpectations({ expectStatus: "200", expect: ["$.id = 5", "$['a b'][0] != x"] }, {
    maxBodyBytes: 1e6,
    signal,
  });
  const { check } = read;
  assert.equal(check!(answered({ id: 5, "a b": [1] })), undefined);
  assert.equal(check!(answered({ id: 6, "a b": [1] })), "expected $.id = 5, found 6");
  assert.equal(check!(answered({ id: 5, "a b": ["x"] })), `expected $['a b'][0] != x, found "x"`);
});

Deno.test("large bodies are checked apart, with the same outcome", async () => {
  using read = await readExpectations({ expect: ["$.id = 5"] }, { maxBodyBytes: 1e6, signal });
  const large = (id: number) => answered({ id, a: "x".repeat(300_000) });
  assert.ok(read.check!(large(5)) instanceof Promise);
  assert.equal(await read.check!(large(5)), undefined);
  assert.equal(await read.check!(large(6)), "expected $.id = 5, found 6");
});

Deno.test("a stop ends a check, as a rejection", async () => {
  const stopping = new AbortController();
  using read = await readExpectations({ expect: [SLOW] }, { maxBodyBytes: 1e6, signal: stopping.signal });
  const checking = read.check!(answered({ a: `${"a".repeat(40)}!` }));
  stopping.abort();
  await assert.rejects(async () => await checking);
});

Deno.test("what cannot be read is bad usage, whichever way it would be checked", async () => {
  for (const text of ["$.a ~ ^(a+$", "$.a[", "//a[", "$ = ", "!= 5"]) {
    const reading = readExpectations({ expect: [text] }, { maxBodyBytes: 1, signal });
    if (text === "$ = ") (await reading)[Symbol.dispose]();
    else await assert.rejects(reading, /^UsageError: cannot read --expect: /, text);
  }
});
