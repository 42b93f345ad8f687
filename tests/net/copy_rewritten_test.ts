/** Copying with the heads of requests replaced: what is written, what the tap is told, and what is waited for. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { hostRule, remembered, RequestRewriter } from "../../src/http/request_rewriter.ts";
import { copyRewritten, type Rewriting, type RewrittenEnd } from "../../src/net/copy.ts";
import { MemoryConnection, settle } from "./ends.ts";

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const get = (host: string, more = "") => `GET / HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;

interface Bench {
  readonly from: MemoryConnection;
  readonly to: MemoryConnection;
  readonly rewriting: Rewriting;
  /** What the tap was told, one character per byte; `rewritten` how many heads each time. */
  readonly tapped: { text: string; rewritten: (number | undefined)[]; ends: number };
  readonly progress: { bytes: number; sentBytes: number; activeAt: number };
  readonly end: Promise<RewrittenEnd>;
}

function bench(
  ready: (rewriter: RequestRewriter) => Promise<void>,
  to = new MemoryConnection(),
  startLineMs?: number,
): Bench {
  const from = new MemoryConnection();
  const rewriter = new RequestRewriter({
    rule: remembered(hostRule("new")),
    answer: (head) => head.target === "/no" ? new Uint8Array(1) : undefined,
    sending: () => true,
  });
  const rewriting: Rewriting = { rewriter, ready: () => ready(rewriter) };
  const tapped: Bench["tapped"] = { text: "", rewritten: [], ends: 0 };
  const progress = { bytes: 0, sentBytes: 0, activeAt: 0 };
  const tap = {
    passed(chunk: Uint8Array, _readAt: number, _sentAt: number, rewritten?: readonly unknown[]) {
      tapped.text += text(chunk);
      tapped.rewritten.push(rewritten?.length);
    },
    ended: () => tapped.ends++,
  };
  return {
    from,
    to,
    rewriting,
    tapped,
    progress,
    end: copyRewritten(from, to, rewriting, tap, progress, { now: () => 5, turn: () => 5 }, startLineMs),
  };
}

const refuse = (rewriter: RequestRewriter) => {
  rewriter.answered();
  rewriter.resume(false);
  return Promise.resolve();
};

Deno.test("heads are replaced, everything else is as it came, and the tap sees what came", async () => {
  const wire = get("a", "Content-Length: 3\r\n") + "abc" + get("b");
  const { from, to, tapped, progress, end } = bench(refuse);
  from.feed(wire.slice(0, 30), wire.slice(30), null);
  assert.deepEqual(await end, { kind: "ended" });
  assert.equal(to.written, get("new", "Content-Length: 3\r\n") + "abc" + get("new"));
  assert.equal(tapped.text, wire);
  assert.deepEqual(tapped.rewritten, [0, 2]);
  assert.equal(tapped.ends, 1);
  assert.ok(to.endedWriting);
  assert.deepEqual(progress, { bytes: wire.length, sentBytes: wire.length, activeAt: 5 });
});

Deno.test("a head and its body go out in one write, and large pieces without being copied together", async () => {
  const small = bench(refuse);
  small.from.feed(get("a", "Content-Length: 3\r\n") + "abc", null);
  await small.end;
  assert.equal(small.to.writes.length, 1);
  const large = bench(refuse);
  const body = "x".repeat(100_000);
  large.from.feed(get("a", "Content-Length: 100000\r\n") + body, null);
  await large.end;
  assert.equal(large.to.written, get("new", "Content-Length: 100000\r\n") + body);
});

Deno.test("whatever the cuts and however short the writes, the same arrives", async () => {
  const wire = get("a") + get("a", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n" + get("c") +
    "GET /";
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(wire.length)), fc.integer({ min: 1, max: 40 }), async (cuts, most) => {
      const to = new MemoryConnection();
      to.most = most;
      const { from, tapped, progress, end } = bench(refuse, to);
      const at = [0, ...cuts.toSorted((a, b) => a - b), wire.length];
      from.feed(...at.slice(1).map((end, i) => wire.slice(at[i], end)).filter((piece) => piece !== ""), null);
      assert.deepEqual(await end, { kind: "ended" });
      assert.equal(to.written, wire.replaceAll(/Host: [ac]/g, "Host: new"));
      assert.equal(tapped.text, wire);
      assert.equal(progress.sentBytes, wire.length);
    }),
    { numRuns: 100 },
  );
});

