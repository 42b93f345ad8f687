/** What is known of an answer while it comes, wherever it is cut. */
import assert from "node:assert/strict";
import { composeRequestHead } from "../../src/http/compose_head.ts";
import { AnswerWatch } from "../../src/send/answer_watch.ts";
import { ReceivedBytes } from "../../src/send/received_bytes.ts";
import { bytes } from "./backend.ts";

function watch(method = "POST"): AnswerWatch {
  return new AnswerWatch(composeRequestHead({ method, target: "/", version: "HTTP/1.1", fields: [] }));
}

const ANSWER = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" +
  "HTTP/1.1 413 Too Large\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n";

Deno.test("leave, head and end of an answer are known as soon as they have come, at every cut", () => {
  const all = bytes(ANSWER);
  const leaveAt = ANSWER.indexOf("HTTP/1.1 103");
  const headAt = ANSWER.indexOf("2\r\nno");
  for (let cut = 0; cut <= all.length; cut++) {
    const seen = watch();
    seen.push(all.subarray(0, cut));
    assert.equal(seen.isContinued, cut >= leaveAt, `leave at ${cut}`);
    assert.equal(seen.final?.status, cut >= headAt ? 413 : undefined, `head at ${cut}`);
    assert.equal(seen.isOver, cut === all.length, `end at ${cut}`);
    seen.push(all.subarray(cut));
    assert.equal(seen.isOver, true);
  }
});

Deno.test("an answer byte by byte is the same answer", () => {
  const seen = watch();
  for (const byte of bytes(ANSWER)) {
    assert.equal(seen.isOver, false);
    seen.push(new Uint8Array([byte]));
  }
  assert.deepEqual([seen.isContinued, seen.final?.status, seen.isOver], [true, 413, true]);
});

Deno.test("the answer to HEAD is over with its head", () => {
  const seen = watch("HEAD");
  seen.push(bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
  assert.equal(seen.isOver, true);
});

Deno.test("an upgrade, and what is no HTTP, are answers of a kind", () => {
  const upgraded = watch();
  upgraded.push(bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
  assert.deepEqual([upgraded.final?.status, upgraded.isOver], [101, true]);
  const garbage = watch();
  garbage.push(bytes("220 hello\r\n"));
  assert.deepEqual([garbage.final, garbage.isOver], [undefined, true]);
});

Deno.test("an answer that lasts until the end of the connection is over with it", () => {
  const seen = watch();
  seen.push(bytes("HTTP/1.1 200 OK\r\n\r\nabc"));
  assert.equal(seen.isOver, false);
  seen.ended();
  assert.equal(seen.isOver, true);
});

Deno.test("whoever waits for a change is told", async () => {
  const seen = watch();
  const told = Promise.all([seen.changed(), seen.changed()]);
  seen.push(bytes("HTTP"));
  await told;
});

Deno.test("whoever waits for bytes is told when there are enough, or no more come", async () => {
  const received = new ReceivedBytes();
  await received.atLeast(0);
  const told: number[] = [];
  const waiting = [5, 10, 20].map((bytes) => received.atLeast(bytes).then(() => void told.push(bytes)));
  received.add(9);
  await waiting[0];
  assert.deepEqual(told, [5]);
  received.add(1);
  await waiting[1];
  received.end();
  await Promise.all([...waiting, received.ended, received.atLeast(1_000)]);
  assert.deepEqual(told, [5, 10, 20]);
  assert.equal(received.count, 10);
});
