/** The demo's frames: RFC 6455's own examples, any cut, and frames that break the rules. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  acceptKey,
  closeFrame,
  echoOf,
  encodeFrame,
  type Frame,
  FrameReader,
  OPCODE,
} from "../../src/demo/websocket.ts";

/** A reader of bytes that come in the pieces given. */
function readerOf(pieces: readonly Uint8Array[], masked: boolean): FrameReader {
  const left = [...pieces];
  return new FrameReader(() => Promise.resolve(left.shift()), masked);
}

Deno.test("the handshake key is answered as in RFC 6455 §1.3", () => {
  assert.equal(acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

Deno.test("frames stand on the wire as in RFC 6455 §5.7", () => {
  const hello = { final: true, opcode: OPCODE.text, payload: new TextEncoder().encode("Hello") };
  assert.deepEqual([...encodeFrame(hello)], [0x81, 5, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
  assert.deepEqual(
    [...encodeFrame(hello, Uint8Array.of(0x37, 0xfa, 0x21, 0x3d))],
    [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58],
  );
  const long = { final: true, opcode: OPCODE.binary, payload: new Uint8Array(256) };
  assert.deepEqual([...encodeFrame(long).subarray(0, 4)], [0x82, 126, 1, 0]);
});

Deno.test("any frames come out as they went in, however the bytes are cut", async () => {
  const frame = fc.record({
    final: fc.constant(true),
    opcode: fc.constantFrom(OPCODE.text, OPCODE.binary, OPCODE.continuation),
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 130 }),
      fc.constantFrom(125, 126, 127, 65_535).map((size) => new Uint8Array(size).fill(size)),
    ),
  });
  const frames = fc.array(frame, { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(frames, fc.boolean(), fc.integer({ min: 1, max: 40 }), async (sent, masked, cut) => {
      const mask = masked ? Uint8Array.of(1, 2, 3, 4) : undefined;
      const pieces: Uint8Array[] = [];
      for (const bytes of sent.map((each) => encodeFrame(each, mask))) {
        // The head of a frame in small cuts, the rest in one.
        for (let at = 0; at < Math.min(bytes.length, 200); at += cut) {
          pieces.push(bytes.slice(at, Math.min(at + cut, 200)));
        }
        if (bytes.length > 200) pieces.push(bytes.slice(200));
      }
      const reader = readerOf(pieces, masked);
      const received: unknown[] = [];
      for (let next = await reader.next(); next !== undefined; next = await reader.next()) {
        received.push(next);
      }
      assert.deepEqual(received, sent.map((each) => ({ ...each, payload: Uint8Array.from(each.payload) })));
    }),
    { numRuns: 60 },
  );
});

Deno.test("frames that break the rules end the conversation, and a cut one is none", async () => {
  const failing: readonly [number, string, number[]][] = [
    [1002, "not masked", [0x81, 0]],
    [1002, "reserved bit", [0xc1, 0x80, 0, 0, 0, 0]],
    [1002, "reserved opcode", [0x83, 0x80, 0, 0, 0, 0]],
    [1002, "reserved control opcode", [0x8b, 0x80, 0, 0, 0, 0]],
    [1002, "ping in pieces", [0x09, 0x80, 0, 0, 0, 0]],
    [1002, "long ping", [0x89, 0xfe, 0, 200]],
    [1009, "64-bit length", [0x82, 0xff, 0xff]],
  ];
  for (const [code, why, bytes] of failing) {
    assert.equal(await readerOf([Uint8Array.from(bytes)], true).next(), code, why);
  }
  for (const cut of [[], [0x81], [0x81, 0x85, 1, 2], [0x81, 0x85, 1, 2, 3, 4, 5], [0x82, 0xfe, 1]]) {
    assert.equal(await readerOf([Uint8Array.from(cut)], true).next(), undefined);
  }
  assert.equal(
    await readerOf([Uint8Array.of(0x81, 0x80, 0, 0, 0, 0)], false).next(),
    1002,
    "a server masked",
  );
});

Deno.test("the echo gives messages and close back, a pong for a ping, nothing for a pong", () => {
  const frame = (opcode: number): Frame => ({ final: true, opcode, payload: Uint8Array.of(1) });
  assert.deepEqual(echoOf(frame(OPCODE.text)), frame(OPCODE.text));
  assert.deepEqual(echoOf(frame(OPCODE.ping)), frame(OPCODE.pong));
  assert.equal(echoOf(frame(OPCODE.pong)), undefined);
  assert.deepEqual(echoOf(closeFrame(1000)), { final: true, opcode: 8, payload: Uint8Array.of(3, 0xe8) });
});
