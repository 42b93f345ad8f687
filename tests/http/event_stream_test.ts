/** Server-sent events: the standard's examples, every line end at every cut, and lines longer than memory should hold. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { EventStreamReader } from "../../src/http/event_stream.ts";

interface Shown {
  readonly event: string;
  readonly lastEventId?: string;
  readonly retry?: number;
  readonly bytes: number;
  readonly data: string;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Reads pieces whose memory is used again after each push. */
function read(pieces: Iterable<Uint8Array>, limitBytes = 1000): Shown[] {
  const events: Shown[] = [];
  const reader = new EventStreamReader({
    limitBytes,
    onEvent: ({ data, ...rest }) =>
      events.push({
        ...rest,
        bytes: data.bytes,
        data: new TextDecoder("utf-8", { ignoreBOM: true }).decode(data.kept),
      }),
  });
  for (const piece of pieces) {
    const borrowed = Uint8Array.from(piece);
    reader.push(borrowed);
    borrowed.fill(0x64);
  }
  return events;
}

/** Reads a stream whole, byte by byte and cut at every offset, which must all give the same. */
function readEachWay(stream: string | Uint8Array): Shown[] {
  const bytes = typeof stream === "string" ? bytesOf(stream) : stream;
  const whole = read([bytes]);
  assert.deepEqual(read(Array.from(bytes, (byte) => Uint8Array.of(byte))), whole, "byte by byte");
  for (let at = 0; at <= bytes.length; at++) {
    assert.deepEqual(read([bytes.subarray(0, at), bytes.subarray(at)]), whole, `cut at ${at}`);
  }
  return whole;
}

function message(data: string, rest: Partial<Shown> = {}): Shown {
  return { event: "message", bytes: bytesOf(data).length, data, ...rest };
}

Deno.test("lines of data are joined", () => {
  assert.deepEqual(readEachWay("data: YHOO\ndata: +2\ndata: 10\n\n"), [message("YHOO\n+2\n10")]);
});

Deno.test("the standard's example of comments and event IDs is read", () => {
  const stream =
    ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n";
  assert.deepEqual(readEachWay(stream), [
    message("first event", { lastEventId: "1" }),
    message("second event"),
    message(" third event"),
  ]);
});

Deno.test("data lines without anything make an event, no data lines make none", () => {
  assert.deepEqual(readEachWay("data\n\ndata\ndata\n\ndata:\n\nevent: x\n\n:\n\n\n"), [
    message(""),
    message("\n"),
    message(""),
  ]);
});

Deno.test("a space after the colon is passed over, one only", () => {
  assert.deepEqual(readEachWay("data:test\n\ndata: test\n\ndata:  test\n\ndata : x\n\n"), [
    message("test"),
    message("test"),
    message(" test"),
  ]);
});

Deno.test("lines end in LF, CR or CRLF, wherever the bytes are cut", () => {
  for (const end of ["\n", "\r", "\r\n"]) {
    const stream = `event: a${end}data: 1${end}data: 2${end}${end}data: 3${end}${end}`;
    assert.deepEqual(
      readEachWay(stream),
      [message("1\n2", { event: "a" }), message("3")],
      JSON.stringify(end),
    );
  }
  assert.deepEqual(readEachWay("data: 1\r\r\ndata: 2\n\rdata: 3\n\n"), [
    message("1"),
    message("2"),
    message("3"),
  ]);
});

Deno.test("the event name holds for one event, the event ID for all that follow", () => {
  assert.deepEqual(readEachWay("event: add\nid: 7\ndata: a\n\ndata: b\n\nevent: x\n\ndata: c\n\n"), [
    message("a", { event: "add", lastEventId: "7" }),
    message("b", { lastEventId: "7" }),
    message("c", { lastEventId: "7" }),
  ]);
  assert.deepEqual(readEachWay("event: add\nevent:\ndata: a\n\n"), [message("a")]);
});

Deno.test("an event ID that holds a NUL is ignored", () => {
  assert.deepEqual(readEachWay("id: 1\nid: a\0b\ndata: x\n\n"), [message("x", { lastEventId: "1" })]);
});

Deno.test("retry is digits only, and stands with the next event", () => {
  assert.deepEqual(readEachWay("retry: 3000\n\ndata: a\n\ndata: b\n\n"), [
    message("a", { retry: 3000 }),
    message("b"),
  ]);
  for (const bad of ["", "-1", "1.5", "1e3", "３", "5 "]) {
    assert.deepEqual(readEachWay(`retry: ${bad}\ndata: a\n\n`), [message("a")], bad);
  }
  const [{ retry }] = readEachWay(`retry: ${"9".repeat(400)}\ndata: a\n\n`);
  assert.equal(retry, Number.MAX_SAFE_INTEGER);
});

