/** Shapes that two recipients are known to read differently (request smuggling, RFC 9112 §11.2): read by the RFC, marked. */
import { type Becomes, type Case, stream } from "./case.ts";

const GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const get = { start: "GET /x HTTP/1.1", fields: ["Host: a"] };
const CHUNKS = "1\r\nz\r\n0\r\n\r\n";

/** A POST with these field lines, then `rest`; `becomes` is what differs from a POST without a body. */
function post(name: string, lines: string, rest: string, post: Partial<Becomes>, ...after: Becomes[]): Case {
  return {
    name,
    kind: "request",
    wire: `POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n${rest}`,
    becomes: [{ start: "POST / HTTP/1.1", ...post }, ...after],
  };
}

/** Such a POST, whose framing nobody can tell: the rest is a stream. */
function undelimited(name: string, lines: string, fields: string[], is: Partial<Becomes>): Case {
  const rest = CHUNKS + GET;
  return post(name, lines, rest, { fields: ["Host: a", ...fields], state: "cut", ...is }, stream(rest));
}

const TE = "Transfer-Encoding: chunked";

/** The cases of this group. */
export const SMUGGLING: readonly Case[] = [
  post("CL.TE: both, the length first", `Content-Length: 4\r\n${TE}`, CHUNKS + GET, {
    fields: ["Host: a", "Content-Length: 4", TE],
    flags: ["cl-and-te"],
    body: "z",
  }, get),
  post("TE.CL: both, the coding first", `${TE}\r\nContent-Length: 4`, CHUNKS + GET, {
    fields: ["Host: a", TE, "Content-Length: 4"],
    flags: ["cl-and-te"],
    body: "z",
  }, get),
  post("CL.0: a length of 0 beside the coding", `Content-Length: 0\r\n${TE}`, `0\r\n\r\n${GET}`, {
    fields: ["Host: a", "Content-Length: 0", TE],
    flags: ["cl-and-te"],
  }, get),
  post("a bad length beside the coding", `Content-Length: x\r\n${TE}`, CHUNKS + GET, {
    fields: ["Host: a", "Content-Length: x", TE],
    flags: ["cl-and-te", "bad-length"],
    body: "z",
  }, get),
  post("TE.TE: a space before the colon", "Transfer-Encoding : chunked", CHUNKS + GET, {
    fields: ["Host: a", TE],
    flags: ["space-before-colon"],
    body: "z",
    exact: false,
  }, get),
  post("TE.TE: a tab behind the colon", "Transfer-Encoding:\tchunked", CHUNKS + GET, {
    fields: ["Host: a", TE],
    body: "z",
    exact: false,
  }, get),
  post("TE.TE: a tab behind the value", "Transfer-Encoding: chunked\t", CHUNKS + GET, {
    fields: ["Host: a", TE],
    body: "z",
    exact: false,
  }, get),
  post("TE.TE: folded", "Transfer-Encoding:\r\n chunked", CHUNKS + GET, {
    fields: ["Host: a", TE],
    flags: ["obs-fold"],
    body: "z",
    exact: false,
  }, get),
  post("TE.TE: folded into another field", `X: y\r\n ${TE}`, GET, {
    fields: ["Host: a", `X: y ${TE}`],
    flags: ["obs-fold"],
    exact: false,
  }, get),
  post("TE.TE: another case", "tRANSFER-eNCODING: ChUnKeD", CHUNKS + GET, {
    fields: ["Host: a", "tRANSFER-eNCODING: ChUnKeD"],
    body: "z",
  }, get),
  post("TE.TE: empty members of the list", "Transfer-Encoding: , chunked ,", CHUNKS + GET, {
    fields: ["Host: a", "Transfer-Encoding: , chunked ,"],
    body: "z",
  }, get),
  post("TE.TE: chunked twice", "Transfer-Encoding: chunked, chunked", CHUNKS + GET, {
    fields: ["Host: a", "Transfer-Encoding: chunked, chunked"],
    flags: ["odd-transfer-encoding"],
    body: "z",
  }, get),
  post(
    "TE.TE: a second field that says something else first",
    `Transfer-Encoding: x\r\n${TE}`,
    CHUNKS + GET,
    {
      fields: ["Host: a", "Transfer-Encoding: x", TE],
      flags: ["odd-transfer-encoding"],
      body: "z",
    },
    get,
  ),
  post("TE.TE: an underscore is another name", "Transfer_Encoding: chunked", GET, {
    fields: ["Host: a", "Transfer_Encoding: chunked"],
  }, get),
  post("TE.TE: the name ends in a NUL", "Transfer-Encoding\0: chunked", GET, {
    fields: ["Host: a", "Transfer-Encoding\0: chunked"],
    flags: ["bad-field-name", "control-in-field"],
  }, get),
  post("TE.TE: behind a bare CR", `X: y\r${TE}`, GET, {
    fields: ["Host: a", `X: y\r${TE}`],
    flags: ["bare-cr"],
  }, get),
  post("TE.TE: behind a bare LF", `X: y\n${TE}`, CHUNKS + GET, {
    fields: ["Host: a", "X: y", TE],
    flags: ["bare-lf"],
    body: "z",
    exact: false,
  }, get),
  undelimited("TE.TE: xchunked", "Transfer-Encoding: xchunked", ["Transfer-Encoding: xchunked"], {
    flags: ["odd-transfer-encoding"],
  }),
  undelimited("TE.TE: chunked, identity", "Transfer-Encoding: chunked, identity", [
    "Transfer-Encoding: chunked, identity",
  ], { flags: ["odd-transfer-encoding"] }),
  undelimited("TE.TE: a second field of identity", `${TE}\r\nTransfer-Encoding: identity`, [
    TE,
    "Transfer-Encoding: identity",
  ], { flags: ["odd-transfer-encoding"] }),
  undelimited("TE.TE: a vertical tab before the value", "Transfer-Encoding: \x0bchunked", [
    "Transfer-Encoding: \x0bchunked",
  ], { flags: ["control-in-field", "odd-transfer-encoding"] }),
  undelimited("TE.TE: a vertical tab behind the value", "Transfer-Encoding: chunked\x0b", [
    "Transfer-Encoding: chunked\x0b",
  ], { flags: ["control-in-field", "odd-transfer-encoding"] }),
  undelimited("TE.TE: a no-break space before the value", "Transfer-Encoding: \xc2\xa0chunked", [
    "Transfer-Encoding: \u00a0chunked",
  ], { flags: ["odd-transfer-encoding"] }),
  undelimited("TE.TE: quoted", 'Transfer-Encoding: "chunked"', ['Transfer-Encoding: "chunked"'], {
    flags: ["odd-transfer-encoding"],
  }),
  undelimited(
    "TE.TE: with a parameter",
    "Transfer-Encoding: chunked;a=b",
    ["Transfer-Encoding: chunked;a=b"],
    {
      flags: ["odd-transfer-encoding"],
    },
  ),
  undelimited("TE.TE: a NUL in the value", "Transfer-Encoding: chunked\0", ["Transfer-Encoding: chunked\0"], {
    flags: ["control-in-field", "odd-transfer-encoding"],
  }),
  undelimited("TE.TE: a bare CR in the value", "Transfer-Encoding: chunked\r, x", [
    "Transfer-Encoding: chunked\r, x",
  ], { flags: ["bare-cr", "odd-transfer-encoding"] }),
  ...[
    ["a plus", "+5"],
    ["a space inside", "5 5"],
    ["hexadecimal", "0x5"],
    ["negative", "-5"],
    ["a fraction", "5.0"],
    ["an exponent", "5e0"],
    ["an underscore", "5_0"],
    ["huge", "9".repeat(40)],
    ["empty", ""],
    ["an empty member", "5,"],
    ["words", "five"],
  ].map(([what, value]) =>
    undelimited(`a length that is none: ${what}`, `Content-Length: ${value}`, [`Content-Length: ${value}`], {
      flags: ["bad-length"],
    })
  ),
  undelimited("a length that is none: a vertical tab", "Content-Length: \x0b5", ["Content-Length: \x0b5"], {
    flags: ["control-in-field", "bad-length"],
  }),
  undelimited("a length that is none: digits of another script", "Content-Length: \xd9\xa5", [
    "Content-Length: \u0665",
  ], { flags: ["bad-length"] }),
  undelimited("a length that is none: folded in two", "Content-Length: 1\r\n 2", ["Content-Length: 1 2"], {
    flags: ["obs-fold", "bad-length"],
    exact: false,
  }),
  undelimited("two lengths", "Content-Length: 5\r\nContent-Length: 6", [
    "Content-Length: 5",
    "Content-Length: 6",
  ], { flags: ["conflicting-length"] }),
  undelimited("two lengths in one field", "Content-Length: 5, 6", ["Content-Length: 5, 6"], {
    flags: ["conflicting-length"],
  }),
  undelimited("a length and 0", "Content-Length: 5\r\nContent-Length: 0", [
    "Content-Length: 5",
    "Content-Length: 0",
  ], { flags: ["conflicting-length"] }),
  post("a folded length", "Content-Length:\r\n\t1", `z${GET}`, {
    fields: ["Host: a", "Content-Length: 1"],
    flags: ["obs-fold"],
    body: "z",
    exact: false,
  }, get),
  post("a length with a space before the colon", "Content-Length : 1", `z${GET}`, {
    fields: ["Host: a", "Content-Length: 1"],
    flags: ["space-before-colon"],
    body: "z",
    exact: false,
  }, get),
  {
    name: "a length on an indented first line",
    kind: "request",
    wire: `POST / HTTP/1.0\r\n Content-Length: 1\r\n\r\nz${GET}`,
    becomes: [{
      start: "POST / HTTP/1.0",
      fields: ["Content-Length: 1"],
      flags: ["space-before-fields"],
      body: "z",
      exact: false,
    }, get],
  },
  post("a NUL in a value", "X: a\0b", GET, {
    fields: ["Host: a", "X: a\0b"],
    flags: ["control-in-field"],
  }, get),
  {
    name: "a head whose empty line is split by a CR goes on",
    kind: "request",
    wire: `GET / HTTP/1.1\r\nHost: a\r\n\r\r\nX: y\r\n\r\n${GET}`,
    becomes: [{
      start: "GET / HTTP/1.1",
      fields: ["Host: a", "\r: ", "X: y"],
      flags: ["no-colon", "bare-cr"],
      exact: false,
    }, get],
  },
  {
    name: "chunked in an HTTP/1.0 request beside a length",
    kind: "request",
    wire: `POST / HTTP/1.0\r\n${TE}\r\nContent-Length: 1\r\n\r\n${CHUNKS}${GET}`,
    becomes: [{
      start: "POST / HTTP/1.0",
      fields: [TE, "Content-Length: 1"],
      flags: ["cl-and-te", "te-in-http10"],
      body: "z",
    }, get],
  },
  {
    name: "a response split by a field value",
    kind: "response",
    wire:
      "HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz",
    becomes: [
      { start: "HTTP/1.1 302 Found", fields: ["Location: /a", "Content-Length: 0"] },
      { start: "HTTP/1.1 200 OK", fields: ["Content-Length: 1"], body: "z" },
    ],
  },
];
