/** The server's side of SOCKS 5: what is answered, when, and that the tunnel's bytes are left alone. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { SocksServer, type SocksState } from "../../../src/net/socks/server.ts";
import { bytes, counted, cuts } from "./pieces.ts";

interface Outcome {
  readonly sent: readonly number[];
  readonly state: SocksState;
}

/** Pushes pieces until the request is over; what is left of them counts as what the tunnel would get. */
function serve(pieces: readonly Uint8Array[], check?: (user: string, password: string) => boolean): Outcome {
  const server = new SocksServer(check);
  const sent: number[] = [];
  let state: SocksState = { kind: "more" };
  for (const [index, piece] of pieces.entries()) {
    const given = piece.slice();
    const step = server.push(given);
    // The chunk was borrowed: what happens to it now must not matter.
    given.fill(0xee);
    for (const answer of step.send) sent.push(...answer);
    state = step.state;
    if (state.kind === "connect") {
      return { sent, state: { ...state, rest: bytes(state.rest, ...pieces.slice(index + 1)) } };
    }
    if (state.kind === "failed") return { sent, state };
  }
  return { sent, state };
}

const GREETING = bytes(5, 1, 0);
const ADMIT = (user: string, password: string) => user === "jürgen" && password === "p:w d";
const LOGIN = bytes(1, counted("jürgen"), counted("p:w d"));
const toName = (name: string, port: number) => bytes(5, 1, 0, 3, counted(name), port >> 8, port & 255);

Deno.test("a name, an IPv4 and an IPv6 address are asked for, and what follows is left to the tunnel", () => {
  const requests: readonly [Uint8Array, string, number][] = [
    [toName("Example.test", 443), "Example.test", 443],
    [bytes(5, 1, 0, 1, 192, 0, 2, 7, 0, 80), "192.0.2.7", 80],
    [bytes(5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, ...new Array(11).fill(0), 1, 255, 255), "2001:db8::1", 65535],
    [bytes(5, 1, 0, 4, ...new Array(10).fill(0), 255, 255, 127, 0, 0, 1, 0, 80), "127.0.0.1", 80],
    [toName("::1", 80), "::1", 80],
    [toName("bücher.test", 80), "xn--bcher-kva.test", 80],
  ];
  const tunnel = bytes(22, 3, 1, "hello", 0, 255);
  for (const [request, host, port] of requests) {
    for (const pieces of cuts(bytes(GREETING, request, tunnel))) {
      assert.deepEqual(serve(pieces), { sent: [5, 0], state: { kind: "connect", host, port, rest: tunnel } });
    }
  }
});

Deno.test("a login that is wanted and right leads to the request", () => {
  for (const pieces of cuts(bytes(5, 3, 0, 1, 2, LOGIN, toName("a", 1), "x"))) {
    assert.deepEqual(serve(pieces, ADMIT), {
      sent: [5, 2, 1, 0],
      state: { kind: "connect", host: "a", port: 1, rest: bytes("x") },
    });
  }
});

Deno.test("answers come as soon as a message is whole, for clients that wait for them", () => {
  const server = new SocksServer(ADMIT);
  assert.deepEqual(server.push(bytes(5, 1)), { send: [], state: { kind: "more" } });
  assert.deepEqual(server.push(bytes(2)), { send: [bytes(5, 2)], state: { kind: "more" } });
  assert.deepEqual(server.push(LOGIN), { send: [bytes(1, 0)], state: { kind: "more" } });
  const { send, state } = server.push(toName("a", 1));
  assert.deepEqual(send, []);
  assert.equal(state.kind, "connect");
});

Deno.test("a wrong login ends it", () => {
  for (
    const wrong of [bytes(1, counted("jürgen"), counted("other")), bytes(1, 0, 0), bytes(1, 1, 255, 1, 255)]
  ) {
    for (const pieces of cuts(bytes(5, 1, 2, wrong))) {
      assert.deepEqual(serve(pieces, ADMIT), {
        sent: [5, 2, 1, 1],
        state: { kind: "failed", reason: "wrong user or password" },
      });
    }
  }
  assert.match(failure(bytes(5, 1, 2, 5, 0), ADMIT).reason, /found version 5 of the login, wanted 1/);
});

Deno.test("who does not offer the login that is wanted is told that no method will do", () => {
  const { sent, reason } = failure(bytes(5, 2, 0, 1), ADMIT);
  assert.deepEqual(sent, [5, 255]);
  assert.equal(reason, "found the login methods 0, 1, wanted user and password (2)");
  assert.deepEqual(failure(bytes(5, 1, 1)).sent, [5, 255]);
  assert.match(failure(bytes(5, 0)).reason, /found the login methods none/);
});