Deno.test("one byte order mark at the beginning is passed over, others are data", () => {
  assert.deepEqual(readEachWay("\ufeffdata: a\n\n"), [message("a")]);
  assert.deepEqual(readEachWay("\ufeff\ufeffdata: a\n\ndata: b\n\n"), [message("b")]);
  assert.deepEqual(readEachWay("data: \ufeffa\n\n"), [message("\ufeffa")]);
  assert.deepEqual(readEachWay(Uint8Array.of(0xef, 0xbb, ...bytesOf("data: a\n\ndata: b\n\n"))), [
    message("b"),
  ]);
  assert.deepEqual(readEachWay(Uint8Array.of(0xef, ...bytesOf("\ndata: b\n\n"))), [message("b")]);
});

Deno.test("unknown fields, and known ones in another case or with more to the name, are ignored", () => {
  assert.deepEqual(readEachWay("Data: a\ndatum: b\ndat: c\ndatab: d\nretryy: 1\n: data: e\ndata: f\n\n"), [
    message("f"),
  ]);
});

Deno.test("an event that has not ended is not given", () => {
  assert.deepEqual(readEachWay("data: a\n\ndata: b\n"), [message("a")]);
});

Deno.test("only the first bytes of the data are kept, and all are counted", () => {
  const stream = bytesOf(`data: ${"x".repeat(3000)}\ndata: y\n\ndata: z\n\n`);
  assert.deepEqual(read([stream], 10), [message("x".repeat(10), { bytes: 3002 }), message("z")]);
  assert.deepEqual(read([stream], 0)[0], message("", { bytes: 3002 }));
});

Deno.test("a name and an ID without end are bounded too", () => {
  const long = "n".repeat(100_000);
  const [{ event, lastEventId }] = read([bytesOf(`event: ${long}\nid: ${long}\n${long}: x\ndata: a\n\n`)]);
  assert.deepEqual([event.length, lastEventId?.length], [4096, 4096]);
});

Deno.test("a part of a chunk can be read in place", () => {
  const events: string[] = [];
  const reader = new EventStreamReader({
    limitBytes: 100,
    onEvent: ({ data }) => events.push(new TextDecoder().decode(data.kept)),
  });
  const chunk = bytesOf("5\r\ndata: a\n\n\r\n");
  reader.push(chunk, 3, 12);
  assert.deepEqual(events, ["a"]);
});

/** The standard's own steps, on the whole text: slow, and without limits. */
function byTheBook(text: string): Shown[] {
  const events: Shown[] = [];
  let data = "", event = "", id = "";
  let retry: number | undefined;
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  for (const line of lines.slice(0, -1)) {
    if (line === "") {
      if (data !== "") {
        const ids = id === "" ? {} : { lastEventId: id };
        const retries = retry === undefined ? {} : { retry };
        events.push(message(data.slice(0, -1), { event: event || "message", ...ids, ...retries }));
        retry = undefined;
      }
      data = event = "";
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data += value + "\n";
    if (field === "event") event = value;
    if (field === "id" && !value.includes("\0")) id = value;
    if (field === "retry" && /^[0-9]+$/.test(value)) retry = Number(value);
  }
  return events;
}

const line = fc.tuple(
  fc.constantFrom(
    "data",
    "data:",
    "data: ",
    "event: ",
    "id: ",
    "retry: ",
    ":",
    "",
    "x: ",
    "\ufeff",
    "data:data: ",
  ),
  fc.constantFrom("", "", "a", "12", "é€😀", " ", ":", "\0"),
  fc.constantFrom("\n", "\r", "\r\n", "\n\n", "\r\n\r\n"),
).map((parts) => parts.join(""));

Deno.test("any stream is read as the standard says, however it is cut", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.array(fc.nat(200), { maxLength: 6 }), (lines, cuts) => {
      const text = lines.join("");
      const bytes = bytesOf(text);
      const offsets = [0, ...cuts.map((at) => at % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const pieces = offsets.slice(1).map((to, i) => bytes.subarray(offsets[i], to));
      assert.deepEqual(read(pieces), byTheBook(text));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("any bytes can be read", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    assert.deepEqual(read(Array.from(bytes, (byte) => Uint8Array.of(byte)), 20), read([bytes], 20));
  }));
});
