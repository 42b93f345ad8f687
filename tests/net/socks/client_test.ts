/** The client's side of SOCKS 5: what it sends, that it reads the proxy's answers and not a byte more. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { SocksClient, type SocksLogin } from "../../../src/net/socks/client.ts";
import type { HandshakeStep } from "../../../src/net/upstream/handshake.ts";
import { bytes, counted } from "./pieces.ts";

interface Outcome {
  readonly sent: Uint8Array;
  readonly last: HandshakeStep;
  /** How many of the proxy's bytes were read. */
  readonly read: number;
}

/** Gives the client what the proxy says, at most `most` bytes at a time. */
function converse(client: SocksClient, proxySays: Uint8Array, most: number): Outcome {
  const sent: Uint8Array[] = [client.opening];
  let read = 0;
  let last: HandshakeStep = { kind: "more" };
  while (last.kind === "more" && read < proxySays.length) {
    assert.ok(client.wants >= 1);
    const piece = proxySays.slice(read, read + Math.min(most, client.wants));
    read += piece.length;
    last = client.push(piece);
    piece.fill(0xee);
    if (last.kind === "more" && last.send !== undefined) sent.push(last.send);
  }
  return { sent: bytes(...sent), last, read };
}

const REQUEST = bytes(5, 1, 0, 3, counted("example.test"), 1, 187);
const client = (login?: SocksLogin) => new SocksClient("example.test", 443, login);

/** The outcome is the same however the bytes arrive. */
function outcome(make: () => SocksClient, proxySays: Uint8Array): Outcome {
  const whole = converse(make(), proxySays, Infinity);
  for (let most = 1; most <= 5; most++) {
    const { sent, last } = converse(make(), proxySays, most);
    assert.deepEqual({ sent, last }, { sent: whole.sent, last: whole.last });
  }
  return whole;
}

function reason(make: () => SocksClient, proxySays: Uint8Array): string {
  const { last } = outcome(make, proxySays);
  assert(last.kind === "failed", `it is ${last.kind}`);
  return last.reason;
}

Deno.test("a tunnel opens, and the bytes behind the answer are not read", () => {
  const bound: readonly Uint8Array[] = [
    bytes(1, 0, 0, 0, 0, 0, 0),
    bytes(3, counted(""), 0, 0),
    bytes(3, counted("a.name.of.its.own"), 4, 56),
    bytes(4, new Uint8Array(16), 255, 255),
  ];
  for (const address of bound) {
    const answers = bytes(5, 0, 5, 0, 0, address);
    const { sent, last, read } = outcome(() => client(), bytes(answers, "SSH-2.0"));
    assert.deepEqual(last, { kind: "open" });
    assert.equal(read, answers.length);
    assert.deepEqual(sent, bytes(5, 1, 0, REQUEST));
  }
});

Deno.test("a login is offered, and made where the proxy wants it", () => {
  const login = { user: "jürgen", password: "p:w" };
  const opened = bytes(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);
  const asked = outcome(() => client(login), bytes(5, 2, 1, 0, opened));
  assert.deepEqual(asked.last, { kind: "open" });
  assert.deepEqual(asked.sent, bytes(5, 2, 0, 2, 1, counted("jürgen"), counted("p:w"), REQUEST));
  const notAsked = outcome(() => client(login), bytes(5, 0, opened));
  assert.deepEqual(notAsked.sent, bytes(5, 2, 0, 2, REQUEST));
  // Servers that put the version of SOCKS before the status are there.
  assert.deepEqual(outcome(() => client(login), bytes(5, 2, 5, 0, opened)).last, { kind: "open" });
});

Deno.test("addresses are sent as addresses, names as names", () => {
  const sent = (host: string) => [...converse(new SocksClient(host, 80), bytes(5, 0), 2).sent.subarray(6)];
  assert.deepEqual(sent("192.0.2.7"), [1, 192, 0, 2, 7, 0, 80]);
  assert.deepEqual(sent("fe80::1%eth0"), [4, 0xfe, 0x80, ...new Array(13).fill(0), 1, 0, 80]);
  assert.deepEqual(sent("::ffff:127.0.0.1"), [1, 127, 0, 0, 1, 0, 80]);
  assert.deepEqual(sent("1.2.3"), [3, 5, ...bytes("1.2.3"), 0, 80]);
});

Deno.test("refusals are told in words, even where the proxy sends no more than the code", () => {
  const refusal = (code: number) => reason(() => client(), bytes(5, 0, 5, code));
  assert.equal(refusal(1), "the proxy cannot reach the target: general failure");
  assert.equal(refusal(2), "the proxy refused the tunnel: not allowed by its rules");
  assert.equal(refusal(4), "the proxy cannot reach the target: host unreachable");
  assert.equal(refusal(5), "the proxy cannot reach the target: connection refused");
  assert.equal(refusal(7), "the proxy refused the tunnel: command not supported");
  assert.equal(refusal(91), "the proxy cannot reach the target: reply 91");
});

Deno.test("a login that is missing, wrong or of another kind is told apart", () => {
  const login = { user: "u", password: "" };
  assert.equal(
    reason(() => client(), bytes(5, 255)),
    "the proxy wants a login: give USER:PASSWORD@ before its host",
  );
  assert.equal(
    reason(() => client(login), bytes(5, 255)),
    "the proxy wants a login other than user and password",
  );
  assert.match(reason(() => client(login), bytes(5, 2, 1, 1)), /^the proxy wants other credentials/);
  assert.match(reason(() => client(), bytes(5, 2)), /chose login method 2, which was not offered/);
});

Deno.test("answers that are no SOCKS are told so at their first byte", () => {
  assert.match(reason(() => client(), bytes("HTTP/1.1 400")), /does not speak SOCKS 5: its first byte is 72/);
  assert.match(reason(() => client(), bytes(5, 0, 4, 0)), /answered with version 4/);
  assert.match(reason(() => client(), bytes(5, 0, 5, 0, 0, 9, 0)), /unknown address type 9/);
});

Deno.test("what SOCKS cannot carry is refused before anything is sent", () => {
  assert.throws(
    () => new SocksClient("x".repeat(256), 80),
    /found a host name of 256 bytes, wanted at most 255/,
  );
  assert.throws(() => client({ user: "ü".repeat(128), password: "" }), /found a user of 256 bytes/);
  assert.throws(() => client({ user: "u", password: "p".repeat(256) }), /found a password of 256 bytes/);
});

Deno.test("whatever a proxy says leads to an end or to wanting more", () => {
  const start = fc.constantFrom(bytes(), bytes(5, 0), bytes(5, 2, 1, 0), bytes(5, 0, 5, 0, 0));
  fc.assert(fc.property(start, fc.uint8Array({ maxLength: 300 }), (head, tail) => {
    outcome(() => client({ user: "u", password: "p" }), bytes(head, tail));
  }));
});
