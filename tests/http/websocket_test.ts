/** WebSocket messages: fragments, masks, control frames, cuts anywhere, and frames that break the rules. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type WebSocketMessage,
  WebSocketReader,
  type WebSocketReaderOptions,
} from "../../src/http/websocket.ts";

/** How a frame is written; what is not said is as it should be. */
interface Frame {
  readonly opcode: number;
  readonly payload?: string | Uint8Array;
  readonly final?: boolean;
  readonly reserved?: number;
  readonly mask?: readonly number[];
  /** Bytes that the length is written in: 0, 2 or 8. */
  readonly lengthBytes?: number;
}

const MASK = [0x37, 0xfa, 0x21, 0x3d];

function bytesOf(payload: string | Uint8Array): Uint8Array {
  return typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
}

function encode({ opcode, payload = "", final = true, reserved = 0, mask, lengthBytes }: Frame): number[] {
  const data = bytesOf(payload);
  const width = lengthBytes ?? (data.length < 126 ? 0 : data.length < 65536 ? 2 : 8);
  const length = Array.from(
    { length: width },
    (_, i) => Math.floor(data.length / 256 ** (width - 1 - i)) & 255,
  );
  const short = width === 0 ? data.length : width === 2 ? 126 : 127;
  return [
    ...[(final ? 0x80 : 0) | (reserved << 4) | opcode, (mask ? 0x80 : 0) | short],
    ...[...length, ...(mask ?? [])],
    ...data.map((byte, i) => byte ^ (mask?.[i & 3] ?? 0)),
  ];
}

function wire(...frames: readonly (Frame | readonly number[])[]): Uint8Array {
  return Uint8Array.from(frames.flatMap((frame) => "opcode" in frame ? encode(frame) : [...frame]));
}

interface Shown extends Omit<WebSocketMessage, "body"> {
  readonly bytes: number;
  readonly text: string;
}

type Options = Partial<WebSocketReaderOptions>;

/** Reads pieces whose memory is used again after each push; what is left of them once they are no frames is `raw`. */
function read(pieces: Iterable<Uint8Array>, options: Options = {}, ends = false) {
  const messages: Shown[] = [];
  const raw: number[] = [];
  let breaks = 0;
  const reader = new WebSocketReader({
    side: "server",
    limitBytes: 1000,
    onMessage: ({ body, ...rest }) =>
      messages.push({ ...rest, bytes: body.bytes, text: new TextDecoder("latin1").decode(body.kept) }),
    onBroken: (remaining) => {
      breaks++;
      raw.push(...remaining);
    },
    ...options,
  });
  for (const piece of pieces) {
    const borrowed = Uint8Array.from(piece);
    if (breaks > 0) raw.push(...piece);
    reader.push(borrowed);
    borrowed.fill(0xee);
  }
  if (ends) reader.end();
  return { messages, breaks, raw };
}

function only(frames: readonly (Frame | readonly number[])[], options: Options = {}): Shown {
  const { messages, breaks } = read([wire(...frames)], options);
  assert.deepEqual([messages.length, breaks], [1, 0]);
  return messages[0];
}

function* cut(bytes: Uint8Array, offsets: readonly number[]): Iterable<Uint8Array> {
  const sorted = [0, ...offsets.map((offset) => offset % (bytes.length + 1)), bytes.length].sort((a, b) =>
    a - b
  );
  for (let i = 1; i < sorted.length; i++) yield bytes.subarray(sorted[i - 1], sorted[i]);
}

Deno.test("the examples of the specification are read", () => {
  const hello = { opcode: "text", frames: 1, bytes: 5, text: "Hello" };
  assert.deepEqual(only([[0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]]), hello);
  const masked = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
  assert.deepEqual(only([masked], { side: "client" }), hello);
  assert.deepEqual(only([[0x01, 0x03, 0x48, 0x65, 0x6c], [0x80, 0x02, 0x6c, 0x6f]]), { ...hello, frames: 2 });
  assert.deepEqual(only([[0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]]), { ...hello, opcode: "ping" });
});

