import assert from "node:assert/strict";
import type { ConnectionInfo } from "../../src/capture/record.ts";
import { Lanes } from "../../src/resend/lanes.ts";
import type { BytesItem } from "../../src/resend/plan.ts";
import type { SendConnection } from "../../src/resend/sender.ts";
import type { ResendResult } from "../../src/resend/totals.ts";

const LIMIT = 8;
const NOTHING = { key: "t", target: { kind: "tcp", host: "127.0.0.1", port: 9, tls: false } } as const;

const info = (id: number): ConnectionInfo => ({
  id,
  listener: "127.0.0.1:1",
  client: `127.0.0.1:${id}`,
  target: "127.0.0.1:9",
});

const bytes = (id: number): BytesItem => ({
  kind: "bytes",
  connection: info(id),
  destination: NOTHING as unknown as BytesItem["destination"],
  bytes: new Uint8Array([id & 0xff]),
  afterDown: 0,
});

/** Lanes over connections that only count themselves, and what was reported. */
function counting() {
  const seen = { open: 0, most: 0, all: 0 };
  const results: ResendResult[] = [];
  const lanes = new Lanes({
    open() {
      seen.most = Math.max(seen.most, ++seen.open);
      seen.all++;
      return Promise.resolve({
        receivedBytes: 0,
        sentBytes: 0,
        isReusable: false,
        ended: Promise.resolve(),
        write: () => Promise.resolve(),
        closeWrite: () => Promise.resolve(),
        received: () => Promise.resolve(),
        close: () => void seen.open--,
      } as unknown as SendConnection);
    },
    timeoutMs: 0,
    signal: new AbortController().signal,
    dialogueTimeoutMs: 10,
    pause: () => new Promise(() => {}),
    report: (result) => void results.push(result),
    retried() {},
  }, LIMIT);
  return { lanes, seen, results };
}

Deno.test("streams without an end never have more connections open than the limit, and all are said again", async () => {
  const { lanes, seen, results } = counting();
  for (let id = 1; id <= 100; id++) await lanes.push(bytes(id));
  await lanes.finish();
  assert.deepEqual(seen, { open: 0, most: LIMIT, all: 100 });
  assert.equal(results.length, 100);
  assert.ok(results.every((result) => result.kind === "dialogue" && result.error === undefined));
});

Deno.test("what goes on with a stream that had to be ended is not sent on another connection, and told once", async () => {
  const { lanes, seen, results } = counting();
  for (let id = 1; id <= LIMIT + 1; id++) await lanes.push(bytes(id));
  for (let again = 0; again < 3; again++) await lanes.push(bytes(1));
  await lanes.push({ kind: "end", connection: info(1), byClient: true, down: 0 });
  await lanes.finish();
  assert.deepEqual(seen, { open: 0, most: LIMIT, all: LIMIT + 1 });
  const faults = results.flatMap((result) => result.kind === "dialogue" ? result.error ?? [] : []);
  assert.deepEqual(faults, ["its rest is not sent: more than 8 connections would have been open"]);
});
