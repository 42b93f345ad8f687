/** Whatever comes in comes out, each byte once and in order, and every head where the parser finds it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { NO_BODY } from "../../src/http/framing.ts";
import type { RequestHead, ResponseHead } from "../../src/http/head.ts";
import { type CutHandler, requestCutter, responseCutter } from "../../src/http/message_cutter.ts";
import { GROUPS } from "./corpus/all.ts";
import { bytesOf, cutAt, latin1, read } from "./events.ts";

/** What came out, in a form that does not depend on how the bytes were cut. */
interface Cut {
  /** All of it. */
  all: string;
  /** Offset of each head, and how long its message is in all; -1: it did not end. */
  readonly messages: [at: number, length: number][];
  /** Where the stream begins; -1: there is none. */
  streamAt: number;
}

type Cutting = { readonly kind: "request" | "response"; readonly head?: boolean };

function cut(pieces: readonly Uint8Array[], { kind, head: isHead }: Cutting): Cut & { closedWell: boolean } {
  const cut: Cut = { all: "", messages: [], streamAt: -1 };
  const handler: CutHandler<RequestHead | ResponseHead> = {
    head(head, framing, offset) {
      assert.equal(cut.streamAt, -1, "no head behind a stream");
      assert.equal(offset, cut.all.length, "a head begins where the last piece ended");
      cut.messages.push([offset, -1]);
      cut.all += latin1(head.raw);
      return isHead ? NO_BODY : framing;
    },
    content(chunk, from, to) {
      assert.ok(from < to && to <= chunk.length, "a piece is not empty");
      assert.equal(cut.streamAt, -1);
      cut.all += latin1(chunk.subarray(from, to));
    },
    end() {
      const message = cut.messages.at(-1)!;
      message[1] = cut.all.length - message[0];
    },
    stream(chunk, from, to) {
      assert.ok(from < to && to <= chunk.length, "a piece is not empty");
      if (cut.streamAt < 0) cut.streamAt = cut.all.length;
      cut.all += latin1(chunk.subarray(from, to));
    },
  };
  const cutter = kind === "request" ? requestCutter(handler) : responseCutter(handler);
  for (const piece of pieces) {
    const borrowed = piece.slice();
    assert.equal(cutter.push(borrowed), piece.length);
    borrowed.fill(0x21);
  }
  const closedWell = cutter.close();
  return { ...cut, closedWell };
}

for (const [group, cases] of Object.entries(GROUPS)) {
  for (const { name, kind, head, wire } of cases) {
    Deno.test(`cut: ${group}: ${name}`, () => {
      const bytes = bytesOf(wire);
      const whole = cut([bytes], { kind, head });
      assert.equal(whole.all, wire);
      const parsed = read([bytes], { kind, head });
      const heads = parsed.seen.filter(({ state }) => state !== "stream");
      assert.deepEqual(whole.messages.map(([at]) => at), heads.map(({ at }) => at));
      assert.equal(whole.closedWell, parsed.closedWell);
      for (let at = -1; at <= bytes.length; at++) {
        const cuts = at < 0 ? Array.from(bytes, (_, i) => i) : [at];
        const { streamAt, ...same } = cut(cutAt(bytes, cuts), { kind, head });
        const { streamAt: wholeAt, ...wanted } = whole;
        assert.deepEqual(same, wanted, `cut at ${cuts}`);
        // A line of framing that turns out to be none is the stream's, or was content before that was known.
        assert.ok((streamAt < 0) === (wholeAt < 0) && streamAt >= wholeAt, `cut at ${cuts}: ${streamAt}`);
      }
    });
  }
}

Deno.test("contents that could be read are not lost where what follows them cannot", () => {
  const post = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
  const { all, streamAt } = cut([bytesOf(`${post}zz\r\nGET / HTTP/1.1\r\n\r\n`)], { kind: "request" });
  assert.equal(all, `${post}zz\r\nGET / HTTP/1.1\r\n\r\n`);
  assert.equal(streamAt, post.length);
});

/** Reads to the end of the first message, and gives the cutter with what it took. */
function first(wire: string): { taken: number; cutter: ReturnType<typeof requestCutter>; told: string[] } {
  const told: string[] = [];
  const cutter = requestCutter({
    head(head, framing) {
      told.push(`head ${head.target}`);
      if (told.length === 1) cutter.stopAfterMessage();
      return framing;
    },
    content: (chunk, from, to) => told.push(`content ${latin1(chunk.subarray(from, to))}`),
    end: () => told.push("end"),
    stream: (chunk, from, to, reason) => told.push(`${reason} ${latin1(chunk.subarray(from, to))}`),
  });
  return { taken: cutter.push(bytesOf(wire)), cutter, told };
}

const NEXT = "GET /next HTTP/1.1\r\n\r\n";

for (
  const [name, wire] of [
    ["without a body", "GET /a HTTP/1.1\r\n\r\n"],
    ["with a length", "GET /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi"],
    ["with chunks", "GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n"],
  ]
) {
  Deno.test(`to stop after a message ${name} leaves exactly what follows it`, () => {
    const { taken, cutter, told } = first(wire + NEXT);
    assert.equal(taken, wire.length);
    assert.equal(told.at(-1), "end");
    assert.ok(cutter.betweenMessages);
    assert.equal(cutter.push(bytesOf(NEXT)), 0, "and takes nothing meanwhile");
    cutter.resume(false);
    assert.equal(cutter.push(bytesOf(NEXT)), NEXT.length);
    assert.deepEqual(told.slice(-2), ["head /next", "end"]);
    assert.ok(cutter.close());

    const other = first(wire + NEXT);
    other.cutter.resume(true);
    assert.ok(other.cutter.isStream);
    assert.equal(other.cutter.push(bytesOf(NEXT)), NEXT.length);
    assert.deepEqual(other.told.slice(-1), [`upgraded ${NEXT}`]);

    const ended = first(wire);
    assert.equal(ended.taken, wire.length);
    assert.ok(ended.cutter.close());
  });
}

Deno.test("an upgrade in the middle of a message makes its rest a stream, each byte once", () => {
  const wire = "GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n";
  for (let at = wire.indexOf("\r\n\r\n") + 4; at < wire.length; at++) {
    const { cutter, told } = first(wire.slice(0, at));
    cutter.resume(true);
    assert.equal(cutter.push(bytesOf(wire.slice(at) + NEXT)), wire.length - at + NEXT.length);
    assert.equal(told.at(-1), `upgraded ${wire.slice(at)}${NEXT}`);
    const content = wire.slice(wire.indexOf("\r\n\r\n") + 4, at);
    assert.deepEqual(told.slice(0, -1), ["head /a", ...content === "" ? [] : [`content ${content}`]]);
  }
});

Deno.test("whatever comes, in whatever pieces, comes out byte for byte", () => {
  const parts = fc.constantFrom(
    "GET / HTTP/1.1\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "5;x\r\nhello\r\n",
    "0\r\n",
    "\r\n",
    "A: b\r\n",
    "z",
  );
  const wire = fc.array(parts, { maxLength: 12 }).map((all) => all.join(""));
  fc.assert(
    fc.property(
      wire,
      fc.array(fc.nat(200)),
      fc.constantFrom<"request" | "response">("request", "response"),
      (wire, cuts, kind) => {
        const { all } = cut(cutAt(bytesOf(wire), cuts.filter((at) => at <= wire.length)), { kind });
        assert.equal(all, wire);
      },
    ),
    { numRuns: 2_000 },
  );
});
