/** Messages that break the grammar, yet have one meaning: read, and marked. */
import { type Case, stream } from "./case.ts";

const get = { start: "GET / HTTP/1.1", fields: ["Host: a"] };

/** The cases of this group. */
export const ODD: readonly Case[] = [
  {
    name: "lines that end in LF alone (RFC 9112 \u00a72.2)",
    kind: "request",
    wire: "GET / HTTP/1.1\nHost: a\n\n",
    becomes: [{ ...get, flags: ["bare-lf"], exact: false }],
  },
  {
    name: "one line of many that ends in LF alone",
    kind: "response",
    wire: "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 1\r\n\r\nx",
    becomes: [{
      start: "HTTP/1.1 200 OK",
      fields: ["A: b", "Content-Length: 1"],
      flags: ["bare-lf"],
      body: "x",
      exact: false,
    }],
  },
  {
    name: "an empty line that is LF alone behind CRLF lines",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [{ ...get, flags: ["bare-lf"], exact: false }, get],
  },
  {
    name: "empty lines before a request (\u00a72.2)",
    kind: "request",
    wire: "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [{ ...get, flags: ["leading-blank-line"], exact: false }],
  },
  {
    name: "CRLF behind the body of a POST, as old browsers sent it",
    kind: "request",
    wire: "POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\nx\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [
      { start: "POST / HTTP/1.0", fields: ["Content-Length: 1"], body: "x" },
      { ...get, flags: ["leading-blank-line"], exact: false },
    ],
  },
  {
    name: "empty lines before a response",
    kind: "response",
    wire: "\r\nHTTP/1.1 204 x\r\n\r\n",
    becomes: [{ start: "HTTP/1.1 204 x", flags: ["leading-blank-line"], exact: false }],
  },
  {
    name: "as many empty lines as are taken",
    kind: "request",
    wire: `${"\r\n".repeat(32)}GET / HTTP/1.1\r\nHost: a\r\n\r\n`,
    becomes: [{ ...get, flags: ["leading-blank-line"], exact: false }],
  },
  {
    name: "one empty line more than that is no message",
    kind: "request",
    wire: `${"\r\n".repeat(33)}GET / HTTP/1.1\r\nHost: a\r\n\r\n`,
    becomes: [stream(`${"\r\n".repeat(33)}GET / HTTP/1.1\r\nHost: a\r\n\r\n`)],
  },
  {
    name: "a folded field (\u00a75.2)",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\nX: one\r\n two\r\n\t three \r\n\r\n",
    becomes: [{ ...get, fields: ["Host: a", "X: one two three"], flags: ["obs-fold"], exact: false }],
  },
  {
    name: "a field folded behind nothing, and by nothing",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\nX:\r\n one\r\n \r\n two\r\nY: z\r\n\r\n",
    becomes: [{ ...get, fields: ["Host: a", "X: one two", "Y: z"], flags: ["obs-fold"], exact: false }],
  },
  {
    name: "folding takes SP and HTAB away, and no other space",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\nX: \xc2\xa0b\r\n c\xc2\xa0\r\n\r\n",
    becomes: [{ ...get, fields: ["Host: a", "X: \u00a0b c\u00a0"], flags: ["obs-fold"], exact: false }],
  },
  {
    name: "white space before the colon (\u00a75.1)",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost \t: a\r\n\r\n",
    becomes: [{ ...get, flags: ["space-before-colon"], exact: false }],
  },
  {
    name: "white space before the first field (\u00a72.2)",
    kind: "request",
    wire: "GET / HTTP/1.1\r\n Host: a\r\nX: y\r\n\r\n",
    becomes: [{ ...get, fields: ["Host: a", "X: y"], flags: ["space-before-fields"], exact: false }],
  },
  {
    name: "a line without a colon",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n",
    becomes: [{ ...get, fields: ["Host: a", "nothing: "], flags: ["no-colon"], exact: false }],
  },
  {
    name: "a field name that is no token, and one that is empty",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n: 2\r\n(Z): 3\r\n\r\n",
    becomes: [{ ...get, fields: ["Host: a", "X Y: 1", ": 2", "(Z): 3"], flags: ["bad-field-name"] }],
  },
  {
    name: "no space, two, or a tab behind the colon",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost:a\r\nX:  b\r\nY:\tc\r\n\r\n",
    becomes: [{ ...get, fields: ["Host: a", "X: b", "Y: c"], exact: false }],
  },
  {
    name: "white space behind a value",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a \t\r\n\r\n",
    becomes: [{ ...get, exact: false }],
  },
  {
    name: "a value that is not UTF-8 is read as ISO 8859-1",
    kind: "response",
    wire: "HTTP/1.1 200 \xd6K\r\nX: caf\xe9\r\nContent-Length: 0\r\n\r\n",
    becomes: [{
      start: "HTTP/1.1 200 \u00d6K",
      fields: ["X: caf\u00e9", "Content-Length: 0"],
      exact: false,
    }],
  },
  {
    name: "spaces and tabs in the request line (\u00a73)",
    kind: "request",
    wire: "GET  /  HTTP/1.1 \r\nHost: a\r\n\r\nGET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [
      { ...get, flags: ["odd-start-line"], exact: false },
      { ...get, flags: ["odd-start-line"], exact: false },
    ],
  },
  {
    name: "a space inside the target",
    kind: "request",
    wire: "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [{ ...get, start: "GET /a b HTTP/1.1", flags: ["odd-start-line"] }],
  },
  {
    name: "bytes above 0x7F in the target",
    kind: "request",
    wire: "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\nGET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [
      { ...get, start: "GET /\u00e9 HTTP/1.1" },
      { ...get, start: "GET /\u00e9 HTTP/1.1", exact: false },
    ],
  },
  {
    name: "a status line without reason and its space, as many servers write it",
    kind: "response",
    wire: "HTTP/1.1 204\r\n\r\n",
    becomes: [{ start: "HTTP/1.1 204 ", exact: false }],
  },
  {
    name: "two spaces before the status, a tab behind it",
    kind: "response",
    wire: "HTTP/1.1  204 x\r\n\r\nHTTP/1.1 204\tx\r\n\r\n",
    becomes: [
      { start: "HTTP/1.1 204 x", flags: ["odd-start-line"], exact: false },
      { start: "HTTP/1.1 204 x", exact: false },
    ],
  },
  {
    name: "no Host in HTTP/1.1, and two (RFC 9112 \u00a73.2)",
    kind: "request",
    wire: "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
    becomes: [
      { start: "GET / HTTP/1.1", flags: ["no-host"] },
      { ...get, fields: ["Host: a", "host: b"], flags: ["duplicate-host"] },
    ],
  },
];