Deno.test("lengths in 7, 16 and 64 bits are read", () => {
  for (const size of [0, 1, 125, 126, 127, 65535, 65536, 100_000]) {
    const { bytes, text, error } = only([{ opcode: 2, payload: new Uint8Array(size).fill(65) }]);
    assert.deepEqual([bytes, text, error], [size, "A".repeat(Math.min(size, 1000)), undefined]);
  }
});

Deno.test("control frames between fragments come when they come", () => {
  const { messages } = read([wire(
    { opcode: 1, payload: "a", final: false },
    { opcode: 9, payload: "are you there" },
    { opcode: 0, payload: "b", final: false },
    { opcode: 10 },
    { opcode: 0, payload: "c" },
  )]);
  assert.deepEqual(messages.map(({ opcode, frames, text }) => [opcode, frames, text]), [
    ["ping", 1, "are you there"],
    ["pong", 1, ""],
    ["text", 3, "abc"],
  ]);
});

Deno.test("a close frame gives its status and its reason", () => {
  const close = (...payload: number[]) => only([{ opcode: 8, payload: Uint8Array.from(payload) }]);
  assert.deepEqual(close(3, 232, 98, 121, 101), {
    opcode: "close",
    frames: 1,
    bytes: 3,
    text: "bye",
    closeCode: 1000,
  });
  assert.deepEqual(close(), { opcode: "close", frames: 1, bytes: 0, text: "" });
  assert.equal(close(3).error, "half a status");
  assert.equal(close(3, 238).error, "status 1006 may not be sent");
  assert.equal(close(0x13, 0x88).error, "status 5000 may not be sent");
  assert.equal(close(0x0f, 0xa0).error, undefined);
  assert.equal(close(3, 232, 0xff).error, "the text is not UTF-8");
});

Deno.test("only the first bytes of a message are kept, and all are counted", () => {
  const frames = [
    { opcode: 2, payload: "x".repeat(700), final: false, mask: MASK },
    { opcode: 0, payload: "y".repeat(700), final: false, mask: MASK },
    { opcode: 0, payload: "z".repeat(70_000), mask: MASK },
  ];
  const { bytes, text, frames: count } = only(frames, { side: "client" });
  assert.deepEqual([bytes, text, count], [71_400, "x".repeat(700) + "y".repeat(300), 3]);
  assert.deepEqual(only([{ opcode: 2, payload: "abc" }], { limitBytes: 0 }).text, "");
});

Deno.test("text that is not UTF-8 is said to be none, one whose kept part is cut in a character is fine", () => {
  assert.equal(only([{ opcode: 1, payload: Uint8Array.of(65, 0xff) }]).error, "the text is not UTF-8");
  assert.equal(only([{ opcode: 1, payload: Uint8Array.of(0xe2, 0x82) }]).error, "the text is not UTF-8");
  assert.equal(only([{ opcode: 2, payload: Uint8Array.of(0xff) }]).error, undefined);
  for (const char of ["é", "€", "😀"]) {
    for (let limitBytes = 0; limitBytes < 12; limitBytes++) {
      assert.equal(only([{ opcode: 1, payload: char.repeat(3) + "end" }], { limitBytes }).error, undefined);
    }
  }
  assert.equal(
    only([{ opcode: 1, payload: Uint8Array.of(0x80, 0x80, 0x80, 65) }], { limitBytes: 3 }).error,
    "the text is not UTF-8",
  );
  // A character may be cut by fragments.
  const fragments = [{ opcode: 1, payload: Uint8Array.of(0xe2), final: false }, {
    opcode: 0,
    payload: Uint8Array.of(0x82, 0xac),
  }];
  assert.equal(only(fragments).error, undefined);
});

