/** The link between real sockets on the real clock. Bounds are wide here: machines that run tests are busy. */
import assert from "node:assert/strict";
import type { FaultNote } from "../../../src/capture/record.ts";
import type { Outlet } from "../../../src/net/connection.ts";
import { Link } from "../../../src/net/link/link.ts";
import { type LinkTexts, parseLink } from "../../../src/net/link/spec.ts";
import { join, sample } from "./fakes.ts";

interface Relayed extends AsyncDisposable {
  readonly client: Deno.TcpConn;
  readonly server: Deno.TcpConn;
  readonly notes: readonly FaultNote[];
}

async function pair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const sides = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  for (const side of sides) side.setNoDelay(true);
  return sides;
}

/** Passes on what is read, until the one or the other side ends. */
async function pump(from: Deno.Conn, to: Outlet): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  try {
    for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
      for (let done = 0; done < read;) done += await to.write(buffer.subarray(done, read));
    }
    await to.closeWrite();
  } catch {
    // One side was closed.
  }
}

async function relayed(texts: LinkTexts): Promise<Relayed> {
  const [client, accepted] = await pair();
  const [dialled, server] = await pair();
  const notes: FaultNote[] = [];
  const end = () => {
    for (const side of [accepted, dialled]) {
      try {
        side.close();
      } catch {
        // It was closed before.
      }
    }
    conn.detach();
  };
  const conn = new Link(parseLink({ seed: 1, ...texts })).attach({
    connectionId: 1,
    client: accepted,
    target: dialled,
    note: (fault) => notes.push(fault),
    end,
  });
  const pumps = [pump(accepted, conn.up), pump(dialled, conn.down)];
  return {
    client,
    server,
    notes,
    async [Symbol.asyncDispose]() {
      end();
      client.close();
      server.close();
      await Promise.all(pumps);
    },
  };
}

async function readAll(from: Deno.Conn): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const buffer = new Uint8Array(64 * 1024);
  for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
    pieces.push(buffer.slice(0, read));
  }
  return join(pieces);
}

async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await to.write(bytes.subarray(done));
}

Deno.test("a rate holds over real sockets, every byte arrives, and half-close is passed on", async () => {
  await using sides = await relayed({ rate: "up:8mbit" });
  const sent = sample(400_000);
  const startedAt = performance.now();
  const sending = writeAll(sides.client, sent).then(() => sides.client.closeWrite());
  const came = await readAll(sides.server);
  const tookMs = performance.now() - startedAt;
  await sending;
  assert.deepEqual(came, sent);
  assert.ok(tookMs > 380 && tookMs < 800, `${tookMs} ms, wanted 400`);
  await writeAll(sides.server, sample(10));
  await sides.server.closeWrite();
  assert.equal((await readAll(sides.client)).length, 10);
});

Deno.test("latency there and back is the sum of both directions", async () => {
  await using sides = await relayed({ latency: "up:20ms,down:10ms" });
  const buffer = new Uint8Array(64);
  const tookMs: number[] = [];
  for (let i = 0; i < 7; i++) {
    const startedAt = performance.now();
    await sides.client.write(sample(8));
    await sides.server.write(buffer.subarray(0, await sides.server.read(buffer) ?? 0));
    await sides.client.read(buffer);
    tookMs.push(performance.now() - startedAt);
  }
  const best = Math.min(...tookMs);
  assert.ok(best >= 29 && best < 40, tookMs.join(" "));
});

Deno.test("a reset shows to both sides as the connection closed, after what came before", async () => {
  await using sides = await relayed({ fault: "down:reset@1000" });
  const sending = writeAll(sides.server, sample(5_000)).catch(() => {});
  assert.deepEqual(await readAll(sides.client), sample(1_000));
  await sending;
  // The side that was writing may find a reset in place of the end.
  await readAll(sides.server).catch((error) => assert.ok(error instanceof Deno.errors.ConnectionReset));
  assert.deepEqual(sides.notes, [{ fault: "reset", direction: "down", offset: 1_000, seed: 1 }]);
});

Deno.test("limit-data shows as an ordinary end, to a sender that goes on as well", async () => {
  await using sides = await relayed({ fault: "down:limit-data=1000" });
  const sending = writeAll(sides.server, sample(300_000)).catch(() => {});
  assert.deepEqual(await readAll(sides.client), sample(1_000));
  await sending;
});
