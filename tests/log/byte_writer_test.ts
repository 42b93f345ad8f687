import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { anyText } from "../any_text.ts";

/** What a writer holds after some calls, as text. */
function wrote(write: (out: ByteWriter) => void): string {
  const out = new ByteWriter(1);
  write(out);
  return new TextDecoder().decode(out.view());
}

Deno.test("a whole number is written as String has it", () => {
  const numbers = fc.oneof(
    fc.maxSafeNat(),
    fc.nat(),
    fc.nat(1000),
    fc.tuple(fc.nat(15), fc.integer({ min: -1, max: 1 })).map(([power, more]) =>
      Math.max(0, 10 ** power + more)
    ),
    fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1),
  );
  fc.assert(
    fc.property(numbers, (value) => assert.equal(wrote((out) => out.integer(value)), String(value))),
    { numRuns: 3000 },
  );
});

Deno.test("milliseconds are rounded to µs, without trailing zeros, and never negative", () => {
  const durations = fc.oneof(
    fc.double({ min: 0, max: 1e9, noNaN: true }),
    fc.nat(5_000_000).map((micros) => micros / 1000),
    fc.constantFrom(0, 0.0004, 0.0005, 0.9995, 0.9999, 1.0005, 999.9996, 1e-9),
  );
  fc.assert(
    fc.property(durations, (value) => {
      const text = wrote((out) => out.milliseconds(value));
      assert.match(text, /^(0|[1-9]\d*)(\.\d{0,2}[1-9])?$/);
      assert.equal(text, String(Math.round(value * 1000) / 1000));
      assert.ok(Math.abs(Number(text) - Number(value.toFixed(3))) < 0.0011);
    }),
    { numRuns: 3000 },
  );
  for (const value of [-1, -0.0001, NaN]) assert.equal(wrote((out) => out.milliseconds(value)), "0");
});

Deno.test("text becomes UTF-8, lone surrogates the replacement character, whatever the capacity", () => {
  const texts = fc.array(
    fc.oneof(anyText(), fc.constantFrom("\ud800", "\udc00", "😀", "")),
  );
  fc.assert(fc.property(texts, fc.nat(64), (parts, capacity) => {
    const out = new ByteWriter(capacity);
    for (const part of parts) out.text(part);
    const wanted = parts.map((part) => new TextEncoder().encode(part));
    assert.deepEqual([...out.view()], wanted.flatMap((bytes) => [...bytes]));
    assert.ok(out.capacity >= out.length);
  }));
});

Deno.test("bytes are copied, and a copy outlives what is written later", () => {
  const out = new ByteWriter(2);
  const source = Uint8Array.of(1, 2, 3);
  out.bytes(source);
  source[0] = 9;
  const copy = out.copy();
  out.reset(1);
  out.byte(7);
  assert.deepEqual([...out.view()], [1, 7]);
  assert.deepEqual([...copy], [1, 2, 3]);
  out.reset();
  assert.equal(out.length, 0);
});

Deno.test("a caller that reserved room fills it from the length on", () => {
  const out = new ByteWriter(1);
  out.text("ab");
  const buffer = out.reserve(100);
  buffer[out.length] = 99;
  out.advance(1);
  out.text("d");
  assert.equal(new TextDecoder().decode(out.view()), "abcd");
  assert.ok(out.capacity >= 102);
});
