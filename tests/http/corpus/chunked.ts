/** The chunked transfer coding: RFC 9112 §7.1. */
import { type Becomes, type Case, stream } from "./case.ts";

const HEAD = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const head = { start: "POST / HTTP/1.1", fields: ["Host: a", "Transfer-Encoding: chunked"] };
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const get = { start: "GET / HTTP/1.1", fields: ["Host: a"] };

/** A chunked request and another behind it. */
function good(name: string, chunks: string, becomes: Partial<Becomes>): Case {
  return { name, kind: "request", wire: HEAD + chunks + GET, becomes: [{ ...head, ...becomes }, get] };
}

/** Chunks that break: what comes from the broken line on is a stream. */
function broken(name: string, chunks: string, rest: string, becomes: Partial<Becomes> = {}): Case {
  return {
    name,
    kind: "request",
    wire: HEAD + chunks + rest,
    becomes: [{ ...head, state: "cut", ...becomes }, stream(rest)],
  };
}

/** The cases of this group. */
export const CHUNKED: readonly Case[] = [
  good("two chunks", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", { body: "abcde" }),
  good("no chunk but the last", "0\r\n\r\n", {}),
  good("a size in hexadecimal, in either case", `a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n`, {
    body: "01234567890123456789a",
  }),
  good("a size of two digits", `1A\r\n${"x".repeat(26)}\r\n0\r\n\r\n`, { body: "x".repeat(26) }),
  good("leading zeros of a size", "0000000000000000000003\r\nabc\r\n0\r\n\r\n", { body: "abc" }),
  good("a last chunk of several zeros", "1\r\nx\r\n00000\r\n\r\n", { body: "x" }),
  good("CR, LF and things like sizes inside the data", "9\r\n\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n", {
    body: "\r\n0\r\n\r\n\r\n",
  }),
  good("bytes of any value", "5\r\n\0\xff\x80\x7f\x01\r\n0\r\n\r\n", { body: "\0\xff\x80\x7f\x01" }),
  good("extensions are marked and left out", '3;a=b;c="d;e";f\r\nabc\r\n0;last\r\n\r\n', {
    body: "abc",
    flags: ["chunk-extension"],
  }),
  good("white space around an extension's semicolon is grammatical", "3 ; a = b\r\nabc\r\n0\r\n\r\n", {
    body: "abc",
    flags: ["chunk-extension"],
  }),
  good("white space behind a size", "3 \r\nabc\r\n0\t\r\n\r\n", { body: "abc", flags: ["odd-chunk-size"] }),
  good("white space before a size", " 3\r\nabc\r\n\t0\r\n\r\n", { body: "abc", flags: ["odd-chunk-size"] }),
  good("trailers", "1\r\nx\r\n0\r\nX-Sum: 1\r\nServer-Timing: a;dur=2\r\n\r\n", {
    body: "x",
    trailers: ["X-Sum: 1", "Server-Timing: a;dur=2"],
  }),
  good(
    "trailers that name a length change nothing",
    "0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n",
    {
      trailers: ["Content-Length: 9", "Transfer-Encoding: x"],
    },
  ),
  good(
    "an odd trailer section: folded, without colon, with a space before the colon",
    "0\r\nA : 1\r\n 2\r\nB\r\n\r\n",
    {
      trailers: ["A: 1 2", "B: "],
      flags: ["space-before-colon", "obs-fold", "no-colon"],
    },
  ),
  good("control characters in a trailer are marked", "0\r\nA: x\0y\r\n\r\n", {
    trailers: ["A: x\0y"],
    flags: ["control-in-field"],
  }),
  good("LF alone ends lines of the framing", "3\nabc\n0\n\n", { body: "abc", flags: ["bare-lf"] }),
  good("LF alone behind the data only", "3\r\nabc\n0\r\n\r\n", { body: "abc", flags: ["bare-lf"] }),
  good("LF alone behind the last chunk only", "1\r\nx\r\n0\r\n\n", { body: "x", flags: ["bare-lf"] }),
  good("an LF ends an extension, whatever comes next", "1;a\nx\r\n0\r\n\r\n", {
    body: "x",
    flags: ["bare-lf", "chunk-extension"],
  }),
  good("a CR inside an extension is marked", "1;a\rb\r\nx\r\n0\r\n\r\n", {
    body: "x",
    flags: ["chunk-extension", "odd-chunk-size"],
  }),
  good("a NUL inside an extension is marked", "1;a\0b\r\nx\r\n0\r\n\r\n", {
    body: "x",
    flags: ["chunk-extension", "odd-chunk-size"],
  }),
  broken("a size with 0x is none", "", "0x3\r\nabc\r\n0\r\n\r\n"),
  broken("a negative size is none", "", "-1\r\nabc\r\n0\r\n\r\n"),
  broken("a size with a plus is none", "", "+3\r\nabc\r\n0\r\n\r\n"),
  broken("two sizes in one line are none", "", "1 2\r\nx\r\n0\r\n\r\n"),
  broken("a size of letters is none", "", "g\r\nabc\r\n0\r\n\r\n"),
  broken("an empty size line is none", "1\r\nx\r\n", "\r\n0\r\n\r\n", { body: "x" }),
  broken("a size line of an extension only is none", "", ";a=b\r\nx\r\n0\r\n\r\n"),
  broken("a size of 2^53 overflows", "", "20000000000000\r\nabc"),
  broken("a size of 2^64 + 1 overflows", "1\r\nx\r\n", "10000000000000001\r\nabc\r\n0\r\n\r\n", {
    body: "x",
  }),
  broken("a size of a hundred digits overflows", "", `${"f".repeat(100)}\r\nabc`),
  broken("data longer than its chunk", "3\r\nabc", "d\r\n0\r\n\r\n", { body: "abc" }),
  broken("a CR without LF behind the data", "3\r\nabc", "\r0\r\n\r\n", { body: "abc" }),
  broken("data shorter than its chunk takes the framing for data, then breaks", "5\r\nabc\r\n", "0\r\n\r\n", {
    body: "abc\r\n",
  }),
  {
    name: "the greatest size that is read",
    kind: "request",
    wire: `${HEAD}1fffffffffffff\r\nabc`,
    becomes: [{ ...head, body: "abc", state: "cut" }],
  },
];
