import assert from "node:assert/strict";
import fc from "fast-check";
import { ClientHelloReader } from "../../src/capture/client_hello.ts";
import type { ClientHello } from "../../src/capture/record.ts";

/** Hellos as real clients sent them to 127.0.0.1. */
function recorded(name: string): Uint8Array {
  const hex = Deno.readTextFileSync(`${import.meta.dirname}/client_hellos/${name}.hex`).replaceAll(/\s/g, "");
  return Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));
}

const LATEST = ["TLSv1.3", "TLSv1.2"];

const clients: readonly (readonly [string, ClientHello])[] = [
  ["openssl", { serverName: "shop.example", alpn: ["http/1.1"], versions: [...LATEST, "TLSv1.1", "TLSv1"] }],
  ["openssl12", { alpn: [], versions: ["TLSv1.2"] }],
  ["curl", {
    serverName: "shop.example",
    alpn: ["h2", "http/1.1"],
    versions: [...LATEST, "TLSv1.1", "TLSv1"],
  }],
  ["deno", { serverName: "shop.example", alpn: ["h2", "http/1.1"], versions: LATEST }],
  // With GREASE among its versions, and a post-quantum key share.
  ["chromium", { serverName: "shop.example", alpn: ["h2", "http/1.1"], versions: LATEST }],
];

/** Gives a reader the pieces in turn. @returns The last answer. */
function readPieces(pieces: readonly Uint8Array[]): "more" | "not-tls" | ClientHello {
  const reader = new ClientHelloReader();
  let answer: "more" | "not-tls" | ClientHello = "more";
  for (const piece of pieces) answer = reader.push(piece);
  return answer;
}

const bytewise = (bytes: Uint8Array) => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));

/** A record around a part of a message. */
function record(fragment: Uint8Array): Uint8Array {
  return Uint8Array.of(22, 3, 1, fragment.length >> 8, fragment.length & 255, ...fragment);
}

/** A vector after its length of 1 or 2 bytes. */
function vector(size: 1 | 2, ...parts: readonly ArrayLike<number>[]): number[] {
  const bytes = parts.flatMap((part) => Array.from(part));
  return size === 1 ? [bytes.length, ...bytes] : [bytes.length >> 8, bytes.length & 255, ...bytes];
}

const ascii = (text: string) => new TextEncoder().encode(text);

/** A hello with the extensions given, in one record. */
function hello(...extensions: readonly (readonly [number, readonly number[]])[]): Uint8Array {
  const all = extensions.flatMap(([type, data]) => [type >> 8, type & 255, ...vector(2, data)]);
  const body = [
    3,
    3,
    ...new Array(32).fill(9),
    ...vector(1),
    ...vector(2, [0x13, 1]),
    ...vector(1, [0]),
    ...vector(2, all),
  ];
  return record(Uint8Array.of(1, 0, body.length >> 8, body.length & 255, ...body));
}

for (const [name, expected] of clients) {
  Deno.test(`the hello of ${name} is read whole, byte by byte, and cut at every offset`, () => {
    const bytes = recorded(name);
    assert.deepEqual(readPieces([bytes]), expected);
    assert.deepEqual(readPieces(bytewise(bytes)), expected);
    for (let at = 0; at <= bytes.length; at++) {
      assert.deepEqual(readPieces([bytes.subarray(0, at), bytes.subarray(at)]), expected);
    }
  });

  Deno.test(`the hello of ${name} is not told before it is whole`, () => {
    const bytes = recorded(name);
    for (let at = 0; at < bytes.length; at++) assert.equal(readPieces([bytes.subarray(0, at)]), "more");
  });

  Deno.test(`the hello of ${name} is read across records of any size`, () => {
    const bytes = recorded(name);
    const message = bytes.subarray(5);
    for (const size of [1, 2, 3, 4, 5, 100, 1000]) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < message.length; at += size) pieces.push(record(message.subarray(at, at + size)));
      assert.deepEqual(readPieces(pieces), expected);
    }
  });
}

Deno.test("what follows the hello is not looked at, and the answer stays", () => {
  const bytes = recorded("curl");
  const reader = new ClientHelloReader();
  const answer = reader.push(Uint8Array.of(...bytes, 1, 2, 3));
  assert.notEqual(answer, "not-tls");
  assert.equal(reader.push(Uint8Array.of(4, 5, 6)), answer);
});

Deno.test("what cannot be TLS is told at the first byte that shows it", () => {
  const starts: readonly (readonly number[])[] = [
    [..."GET"].map((letter) => letter.charCodeAt(0)).slice(0, 1),
    [0x05], // SOCKS
    [0x80], // SSLv2
    [23], // TLS, but not its beginning
    [22, 2],
    [22, 3, 5],
    [22, 3, 1, 0, 0], // an empty record
    [22, 3, 1, 0x40, 1], // a record over 16 KiB
    [22, 3, 1, 0, 9, 2], // another message
    [22, 3, 1, 0, 9, 1, 1, 0, 1], // a message over 64 KiB
  ];
  for (const start of starts) {
    assert.equal(readPieces([Uint8Array.from(start.slice(0, -1))]), "more");
    assert.equal(readPieces([Uint8Array.from(start)]), "not-tls");
  }
});

Deno.test("a record that is no handshake in the middle of the hello is not TLS", () => {
  const bytes = recorded("curl");
  assert.equal(readPieces([record(bytes.subarray(5, 50)), Uint8Array.of(21)]), "not-tls");
});

Deno.test("GREASE is left out of protocols and versions", () => {
  const answer = readPieces([hello(
    [0x0a0a, []],
    [16, vector(2, vector(1, [0x5a, 0x5a]), vector(1, ascii("h2")))],
    [43, vector(1, [0xca, 0xca, 3, 3, 3, 4, 0x7f, 0x1c])],
  )]);
  assert.deepEqual(answer, { alpn: ["h2"], versions: ["TLSv1.3", "TLSv1.2"] });
});

Deno.test("a name that no host has is not passed on", () => {
  for (const name of ["", "a b", "a\r\nb", "\u001b[2J", "ä"]) {
    const answer = readPieces([hello([0, vector(2, [0], vector(2, ascii(name)))])]);
    assert.deepEqual(answer, { alpn: [], versions: ["TLSv1.2"] });
  }
});

Deno.test("lengths that do not add up are read as far as they do", () => {
  const name: readonly [number, readonly number[]] = [0, vector(2, [0], vector(2, ascii("a.example")))];
  const beyond: readonly [number, readonly number[]] = [16, [0xff, 0xff, 0xff]];
  assert.deepEqual(readPieces([hello(name, beyond)]), {
    serverName: "a.example",
    alpn: [],
    versions: ["TLSv1.2"],
  });
  // The message ends inside its session id.
  const cut = Uint8Array.of(1, 0, 0, 36, 3, 3, ...new Array(32).fill(9), 255, 1);
  assert.equal(readPieces([record(cut)]), "not-tls");
});

Deno.test("no bytes make it throw, and the answer does not depend on how they are cut", () => {
  const bytes = recorded("chromium");
  const changed = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 20 }).map(
    (changes) => {
      const copy = bytes.slice();
      for (const [at, value] of changes) copy[at] = value;
      return copy;
    },
  );
  fc.assert(fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 300 })), fc.nat(2000), (input, cut) => {
    const whole = readPieces([input]);
    assert.deepEqual(readPieces([input.subarray(0, cut), input.subarray(cut)]), whole);
  }));
});
