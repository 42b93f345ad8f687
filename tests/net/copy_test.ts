import assert from "node:assert/strict";
import fc from "fast-check";
import { copy, type CopyEnd, type Tap } from "../../src/net/copy.ts";

/** The reading side of a connection: gives what it is told to, then ends or fails. */
class Source {
  /** Sizes of the buffers that it was asked to fill. */
  readonly buffers: number[] = [];
  readonly #reads: (Uint8Array | "full" | Error)[];

  /** @param reads What each read brings; "full" fills the buffer, whatever its size. */
  constructor(reads: (Uint8Array | "full" | Error)[]) {
    this.#reads = [...reads];
  }

  read(buffer: Uint8Array): Promise<number | null> {
    this.buffers.push(buffer.length);
    const next = this.#reads.shift();
    if (next === undefined) return Promise.resolve(null);
    if (next instanceof Error) return Promise.reject(next);
    if (next === "full") {
      buffer.fill(this.buffers.length);
      return Promise.resolve(buffer.length);
    }
    const part = next.subarray(0, buffer.length);
    buffer.set(part);
    if (part.length < next.length) this.#reads.unshift(next.subarray(part.length));
    return Promise.resolve(part.length);
  }
}

/** The writing side: takes at most so much at a time, or fails after so many bytes. */
class Target {
  readonly written: number[] = [];
  endedWriting = false;
  readonly #most: number;
  readonly #failAfter: number;

  constructor(most = Infinity, failAfter = Infinity) {
    this.#most = most;
    this.#failAfter = failAfter;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.written.length >= this.#failAfter) {
      return Promise.reject(new Deno.errors.BrokenPipe("Broken pipe"));
    }
    const taken = bytes.subarray(0, this.#most);
    for (const byte of taken) this.written.push(byte);
    return Promise.resolve(taken.length);
  }

  closeWrite(): Promise<void> {
    this.endedWriting = true;
    return Promise.resolve();
  }
}

const silent: Tap = { passed() {}, ended() {} };

/** Copies, and gives how it ended. */
function run(source: Source, target: Target, tap: Tap = silent): Promise<CopyEnd> {
  const conn = (side: unknown) => side as Deno.Conn;
  return copy(conn(source), conn(target), tap, { bytes: 0, sentBytes: 0, activeAt: 0 }, {
    now: () => 5,
    turn: () => 5,
  });
}

const bytes = (...values: number[]) => Uint8Array.from(values);

Deno.test("whatever is read arrives whole and in order, however short the writes are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 9000 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 5000 }),
      async (reads, most) => {
        const target = new Target(most);
        const seen: number[] = [];
        const end = await run(new Source(reads), target, {
          passed: (chunk) => chunk.forEach((byte) => seen.push(byte)),
          ended() {},
        });
        const wanted = reads.flatMap((read) => [...read]);
        assert.deepEqual(end, { kind: "ended" });
        assert.deepEqual(target.written, wanted);
        assert.deepEqual(seen, wanted);
        assert.ok(target.endedWriting);
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("the write is begun before the tap looks, and the tap's times are those of read and write", async () => {
  const order: string[] = [];
  const target = new Target();
  const write = target.write.bind(target);
  target.write = (chunk) => {
    order.push("write");
    return write(chunk);
  };
  const progress = { bytes: 0, sentBytes: 0, activeAt: 0 };
  let time = 0;
  await copy(
    new Source([bytes(1, 2), bytes(3)]) as unknown as Deno.Conn,
    target as unknown as Deno.Conn,
    {
      passed: (chunk, readAt, sentAt) => order.push(`tap ${chunk.length} ${readAt} ${sentAt}`),
      ended: (at) => order.push(`ended ${at}`),
    },
    progress,
    { now: () => ++time, turn: () => ++time },
  );
  assert.deepEqual(order.slice(0, 4), ["write", "tap 2 1 2", "write", "tap 1 3 4"]);
  assert.match(order[4], /^ended [56]$/);
  assert.equal(progress.bytes, 3);
  assert.equal(progress.activeAt, 3);
});

Deno.test("the read buffer begins small, grows while it is filled, up to a limit", async () => {
  const source = new Source(Array(8).fill("full"));
  await run(source, new Target());
  assert.equal(source.buffers[0], 4096);
  for (let i = 1; i < source.buffers.length; i++) {
    assert.equal(source.buffers[i], Math.min(source.buffers[i - 1] * 4, 256 * 1024));
  }
});

Deno.test("the read buffer shrinks after a while of small reads, to its first size", async () => {
  const source = new Source([...Array(5).fill("full"), ...Array(200).fill(bytes(1))]);
  await run(source, new Target());
  assert.equal(Math.max(...source.buffers), 256 * 1024);
  assert.equal(source.buffers.at(-1), 4096);
  assert.equal(source.buffers[10], 256 * 1024, "not at the first small read");
});

Deno.test("now and then a large read keeps the buffer large", async () => {
  const source = new Source([
    ...Array(5).fill("full"),
    ...Array(50).fill(0).map((_, i) => i % 10 === 0 ? new Uint8Array(100_000) : bytes(1)),
  ]);
  await run(source, new Target());
  assert.equal(source.buffers.at(-1), 256 * 1024);
});

Deno.test("a failed read says so, and passes no end on", async () => {
  const error = new Deno.errors.ConnectionReset("reset");
  const target = new Target();
  assert.deepEqual(await run(new Source([bytes(1), error]), target), { kind: "read-failed", error });
  assert.deepEqual(target.written, [1]);
  assert.equal(target.endedWriting, false);
});

Deno.test("a failed write says so, whether at once or after a part", async () => {
  for (const target of [new Target(Infinity, 0), new Target(1, 1)]) {
    const end = await run(new Source([bytes(1, 2, 3)]), target);
    assert.equal(end.kind, "write-failed");
    assert.ok("error" in end && end.error instanceof Deno.errors.BrokenPipe);
    assert.equal(target.endedWriting, false);
  }
});

Deno.test("a failing half-close is a failed write", async () => {
  const target = new Target();
  target.closeWrite = () => Promise.reject(new Deno.errors.NotConnected("gone"));
  assert.equal((await run(new Source([]), target)).kind, "write-failed");
});

Deno.test("nothing is read before the peer has taken what was read last", async () => {
  const gate = Promise.withResolvers<number>();
  const source = new Source([bytes(1), bytes(2)]);
  const target = new Target();
  const begun = Promise.withResolvers<void>();
  target.write = () => {
    begun.resolve();
    return gate.promise;
  };
  const end = run(source, target);
  await begun.promise;
  assert.equal(source.buffers.length, 1);
  gate.resolve(1);
  await end;
  assert.equal(source.buffers.length, 3);
});