Deno.test("a frame that breaks one rule is read all the same, and the rule named", () => {
  const cases: [string, Shown["opcode"], readonly (Frame | readonly number[])[], Options?][] = [
    ["reserved bits are set", "text", [{ opcode: 1, payload: "a", reserved: 4 }]],
    ["reserved bits are set", "binary", [{ opcode: 2, payload: "a", reserved: 1 }]],
    ["opcode 3 is reserved", "reserved", [{ opcode: 3, payload: "a" }]],
    ["opcode 11 is reserved", "reserved", [{ opcode: 11, payload: "a" }]],
    ["a frame of the client is not masked", "text", [{ opcode: 1, payload: "a" }], { side: "client" }],
    ["a frame of the server is masked", "text", [{ opcode: 1, payload: "a", mask: MASK }]],
    ["a control frame is fragmented", "ping", [{ opcode: 9, payload: "a", final: false }]],
    ["a control frame is too long", "ping", [{ opcode: 9, payload: "a".repeat(126) }]],
    ["the length is not written in its shortest form", "text", [{ opcode: 1, payload: "a", lengthBytes: 2 }]],
    ["the length is not written in its shortest form", "text", [{ opcode: 1, payload: "a", lengthBytes: 8 }]],
    ["there is nothing to continue", "binary", [{ opcode: 0, payload: "a" }]],
  ];
  for (const [error, opcode, frames, options] of cases) {
    const message = only(frames, options);
    assert.deepEqual([message.error, message.opcode, message.text[0]], [error, opcode, "a"]);
  }
});

Deno.test("a message that another one cuts off is given as far as it came", () => {
  const { messages } = read([wire({ opcode: 1, payload: "a", final: false }, { opcode: 1, payload: "b" })]);
  assert.deepEqual(messages.map(({ text, error }) => [text, error]), [
    ["a", "another message begins before its end"],
    ["b", undefined],
  ]);
});

Deno.test("a message that the end of the connection cuts off is given as far as it came", () => {
  const message = wire({ opcode: 1, payload: "one", final: false }, { opcode: 0, payload: "two" });
  assert.deepEqual(read([message.subarray(0, 9)], {}, true).messages, [
    { opcode: "text", frames: 2, bytes: 5, text: "onetw", error: "cut short" },
  ]);
  const ping = wire({ opcode: 1, payload: "x", final: false }, { opcode: 9, payload: "ping" }).subarray(0, 7);
  assert.deepEqual(read([ping], {}, true).messages.map(({ opcode, text }) => [opcode, text]), [
    ["ping", "pi"],
    ["text", "x"],
  ]);
  assert.deepEqual(read([wire({ opcode: 1, payload: "x" })], {}, true).messages.length, 1);
});

Deno.test("what is no frame is given back from its first byte on, however it is cut", () => {
  const good = wire({ opcode: 1, payload: "good" });
  const bad = new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n");
  const huge = Uint8Array.of(0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3);
  for (const rest of [bad, huge]) {
    const all = Uint8Array.from([...good, ...rest]);
    for (let at = 0; at <= all.length; at++) {
      const { messages, breaks, raw } = read(cut(all, [at]));
      assert.deepEqual([messages.length, breaks], [1, 1], `cut at ${at}`);
      assert.deepEqual(raw, [...rest], `cut at ${at}`);
    }
  }
});

Deno.test("an open message is given before the break", () => {
  const { messages, raw } = read([wire({ opcode: 1, payload: "open", final: false }, [0x7b, 0x01, 0x22])]);
  assert.deepEqual(messages.map(({ text, error }) => [text, error]), [["open", "cut short"]]);
  assert.deepEqual(raw, [0x7b, 0x01, 0x22]);
});

const frame: fc.Arbitrary<Frame> = fc.record({
  opcode: fc.constantFrom(0, 0, 1, 2, 8, 9, 10, 11),
  payload: fc.oneof(fc.uint8Array({ maxLength: 140 }), fc.string({ maxLength: 30 })),
  final: fc.boolean(),
  mask: fc.constantFrom(undefined, MASK),
});

const traffic = fc.array(
  fc.oneof({ weight: 8, arbitrary: frame.map(encode) }, {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 6 }).map((bytes) => [...bytes]),
  }),
  { maxLength: 8 },
).map((frames) => wire(...frames));

Deno.test("any cut of any bytes gives the same messages, and no bytes make the reader throw", () => {
  const offsets = fc.array(fc.nat(1500), { maxLength: 10 });
  fc.assert(
    fc.property(
      traffic,
      offsets,
      fc.constantFrom("client" as const, "server" as const),
      (bytes, at, side) => {
        const options = { side, limitBytes: 50 };
        const whole = read([bytes], options, true);
        assert.deepEqual(read(cut(bytes, at), options, true), whole);
        assert.deepEqual(read(cut(bytes, [...bytes.keys()]), options, true), whole);
      },
    ),
    { numRuns: 1000 },
  );
});