Deno.test("where no login is wanted, a client that insists on one may log in as it likes", () => {
  const { sent, state } = serve([bytes(5, 1, 2, 1, counted("any"), counted("thing"), toName("a", 1))]);
  assert.deepEqual(sent, [5, 2, 1, 0]);
  assert.equal(state.kind, "connect");
});

Deno.test("BIND, UDP and unknown commands are answered with 7, unknown address types with 8", () => {
  assert.equal(failure(bytes(GREETING, 5, 2, 0, 1, 0)).sent[3], 7);
  assert.match(failure(bytes(GREETING, 5, 2, 0, 1, 0)).reason, /found BIND, wanted CONNECT/);
  assert.match(failure(bytes(GREETING, 5, 3, 0, 1, 0)).reason, /found UDP ASSOCIATE/);
  assert.match(failure(bytes(GREETING, 5, 9, 0, 1, 0)).reason, /found command 9/);
  assert.equal(failure(bytes(GREETING, 5, 1, 0, 2, 0)).sent[3], 8);
});

Deno.test("hosts that are none, and port 0, are answered with 1", () => {
  for (const name of ["", "a b", "a\r\nHost: b", "a/b", "a@b", "a:80", "a\0", "x".repeat(254)]) {
    const { sent, reason } = failure(bytes(GREETING, toName(name, 80)));
    assert.equal(sent[3], 1, name);
    assert.doesNotMatch(reason, /[\r\n\0]/);
  }
  assert.match(failure(bytes(GREETING, toName("a", 0))).reason, /port "0", wanted a number from 1/);
  assert.equal(failure(bytes(GREETING, 5, 1, 0, 3, 2, 255, 254, 0, 80)).sent[3], 1);
});

Deno.test("other protocols are named, and SOCKS 4 is refused in its own words", () => {
  assert.equal(failure(bytes("GET / HTTP/1.1")).reason, "found SOCKS version 71, wanted 5");
  const { sent, reason } = failure(bytes(4, 1, 0, 80, 127, 0, 0, 1, 0));
  assert.deepEqual(sent, [0, 91, 0, 0, 0, 0, 0, 0]);
  assert.match(reason, /found SOCKS 4, wanted SOCKS 5/);
  assert.match(failure(bytes(GREETING, 4)).reason, /found version 4 of the request/);
});

Deno.test("the caller's answer is a whole reply", () => {
  assert.deepEqual([...new SocksServer().reply("succeeded")], [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual([...new SocksServer().reply("refused")], [5, 5, 0, 1, 0, 0, 0, 0, 0, 0]);
});

Deno.test("what comes after the end is a mistake of the caller", () => {
  const server = new SocksServer();
  server.push(bytes("G"));
  assert.throws(() => server.push(bytes("E")), /is over/);
});

Deno.test("whatever comes, cut anywhere, has one outcome, and is held only up to the longest message", () => {
  const start = fc.constantFrom(
    bytes(),
    GREETING,
    bytes(5, 1, 2),
    bytes(5, 1, 2, LOGIN),
    bytes(GREETING, 5, 1, 0, 3),
  );
  const input = fc.tuple(start, fc.uint8Array({ maxLength: 40 }), fc.nat(80));
  fc.assert(fc.property(input, fc.boolean(), ([head, tail, cut], login) => {
    const whole = bytes(head, tail);
    const check = login ? ADMIT : undefined;
    const expected = serve([whole], check);
    assert.deepEqual(serve([whole.slice(0, cut), whole.slice(cut)], check), expected);
    assert.deepEqual(
      serve([...whole].map((byte) => bytes(byte)), check),
      whole.length > 0 ? expected : serve([], check),
    );
  }));
});

Deno.test("no more than 514 bytes can pass without a decision of the server", () => {
  const server = new SocksServer(ADMIT);
  server.push(bytes(5, 255, new Uint8Array(255).fill(2)));
  const longest = bytes(1, 255, new Uint8Array(255), 255, new Uint8Array(255));
  assert.equal(server.push(longest.slice(0, -1)).state.kind, "more");
  assert.equal(server.push(longest.slice(-1)).state.kind, "failed");
});

function failure(
  input: Uint8Array,
  check?: (user: string, password: string) => boolean,
): { readonly sent: readonly number[]; readonly reason: string } {
  const { sent, state } = serve([input], check);
  assert(state.kind === "failed", `it is ${state.kind}`);
  return { sent, reason: state.reason };
}
