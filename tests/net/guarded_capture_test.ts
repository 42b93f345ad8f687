/** A capture that fails costs its own records, and looking at it not even those. */
import assert from "node:assert/strict";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import type { Record } from "../../src/capture/record.ts";
import { GuardedCapture } from "../../src/net/guarded_capture.ts";

const INFO = { id: 1, listener: "127.0.0.1:1", client: "127.0.0.1:2", target: "t:3" };
const SO_FAR = { at: 0, up: 0, down: 0 };
const bytes = (text: string) => new TextEncoder().encode(text);

/** A capture, what it emitted, what it warned of, and what makes it fail. */
function guarded() {
  const failing = { wall: false, emit: false };
  const records: Record[] = [];
  const warnings: string[] = [];
  const fail = (): never => {
    throw new Error("broken for the test");
  };
  const context = {
    emit: (record: Record) => failing.emit ? fail() : void records.push(record),
    wall: (at: number) => failing.wall ? fail() : at,
    nextId: () => 1,
    memory: new BodyMemory(1_000, 1_000_000),
  };
  const capture = new GuardedCapture(context, INFO, (text) => warnings.push(text));
  return { capture, records, warnings, failing };
}

Deno.test("where looking fails, nothing is under way, and the records go on", () => {
  const { capture, records, warnings, failing } = guarded();
  capture.up(bytes("GET / HTTP/1.1\r\n\r\n"), 1, 1);
  failing.wall = true;
  assert.deepEqual(capture.active(SO_FAR), []);
  failing.wall = false;
  assert.equal(capture.active(SO_FAR).length, 1);
  capture.down(bytes("HTTP/1.1 204 x\r\n\r\n"), 2, 2);
  assert.deepEqual(capture.active(SO_FAR), []);
  assert.deepEqual([records.length, warnings], [1, []]);
});

Deno.test("a capture that has failed has nothing under way", () => {
  const { capture, warnings, failing } = guarded();
  capture.up(bytes("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"), 1, 1);
  failing.emit = true;
  capture.down(bytes("HTTP/1.1 204 x\r\n\r\n"), 2, 2);
  assert.deepEqual([capture.active(SO_FAR), warnings.length], [[], 1]);
});