Deno.test("behind a request that may end HTTP nothing goes on, and nothing more is read, before it is decided", async () => {
  for (const upgraded of [false, true]) {
    const decided = Promise.withResolvers<void>();
    const { from, to, tapped, end } = bench(async (rewriter) => {
      await decided.promise;
      rewriter.resume(upgraded);
    });
    const connect = "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n";
    from.feed(connect + get("b"));
    await settle();
    assert.equal(to.written, connect.replace("Host: a", "Host: new"));
    assert.equal(tapped.text, connect, "the tap neither");
    assert.equal(from.reads, 1);
    decided.resolve();
    from.feed(null);
    assert.deepEqual(await end, { kind: "ended" });
    assert.equal(to.written, connect.replace("Host: a", "Host: new") + get(upgraded ? "b" : "new"));
    assert.equal(tapped.text, connect + get("b"));
  }
});

Deno.test("where nothing follows such a request, it is only read on", async () => {
  const { from, end } = bench(() => assert.fail("nothing is to be decided"));
  from.feed(get("a", "Upgrade: x\r\n"), null);
  assert.deepEqual(await end, { kind: "ended" });
});

Deno.test("a request that is answered here is waited for, even where nothing follows it", async () => {
  const answered: string[] = [];
  const { from, to, tapped, end } = bench((rewriter) => {
    answered.push(`due ${rewriter.mustAnswer !== undefined}`);
    return refuse(rewriter);
  });
  from.feed("POST /no HTTP/1.1\r\nContent-Length: 3\r\n\r\na", "bc", null);
  assert.deepEqual(await end, { kind: "ended" });
  assert.deepEqual(answered, ["due true"]);
  assert.equal(to.written, "");
  assert.equal(tapped.text, "POST /no HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
});

Deno.test("an answer that cannot be given is a fault of the side that is read from", async () => {
  const error = new Deno.errors.BrokenPipe("gone");
  const { from, to, end } = bench(() => Promise.reject(error));
  from.feed("GET /no HTTP/1.1\r\n\r\n");
  assert.deepEqual(await end, { kind: "read-failed", error });
  assert.equal(to.endedWriting, false);
});

Deno.test("half a head is sent on at the end, and failures are told by side", async () => {
  const half = bench(refuse);
  half.from.feed("GET / HT", null);
  assert.deepEqual(await half.end, { kind: "ended" });
  assert.equal(half.to.written, "GET / HT");

  const error = new Deno.errors.ConnectionReset("reset");
  const reading = bench(refuse);
  reading.from.feed(get("a"), error);
  assert.deepEqual(await reading.end, { kind: "read-failed", error });
  assert.equal(reading.to.written, get("new"));
  assert.equal(reading.tapped.ends, 0);

  for (const wire of [[get("a")], ["GET / HT", null]]) {
    const to = new MemoryConnection();
    to.failure = error;
    const writing = bench(refuse, to);
    writing.from.feed(...wire);
    assert.deepEqual(await writing.end, { kind: "write-failed", error });
  }
});

Deno.test("what cannot be a method goes on at once, what can after a while of silence, and nothing behind it waits", async () => {
  const at = bench(refuse, undefined, 20);
  at.from.feed(get("a") + "name=value");
  await settle();
  assert.equal(at.to.written, get("new") + "name=value");
  at.from.feed(null);
  await at.end;

  const { from, to, tapped, progress, end } = bench(refuse, undefined, 20);
  const written = () => new Promise((resolve) => setTimeout(resolve, 5));
  from.feed(`${get("a")}hello`);
  await settle();
  assert.equal(to.written, get("new"));
  while (to.written === get("new")) await written();
  assert.equal(to.written, `${get("new")}hello`);
  from.feed(" world", null);
  assert.deepEqual(await end, { kind: "ended" });
  assert.equal(to.written, `${get("new")}hello world`);
  assert.equal(tapped.text, `${get("a")}hello world`);
  assert.equal(progress.sentBytes, tapped.text.length);
});

Deno.test("half a start line waits for what follows at once; empty lines and half a head wait as long as it takes", async () => {
  for (const half of ["GE", "GET / HT"]) {
    const { from, to, end } = bench(refuse);
    from.feed(half);
    await settle();
    assert.equal(to.written, "");
    from.feed(get("a").slice(half.length), null);
    await end;
    assert.equal(to.written, get("new"));
  }
  for (const begin of ["\r\n", "GET / HTTP/1.1\r\nHo"]) {
    const { from, to, end } = bench(refuse, undefined, 1);
    from.feed(begin);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(to.written, "");
    from.feed(begin === "\r\n" ? get("a") : get("a").slice(begin.length), null);
    await end;
    assert.equal(to.written, (begin === "\r\n" ? begin : "") + get("new"));
  }
});
