/** The first byte can be looked at, or not come in time, and nothing is lost or given twice. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { PeekableConnection, prefixed } from "../../src/net/peekable_connection.ts";
import type { Connection } from "../../src/net/connection.ts";
import { MemoryConnection } from "./ends.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Everything that is read, with a buffer of that size. */
async function readAll(connection: Connection, size: number): Promise<string> {
  const buffer = new Uint8Array(size);
  let text = "";
  for (let read = await connection.read(buffer); read !== null; read = await connection.read(buffer)) {
    assert.ok(read > 0);
    text += String.fromCharCode(...buffer.subarray(0, read));
  }
  return text;
}

Deno.test("what was read before, what was peeked at and what follows come in order, in buffers of any size", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.array(text),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(3),
      async (prefix, rest, size, peeks) => {
        const inner = new MemoryConnection().feed(...rest.filter((piece) => piece !== ""), null);
        const connection = new PeekableConnection(inner, bytes(prefix));
        const all = prefix + rest.join("");
        for (let i = 0; i < peeks; i++) {
          assert.equal(await connection.peek(10_000), all === "" ? null : all.charCodeAt(0));
        }
        assert.equal(await readAll(connection, size), all);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("the prefix is copied, and is enough to peek at", async () => {
  const prefix = bytes("ab");
  const inner = new MemoryConnection();
  const connection = new PeekableConnection(inner, prefix);
  prefix.fill(0);
  assert.equal(await connection.peek(0), 97);
  assert.equal(inner.reads, 0);
});

Deno.test("what comes too late to be looked at is read all the same, however often it was asked for", async () => {
  const inner = new MemoryConnection();
  const connection = new PeekableConnection(inner, new Uint8Array(0));
  assert.equal(await connection.peek(1), undefined);
  assert.equal(await connection.peek(1), undefined);
  assert.equal(inner.reads, 1);
  const reading = readAll(connection, 2);
  inner.feed("abc", "d", null);
  assert.equal(await reading, "abcd");
});

Deno.test("what comes between two looks is there at the second", async () => {
  const inner = new MemoryConnection();
  const connection = new PeekableConnection(inner, new Uint8Array(0));
  assert.equal(await connection.peek(1), undefined);
  inner.feed("xy", null);
  assert.equal(await connection.peek(10_000), 120);
  assert.equal(await readAll(connection, 9), "xy");
});

Deno.test("an end and a failure are told to whoever looks, and to whoever reads", async () => {
  const ended = new PeekableConnection(new MemoryConnection().feed(null), new Uint8Array(0));
  assert.equal(await ended.peek(10_000), null);
  assert.equal(await ended.read(new Uint8Array(1)), null);

  const error = new Deno.errors.ConnectionReset("reset");
  const failed = new PeekableConnection(new MemoryConnection().feed(error), new Uint8Array(0));
  await assert.rejects(failed.peek(10_000), error);
  await assert.rejects(failed.read(new Uint8Array(1)), error);

  const inner = new MemoryConnection();
  const late = new PeekableConnection(inner, new Uint8Array(0));
  assert.equal(await late.peek(1), undefined);
  inner.feed(error);
  await assert.rejects(late.read(new Uint8Array(1)), error);
});

Deno.test("everything else is the connection's own", async () => {
  const inner = new MemoryConnection();
  const connection = prefixed(inner, bytes("a"));
  assert.equal(await connection.write(bytes("xyz")), 3);
  await connection.closeWrite();
  connection.close();
  assert.deepEqual([inner.written, inner.endedWriting, inner.closed], ["xyz", true, true]);
  assert.deepEqual([connection.localAddr, connection.remoteAddr], [inner.localAddr, inner.remoteAddr]);
  assert.equal(prefixed(inner, new Uint8Array(0)), inner);
});
