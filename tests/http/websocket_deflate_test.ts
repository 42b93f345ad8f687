/** permessage-deflate: the specification's examples, history across messages, and messages that cannot be inflated. */
import assert from "node:assert/strict";
import { constants, createDeflateRaw, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { type WebSocketMessage, WebSocketReader } from "../../src/http/websocket.ts";

interface Shown extends Omit<WebSocketMessage, "body"> {
  readonly bytes: number;
  readonly text: string;
}

/** A frame of a server: compressed unless it continues a message. */
function frame(payload: Uint8Array | readonly number[], first = true, final = true): number[] {
  const size = payload.length;
  const length = size < 126 ? [size] : size < 65536 ? [126, size >> 8, size & 255] : [
    ...[127, 0, 0, 0, 0],
    ...[size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255],
  ];
  return [(final ? 0x80 : 0) | (first ? 0x41 : 0), ...length, ...payload];
}

function read(
  bytes: Iterable<number>,
  { noContextTakeover = false, windowBits = 15, limitBytes = 1 << 20, pieceBytes = 1 << 30 } = {},
): Shown[] {
  const messages: Shown[] = [];
  const reader = new WebSocketReader({
    side: "server",
    deflate: { noContextTakeover, windowBits },
    limitBytes,
    onMessage: ({ body, ...rest }) =>
      messages.push({ ...rest, bytes: body.bytes, text: new TextDecoder("latin1").decode(body.kept) }),
    onBroken: () => assert.fail("these are frames"),
  });
  const all = Uint8Array.from(bytes);
  for (let at = 0; at < all.length; at += pieceBytes) {
    const borrowed = all.slice(at, at + pieceBytes);
    reader.push(borrowed);
    borrowed.fill(0xee);
  }
  return messages;
}

/** Compresses messages one after the other with one history, as a server does. */
async function compress(messages: readonly string[], windowBits = 15): Promise<Uint8Array[]> {
  const deflater = createDeflateRaw({ windowBits });
  const chunks: Uint8Array[] = [];
  deflater.on("data", (chunk) => chunks.push(chunk));
  const compressed: Uint8Array[] = [];
  for (const message of messages) {
    deflater.write(message);
    await new Promise<void>((resolve) => deflater.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    const all = chunks.splice(0).flatMap((chunk) => [...chunk]);
    compressed.push(Uint8Array.from(all.slice(0, -4)));
  }
  deflater.close();
  return compressed;
}

/** Compresses one message without any history. */
function alone(message: string | Uint8Array): Uint8Array {
  return deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

const HELLO = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

Deno.test("the examples of the specification are inflated", () => {
  const hello = { opcode: "text", frames: 1, bytes: 5, text: "Hello" };
  assert.deepEqual(read(frame(HELLO)), [{ ...hello, compressedBytes: 7 }]);
  const split = [...frame(HELLO.slice(0, 3), true, false), ...frame(HELLO.slice(3), false)];
  assert.deepEqual(read(split), [{ ...hello, frames: 2, compressedBytes: 7 }]);
  const takeover = [...frame(HELLO), ...frame([0xf2, 0x00, 0x11, 0x00, 0x00])];
  assert.deepEqual(read(takeover).map(({ text }) => text), ["Hello", "Hello"]);
  const stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
  assert.deepEqual(read(frame(stored)), [{ ...hello, compressedBytes: 11 }]);
  const finalBlock = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
  assert.deepEqual(read([...frame(finalBlock), ...frame(HELLO)]).map(({ text }) => text), ["Hello", "Hello"]);
  const twoBlocks = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
  assert.deepEqual(read(frame(twoBlocks)), [{ ...hello, compressedBytes: 13 }]);
});

Deno.test("messages that were sent as they are stand among compressed ones", () => {
  const plain = [0x81, 2, 0x68, 0x69];
  const bytes = [...frame(HELLO), ...plain, ...frame([0xf2, 0x00, 0x11, 0x00, 0x00])];
  assert.deepEqual(read(bytes).map(({ text, compressedBytes }) => [text, compressedBytes]), [
    ["Hello", 7],
    ["hi", undefined],
    ["Hello", 5],
  ]);
});

Deno.test("an empty message is empty, however it is written", () => {
  for (const payload of [[], [0x00], [0x02, 0x00]]) {
    assert.deepEqual(read([...frame(payload), ...frame(HELLO)]).map(({ text, error }) => [text, error]), [
      ["", undefined],
      ["Hello", undefined],
    ]);
  }
});

Deno.test("history is kept from message to message, far past the window, at any cut", async () => {
  const messages = Array.from({ length: 120 }, (_, i) => `${i} ${"abcdefghij".repeat(i * 5)} ${i * 7919}`);
  for (const windowBits of [9, 12, 15]) {
    const bytes = (await compress(messages, windowBits)).flatMap((payload) => frame(payload));
    for (const pieceBytes of [1, 7, 1000, 1 << 30]) {
      const texts = read(bytes, { windowBits, pieceBytes }).map(({ text, error }) => error ?? text);
      assert.deepEqual(texts, messages, `${windowBits} ${pieceBytes}`);
    }
  }
});

Deno.test("without context takeover each message stands alone", () => {
  const bytes = [
    ...frame(alone("Hello Hello Hello")),
    ...frame([0xf2, 0x00, 0x11, 0x00, 0x00]),
    ...frame(HELLO),
  ];
  const messages = read(bytes, { noContextTakeover: true });
  assert.equal(messages[0].text, "Hello Hello Hello");
  assert.match(messages[1].error ?? "", /^permessage-deflate: corrupt/);
  assert.deepEqual([messages[2].text, messages[2].error], ["Hello", undefined]);
});

Deno.test("only the first bytes are kept, and the messages after are still right", async () => {
  const messages = ["x".repeat(500_000), "y".repeat(100) + "x".repeat(100), "end"];
  const bytes = (await compress(messages)).flatMap((payload) => frame(payload));
  const read100 = read(bytes, { limitBytes: 100 });
  assert.deepEqual(read100.map(({ bytes, text, error }) => [bytes, text, error]), [
    [500_000, "x".repeat(100), undefined],
    [200, "y".repeat(100), undefined],
    [3, "end", undefined],
  ]);
});

Deno.test("a bomb is given up at a bound, and what may refer to it is said to be unreadable", () => {
  const bomb = frame(alone(new Uint8Array(100 << 20)));
  const from = performance.now();
  const [bombed, after] = read([...bomb, ...frame(HELLO)], { limitBytes: 10 });
  assert.ok(performance.now() - from < 5000);
  assert.match(bombed.error ?? "", /given up after 64 MiB/);
  assert.ok(bombed.bytes > 64 << 20 && bombed.bytes < 65 << 20);
  assert.equal(bombed.text.length, 10);
  assert.match(after.error ?? "", /not inflated/);
  const [, alone2] = read([...bomb, ...frame(HELLO)], { limitBytes: 10, noContextTakeover: true });
  assert.deepEqual([alone2.text, alone2.error], ["Hello", undefined]);
});

Deno.test("a compressed message that is cut short or corrupt says so, and so do those after it", () => {
  const [cut, after] = read([...frame(alone("some text that is cut").subarray(0, 9)), ...frame(HELLO)]);
  assert.match(cut.error ?? "", /^permessage-deflate: c/);
  assert.match(after.error ?? "", /not inflated/);
  const [corrupt] = read(frame([0x07, 1, 2, 3]));
  assert.equal(corrupt.error, "permessage-deflate: corrupt: bad block header");
  assert.equal(corrupt.compressedBytes, 4);
});

Deno.test("a compressed text that is not UTF-8 says so", () => {
  assert.equal(read(frame(alone(Uint8Array.of(65, 0xff)))).at(0)?.error, "the text is not UTF-8");
});

Deno.test("no compressed payload makes the reader throw, and cuts do not matter", () => {
  const payload = fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.string({ maxLength: 200 }).map(alone));
  fc.assert(
    fc.property(
      fc.array(payload, { maxLength: 5 }),
      fc.integer({ min: 1, max: 50 }),
      fc.boolean(),
      (all, size, own) => {
        const bytes = all.flatMap((one) => frame(one));
        const options = { noContextTakeover: own, limitBytes: 500 };
        const whole = read(bytes, options);
        assert.equal(whole.length, all.length);
        assert.deepEqual(read(bytes, { ...options, pieceBytes: size }), whole);
      },
    ),
    { numRuns: 1000 },
  );
});
