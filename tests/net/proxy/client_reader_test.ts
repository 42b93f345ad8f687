/** What a client of the proxy sends is there chunk by chunk, each byte once, also while something else is awaited. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ClientReader } from "../../../src/net/proxy/client_reader.ts";
import { MemoryConnection, settle } from "../ends.ts";

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);

function reading(...pieces: (string | Error | null)[]): { client: MemoryConnection; reader: ClientReader } {
  const client = new MemoryConnection().feed(...pieces);
  let time = 0;
  return { client, reader: new ClientReader(client, () => ++time) };
}

Deno.test("the next chunk is read when the last one is used up", async () => {
  const { client, reader } = reading("abc", "de", null);
  assert.deepEqual([reader.hasChunk, reader.offset, reader.bytes], [false, 0, 0]);
  assert.ok(await reader.more());
  assert.deepEqual([text(reader.chunk), reader.offset, reader.bytes, reader.readAt], ["abc", 0, 3, 1]);
  reader.take(2);
  assert.deepEqual([text(reader.chunk), reader.offset], ["c", 2]);
  reader.take(1);
  assert.deepEqual([reader.hasChunk, client.reads], [false, 1]);
  assert.ok(await reader.more());
  assert.deepEqual([text(reader.chunk), reader.offset, reader.bytes, reader.readAt], ["de", 3, 5, 2]);
  reader.take(2);
  assert.equal(await reader.more(), false);
  assert.equal(await reader.more(), false, "and it stays so");
  assert.deepEqual([reader.hasChunk, reader.bytes], [false, 5]);
});

Deno.test("what is taken out is a copy", async () => {
  const { reader } = reading("abc", "xyz", null);
  await reader.more();
  reader.take(1);
  const rest = reader.takeRest();
  assert.equal(reader.hasChunk, false);
  assert.equal(text(reader.takeRest()), "");
  await reader.more();
  assert.equal(text(rest), "bc");
});

Deno.test("what is read ahead is there with the next chunk, and was read once", async () => {
  const { client, reader } = reading("ab");
  await reader.more();
  reader.take(2);
  reader.readAhead(() => assert.fail("it did not break off"));
  reader.readAhead(() => assert.fail("it did not break off"));
  assert.equal(client.reads, 2);
  client.feed("cd", null);
  await settle();
  assert.equal(reader.hasChunk, false, "not before it is asked for");
  assert.ok(await reader.more());
  assert.equal(text(reader.chunk), "cd");
  reader.take(2);
  reader.readAhead(() => assert.fail("an end is no break"));
  assert.equal(await reader.more(), false);
});

Deno.test("a client that breaks off is noticed while something else is awaited, and by the next read", async () => {
  const error = new Deno.errors.ConnectionReset("reset");
  const { client, reader } = reading();
  let broken = 0;
  reader.readAhead(() => broken++);
  client.feed(error);
  await settle();
  assert.equal(broken, 1);
  await assert.rejects(reader.more(), error);
});

Deno.test("the connection from there on gives what is there, what was read ahead, and what follows", async () => {
  const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 9 }), {
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(
      pieces,
      fc.nat(9),
      fc.boolean(),
      fc.integer({ min: 1, max: 5 }),
      async (pieces, taken, ahead, size) => {
        const { reader } = reading(...pieces, null);
        await reader.more();
        const first = pieces[0];
        reader.take(Math.min(taken, first.length));
        if (!reader.hasChunk && ahead) reader.readAhead(() => {});
        const connection = reader.connection();
        const buffer = new Uint8Array(size);
        let all = "";
        for (let read = await connection.read(buffer); read !== null; read = await connection.read(buffer)) {
          all += text(buffer.subarray(0, read));
        }
        assert.equal(all, first.slice(taken) + pieces.slice(1).join(""));
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("the connection from there on writes to the client, and ends it", async () => {
  const { client, reader } = reading();
  const connection = reader.connection();
  await connection.write(Uint8Array.of(120));
  await connection.closeWrite();
  connection.close();
  assert.deepEqual([client.written, client.endedWriting, client.closed], ["x", true, true]);
  assert.deepEqual([connection.localAddr, connection.remoteAddr], [client.localAddr, client.remoteAddr]);
});
