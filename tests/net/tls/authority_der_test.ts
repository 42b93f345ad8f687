/** DER and PEM: the known encodings, round trips, and anything else refused with a RangeError. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Der } from "../../../src/net/tls/authority_der.ts";
import {
  bitString,
  hex,
  integer,
  oid,
  pemOf,
  readInside,
  readPem,
  readTime,
  readValues,
  sequence,
  TAG,
  tagged,
  time,
  utf8String,
} from "../../../src/net/tls/authority_der.ts";

Deno.test("values are encoded as X.690 and its examples say", () => {
  const cases: readonly (readonly [Der, string])[] = [
    [integer(Uint8Array.of(0)), "020100"],
    [integer(Uint8Array.of(0x7f)), "02017f"],
    [integer(Uint8Array.of(0x80)), "02020080"],
    [integer(Uint8Array.of(0, 0, 1, 0)), "02020100"],
    [integer(Uint8Array.of(0, 0)), "020100"],
    [oid("1.2.840.10045.4.3.2"), "06082a8648ce3d040302"],
    [oid("2.5.29.17"), "0603551d11"],
    [oid("1.3.6.1.5.5.7.3.1"), "06082b06010505070301"],
    [bitString(Uint8Array.of(0x06), 1), "03020106"],
    [utf8String("ü"), "0c02c3bc"],
    [sequence(), "3000"],
    [sequence(integer(Uint8Array.of(1)), integer(Uint8Array.of(2))), "3006020101020102"],
  ];
  for (const [bytes, wanted] of cases) assert.equal(hex(bytes), wanted);
});

Deno.test("lengths take one, two or three bytes, and are read back", () => {
  for (
    const [length, head] of [
      [127, "047f"],
      [128, "048180"],
      [255, "0481ff"],
      [256, "04820100"],
      [65_535, "0482ffff"],
    ] as const
  ) {
    const bytes = tagged(TAG.octetString, new Uint8Array(length));
    assert.equal(hex(bytes.subarray(0, bytes.length - length)), head);
    assert.equal(readValues(bytes)[0].content.length, length);
  }
});

Deno.test("a time has two digits of its year until 2049, four from 2050 on", () => {
  const text = (ms: number) => new TextDecoder().decode(readValues(time(ms))[0].content);
  assert.equal(text(Date.UTC(2049, 11, 31, 23, 59, 59)), "491231235959Z");
  assert.equal(text(Date.UTC(2050, 0, 1)), "20500101000000Z");
  for (
    const ms of [
      Date.UTC(1950, 0, 1),
      Date.UTC(1999, 11, 31),
      Date.UTC(2026, 1, 3, 4, 5, 6),
      Date.UTC(2070, 0, 1),
    ]
  ) {
    if (ms >= 0) assert.equal(readTime(readValues(time(ms))[0]), ms);
  }
  assert.equal(
    readTime(readValues(tagged(TAG.utcTime, new TextEncoder().encode("500101000000Z")))[0]),
    Date.UTC(1950, 0),
  );
  for (const odd of ["", "2601010000Z", "260101000000+0100", "x"]) {
    assert.throws(
      () => readTime(readValues(tagged(TAG.utcTime, new TextEncoder().encode(odd)))[0]),
      RangeError,
    );
  }
});

Deno.test("what was written is read back, and every cut of it is refused", () => {
  const value = sequence(integer(Uint8Array.of(5)), sequence(utf8String("x".repeat(300))), oid("1.2.3"));
  const inside = readInside(readValues(value)[0], TAG.sequence);
  assert.deepEqual(inside.map(({ tag }) => tag), [TAG.integer, TAG.sequence, TAG.oid]);
  assert.equal(hex(sequence(...inside.map(({ whole }) => whole))), hex(value));
  for (let end = 1; end < value.length; end++) {
    assert.throws(() => readValues(value.slice(0, end)), RangeError, `cut at ${end}`);
  }
  assert.throws(() => readInside(readValues(value)[0], TAG.set), RangeError);
  assert.throws(() => readInside(undefined, TAG.set), RangeError);
});

Deno.test("any bytes are read to values that make them up, or refused with a RangeError", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (array) => {
    const bytes = Uint8Array.from(array);
    try {
      assert.equal(readValues(bytes).map(({ whole }) => hex(whole)).join(""), hex(bytes));
    } catch (error) {
      assert(error instanceof RangeError);
    }
  }));
});

Deno.test("PEM goes both ways, in lines of 64, among other blocks and remarks", () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (array) => {
    const bytes = Uint8Array.from(array);
    const pem = pemOf("THING", bytes);
    assert(pem.endsWith("-----END THING-----\n") && pem.split("\n").every((line) => line.length <= 64));
    for (
      const text of [
        pem,
        `remark\n${pemOf("OTHER", Uint8Array.of(1))}${pem}${pem}`,
        pem.replaceAll("\n", "\r\n"),
      ]
    ) {
      assert.deepEqual(readPem("THING", text), bytes);
    }
  }));
  for (
    const text of [
      "",
      "-----BEGIN THING-----",
      pemOf("OTHER", Uint8Array.of(1)),
      pemOf("THING", Uint8Array.of(1)).replace("=", ""),
    ]
  ) {
    assert.throws(() => readPem("THING", text), RangeError);
  }
});
