/** Where a body ends: RFC 9112 §6.3, its steps and their borders. */
import { type Case, stream } from "./case.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const get = { start: "GET / HTTP/1.1", fields: ["Host: a"] };
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const ok = { start: "HTTP/1.1 200 OK", fields: ["Content-Length: 2"], body: "ok" };

/** A POST with this field and what follows it. */
const post = (field: string, rest: string) => `POST / HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n${rest}`;
const posted = (...fields: string[]) => ({ start: "POST / HTTP/1.1", fields: ["Host: a", ...fields] });

/** The cases of this group. */
export const FRAMING: readonly Case[] = [
  {
    name: "Content-Length with leading zeros is a number all the same",
    kind: "request",
    wire: post("Content-Length: 0003", `abc${GET}`),
    becomes: [{ ...posted("Content-Length: 0003"), body: "abc" }, get],
  },
  {
    name: "a Content-Length of many zeros",
    kind: "request",
    wire: post("Content-Length: 000000000000000000000000000000", GET),
    becomes: [posted("Content-Length: 000000000000000000000000000000"), get],
  },
  {
    name: "the greatest length that is read",
    kind: "request",
    wire: post("Content-Length: 9007199254740991", "abc"),
    becomes: [{ ...posted("Content-Length: 9007199254740991"), body: "abc", state: "cut" }],
  },
  {
    name: "one more than that is no length any more",
    kind: "request",
    wire: post("Content-Length: 9007199254740992", "abc"),
    becomes: [
      { ...posted("Content-Length: 9007199254740992"), flags: ["bad-length"], state: "cut" },
      stream("abc"),
    ],
  },
  {
    name: "white space around the length belongs to the field line",
    kind: "request",
    wire: post("Content-Length: \t 3 \t", `abc${GET}`),
    becomes: [{ ...posted("Content-Length: 3"), body: "abc", exact: false }, get],
  },
  {
    name: "no white space before the length",
    kind: "request",
    wire: post("Content-Length:3", `abc${GET}`),
    becomes: [{ ...posted("Content-Length: 3"), body: "abc", exact: false }, get],
  },
  {
    name: "the length in an odd case",
    kind: "request",
    wire: post("cOnTeNt-LeNgTh: 3", `abc${GET}`),
    becomes: [{ ...posted("cOnTeNt-LeNgTh: 3"), body: "abc" }, get],
  },
  {
    name: "fields whose names only begin like Content-Length do not count",
    kind: "request",
    wire: post("Content-Length-X: 3\r\nX-Content-Length: 4", GET),
    becomes: [posted("Content-Length-X: 3", "X-Content-Length: 4"), get],
  },
  {
    name: "the same length twice counts once",
    kind: "request",
    wire: post("Content-Length: 3\r\nContent-Length: 3", `abc${GET}`),
    becomes: [{
      ...posted("Content-Length: 3", "Content-Length: 3"),
      flags: ["duplicate-length"],
      body: "abc",
    }, get],
  },
  {
    name: "the same length in a list counts once (\u00a76.3 step 5)",
    kind: "response",
    wire: `HTTP/1.1 200 OK\r\nContent-Length: 2, 2,2\r\n\r\nok${OK}`,
    becomes: [{
      start: "HTTP/1.1 200 OK",
      fields: ["Content-Length: 2, 2,2"],
      flags: ["duplicate-length"],
      body: "ok",
    }, ok],
  },
  {
    name: "a response with two lengths lasts until the connection ends",
    kind: "response",
    wire: `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!`,
    becomes: [{
      start: "HTTP/1.1 200 OK",
      fields: ["Content-Length: 2", "Content-Length: 3"],
      flags: ["conflicting-length"],
      body: "ok!",
    }],
  },
  {
    name: "a response whose length is no number lasts until the connection ends",
    kind: "response",
    wire: `HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok${OK}`,
    becomes: [{
      start: "HTTP/1.1 200 OK",
      fields: ["Content-Length: two"],
      flags: ["bad-length"],
      body: `ok${OK}`,
    }],
  },
  {
    name: "Transfer-Encoding overrides Content-Length (step 3)",
    kind: "response",
    wire:
      `HTTP/1.1 200 OK\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n${OK}`,
    becomes: [{
      start: "HTTP/1.1 200 OK",
      fields: ["Content-Length: 100", "Transfer-Encoding: chunked"],
      flags: ["cl-and-te"],
      body: "x",
    }, ok],
  },
  {
    name: "chunked over gzip: the chunks delimit, gzip stays on",
    kind: "response",
    wire: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n\x1f\x8b\r\n0\r\n\r\n",
    becomes: [{
      start: "HTTP/1.1 200 OK",
      fields: ["Transfer-Encoding: gzip, chunked"],
      flags: ["odd-transfer-encoding"],
      body: "\x1f\x8b",
    }],
  },
  {
    name: "chunked over gzip in two fields",
    kind: "request",
    wire: post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", `1\r\nx\r\n0\r\n\r\n${GET}`),
    becomes: [{
      ...posted("Transfer-Encoding: gzip", "Transfer-Encoding: chunked"),
      flags: ["odd-transfer-encoding"],
      body: "x",
    }, get],
  },
  {
    name: "a response whose last coding is not chunked lasts until the connection ends (step 4)",
    kind: "response",
    wire: `HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nab`,
    becomes: [{
      start: "HTTP/1.1 200 OK",
      fields: ["Transfer-Encoding: gzip", "Content-Length: 1"],
      flags: ["cl-and-te", "odd-transfer-encoding"],
      body: "ab",
    }],
  },
  {
    name: "a request whose last coding is not chunked has no end that could be told (step 4)",
    kind: "request",
    wire: post("Transfer-Encoding: chunked, gzip", `abc${GET}`),
    becomes: [{
      ...posted("Transfer-Encoding: chunked, gzip"),
      flags: ["odd-transfer-encoding"],
      state: "cut",
    }, stream(`abc${GET}`)],
  },
  {
    name: "a lone identity is no coding (RFC 2616 \u00a74.4)",
    kind: "response",
    wire: `HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok${OK}`,
    becomes: [{
      start: "HTTP/1.1 200 OK",
      fields: ["Transfer-Encoding: identity", "Content-Length: 2"],
      flags: ["cl-and-te", "odd-transfer-encoding"],
      body: "ok",
    }, ok],
  },
  {
    name: "chunked in an HTTP/1.0 message is read, and marked (\u00a76.1)",
    kind: "response",
    wire: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    becomes: [{
      start: "HTTP/1.0 200 OK",
      fields: ["Transfer-Encoding: chunked"],
      flags: ["te-in-http10"],
      body: "x",
    }],
  },
  {
    name: "a length in a 204 is marked, and has no body",
    kind: "response",
    wire: `HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n${OK}`,
    becomes: [{
      start: "HTTP/1.1 204 No Content",
      fields: ["Content-Length: 5"],
      flags: ["length-not-allowed"],
    }, ok],
  },
  {
    name: "Transfer-Encoding in an interim response is marked, and has no body",
    kind: "response",
    wire: `HTTP/1.1 103 x\r\nTransfer-Encoding: chunked\r\n\r\n${OK}`,
    becomes: [{
      start: "HTTP/1.1 103 x",
      fields: ["Transfer-Encoding: chunked"],
      flags: ["length-not-allowed"],
    }, ok],
  },
  {
    name: "what follows a message without a body is the next message or nothing",
    kind: "response",
    wire: "HTTP/1.1 204 No Content\r\n\r\nunexpected",
    becomes: [{ start: "HTTP/1.1 204 No Content" }, stream("unexpected")],
  },
];
