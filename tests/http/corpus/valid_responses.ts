/** Responses as RFC 9112 §4 and §6.3 want them. */
import type { Case } from "./case.ts";

const ok = { start: "HTTP/1.1 200 OK", fields: ["Content-Length: 2"], body: "ok" };
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** The cases of this group. */
export const VALID_RESPONSES: readonly Case[] = [
  { name: "a response with Content-Length", kind: "response", wire: OK, becomes: [ok] },
  { name: "two of them on one connection", kind: "response", wire: OK + OK, becomes: [ok, ok] },
  {
    name: "an empty body: Content-Length 0 ends at once",
    kind: "response",
    wire: `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n${OK}`,
    becomes: [{ start: "HTTP/1.1 200 OK", fields: ["Content-Length: 0"] }, ok],
  },
  {
    name: "an HTTP/1.0 body lasts until the connection ends",
    kind: "response",
    wire: "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall\r\n\r\nof it",
    becomes: [{ start: "HTTP/1.0 200 OK", fields: ["Content-Type: text/plain"], body: "all\r\n\r\nof it" }],
  },
  {
    name: "so does an HTTP/1.1 body without a length",
    kind: "response",
    wire: `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${OK}`,
    becomes: [{ start: "HTTP/1.1 200 OK", fields: ["Connection: close"], body: OK }],
  },
  {
    name: "a close-delimited body may be empty",
    kind: "response",
    wire: "HTTP/1.1 404 Not Found\r\n\r\n",
    becomes: [{ start: "HTTP/1.1 404 Not Found" }],
  },
  {
    name: "an empty reason phrase, its space written",
    kind: "response",
    wire: "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
    becomes: [{ ...ok, start: "HTTP/1.1 200 " }],
  },
  {
    name: "a reason phrase of several words, in UTF-8",
    kind: "response",
    wire: "HTTP/1.1 404 Nicht  gefunden \xc3\xbc\r\nContent-Length: 0\r\n\r\n",
    becomes: [{ start: "HTTP/1.1 404 Nicht  gefunden \u00fc", fields: ["Content-Length: 0"] }],
  },
  {
    name: "100 Continue has no body; the final response follows",
    kind: "response",
    wire: `HTTP/1.1 100 Continue\r\n\r\n${OK}`,
    becomes: [{ start: "HTTP/1.1 100 Continue" }, ok],
  },
  {
    name: "several interim responses with fields",
    kind: "response",
    wire: "HTTP/1.1 102 Processing\r\n\r\n" +
      `HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\nHTTP/1.1 199 x\r\n\r\n${OK}`,
    becomes: [
      { start: "HTTP/1.1 102 Processing" },
      { start: "HTTP/1.1 103 Early Hints", fields: ["Link: </s.css>; rel=preload"] },
      { start: "HTTP/1.1 199 x" },
      ok,
    ],
  },
  {
    name: "204 has no body, whatever follows",
    kind: "response",
    wire: `HTTP/1.1 204 No Content\r\n\r\n${OK}`,
    becomes: [{ start: "HTTP/1.1 204 No Content" }, ok],
  },
  {
    name: "304 has no body: its Content-Length is that of the representation",
    kind: "response",
    wire: `HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: "x"\r\n\r\n${OK}`,
    becomes: [{ start: "HTTP/1.1 304 Not Modified", fields: ["Content-Length: 1000", 'ETag: "x"'] }, ok],
  },
  {
    name: "a 304 with Transfer-Encoding has no body either",
    kind: "response",
    wire: `HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n${OK}`,
    becomes: [{ start: "HTTP/1.1 304 Not Modified", fields: ["Transfer-Encoding: chunked"] }, ok],
  },
  {
    name: "the answer to HEAD has no body, whatever its length says",
    kind: "response",
    head: true,
    wire:
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "HTTP/1.1 404 x\r\n\r\n",
    becomes: [
      { start: "HTTP/1.1 200 OK", fields: ["Content-Length: 2"] },
      { start: "HTTP/1.1 200 OK", fields: ["Transfer-Encoding: chunked"] },
      { start: "HTTP/1.1 404 x" },
    ],
  },
  {
    name: "a 205 is framed like any other response",
    kind: "response",
    wire: `HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n${OK}`,
    becomes: [{ start: "HTTP/1.1 205 Reset Content", fields: ["Content-Length: 0"] }, ok],
  },
  {
    name: "status codes nobody knows are read by their framing",
    kind: "response",
    wire: `HTTP/1.1 299 x\r\nContent-Length: 1\r\n\r\ny${OK}`,
    becomes: [{ start: "HTTP/1.1 299 x", fields: ["Content-Length: 1"], body: "y" }, ok],
  },
  {
    name: "a status outside 100\u2013599 counts as 5xx: it is final and has a body (RFC 9110 \u00a715)",
    kind: "response",
    wire: `HTTP/1.1 999 No\r\nContent-Length: 1\r\n\r\ny` + `HTTP/1.1 042 No\r\nContent-Length: 1\r\n\r\nz`,
    becomes: [
      { start: "HTTP/1.1 999 No", fields: ["Content-Length: 1"], body: "y" },
      // 42 is written back as `42`: numbers lose their leading zero, so the head is not exact.
      { start: "HTTP/1.1 42 No", fields: ["Content-Length: 1"], body: "z", exact: false },
    ],
  },
  {
    name: "after 101 comes another protocol",
    kind: "response",
    wire:
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n\x81\x01aHTTP/1.1 200",
    becomes: [
      {
        start: "HTTP/1.1 101 Switching Protocols",
        fields: ["Upgrade: x", "Connection: Upgrade"],
        state: "cut",
      },
      { start: "stream", body: "\x81\x01aHTTP/1.1 200", reason: "upgraded" },
    ],
  },
  {
    name: "several Set-Cookie fields stay several, in order",
    kind: "response",
    wire: "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX: y\r\nSet-Cookie: b=2, c\r\nContent-Length: 2\r\n\r\nok",
    becomes: [{ ...ok, fields: ["Set-Cookie: a=1", "X: y", "Set-Cookie: b=2, c", "Content-Length: 2"] }],
  },
  {
    name: "a body that looks like a response is a body",
    kind: "response",
    wire: `HTTP/1.1 200 OK\r\nContent-Length: ${OK.length}\r\n\r\n${OK}${OK}`,
    becomes: [{ start: "HTTP/1.1 200 OK", fields: [`Content-Length: ${OK.length}`], body: OK }, ok],
  },
  {
    name: "HTTP/1.0 with keep-alive and a length",
    kind: "response",
    wire: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok" + OK,
    becomes: [
      { start: "HTTP/1.0 200 OK", fields: ["Connection: keep-alive", "Content-Length: 2"], body: "ok" },
      ok,
    ],
  },
];
