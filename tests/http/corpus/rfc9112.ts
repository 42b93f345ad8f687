/** What RFC 9112 prints, or says in an aside, section by section; and the exchange of RFC 9110 §3.9. */
import { type Case, stream } from "./case.ts";

/** The cases of this group. */
export const RFC9112: readonly Case[] = [
  {
    name: "\u00a73.2: the target of http://www.example.org/pub/WWW/",
    kind: "request",
    wire: "GET /pub/WWW/ HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
    becomes: [{ start: "GET /pub/WWW/ HTTP/1.1", fields: ["Host: www.example.org"] }],
  },
  {
    name: "RFC 9110 \u00a73.9: the request of its example",
    kind: "request",
    wire: "GET /hello.txt HTTP/1.1\r\nUser-Agent: curl/7.64.1\r\nHost: www.example.com\r\n" +
      "Accept-Language: en, mi\r\n\r\n",
    becomes: [{
      start: "GET /hello.txt HTTP/1.1",
      fields: ["User-Agent: curl/7.64.1", "Host: www.example.com", "Accept-Language: en, mi"],
    }],
  },
  {
    name: "RFC 9110 \u00a73.9: the response of its example",
    kind: "response",
    wire: "HTTP/1.1 200 OK\r\nDate: Mon, 27 Jul 2009 12:28:53 GMT\r\nServer: Apache\r\n" +
      'ETag: "34aa387-d-1568eb00"\r\nContent-Length: 51\r\nContent-Type: text/plain\r\n\r\n' +
      "Hello World! My content includes a trailing CRLF.\r\n",
    becomes: [{
      start: "HTTP/1.1 200 OK",
      fields: [
        "Date: Mon, 27 Jul 2009 12:28:53 GMT",
        "Server: Apache",
        'ETag: "34aa387-d-1568eb00"',
        "Content-Length: 51",
        "Content-Type: text/plain",
      ],
      body: "Hello World! My content includes a trailing CRLF.\r\n",
    }],
  },
  {
    name: "\u00a73.2.1: origin-form",
    kind: "request",
    wire: "GET /where?q=now HTTP/1.1\r\nHost: www.example.org\r\n\r\n".repeat(2),
    becomes: Array.from({ length: 2 }, () => ({
      start: "GET /where?q=now HTTP/1.1",
      fields: ["Host: www.example.org"],
    })),
  },
  {
    name: "\u00a73.2.2: absolute-form",
    kind: "request",
    wire: "GET http://www.example.org/pub/WWW/TheProject.html HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
    becomes: [{
      start: "GET http://www.example.org/pub/WWW/TheProject.html HTTP/1.1",
      fields: ["Host: www.example.org"],
    }],
  },
  {
    name: "\u00a73.2.3: authority-form",
    kind: "request",
    wire: "CONNECT www.example.com:80 HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
    becomes: [{ start: "CONNECT www.example.com:80 HTTP/1.1", fields: ["Host: www.example.com"] }],
  },
  {
    name: "\u00a73.2.4: asterisk-form, as the last proxy forwards it",
    kind: "request",
    wire: "OPTIONS * HTTP/1.1\r\nHost: www.example.org:8001\r\n\r\n",
    becomes: [{ start: "OPTIONS * HTTP/1.1", fields: ["Host: www.example.org:8001"] }],
  },
  {
    name: "\u00a73.3: an empty Host of an absolute-form target without authority",
    kind: "request",
    wire: "OPTIONS urn:x HTTP/1.1\r\nHost: \r\n\r\n",
    becomes: [{ start: "OPTIONS urn:x HTTP/1.1", fields: ["Host: "] }],
  },
  {
    name: "\u00a75.1: space before the colon of a response is to be removed",
    kind: "response",
    wire: "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nokHTTP/1.1 204 x\r\n\r\n",
    becomes: [
      {
        start: "HTTP/1.1 200 OK",
        fields: ["Content-Length: 2"],
        flags: ["space-before-colon"],
        body: "ok",
        exact: false,
      },
      { start: "HTTP/1.1 204 x" },
    ],
  },
  {
    name: "\u00a76.1: codings in the order in which they were applied",
    kind: "request",
    wire: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\n\x1f\r\n0\r\n\r\n",
    becomes: [{
      start: "POST / HTTP/1.1",
      fields: ["Host: a", "Transfer-Encoding: gzip, chunked"],
      flags: ["odd-transfer-encoding"],
      body: "\x1f",
    }],
  },
  {
    name: "\u00a77.1.1: an extension of a chunk",
    kind: "response",
    wire: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a="b"\r\nWiki\r\n0\r\n\r\n',
    becomes: [{
      start: "HTTP/1.1 200 OK",
      fields: ["Transfer-Encoding: chunked"],
      flags: ["chunk-extension"],
      body: "Wiki",
    }],
  },
  {
    name: "\u00a77.1.3: the decoded length is the sum of the chunks, and trailers stay apart",
    kind: "response",
    wire: "HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "4\r\nWiki\r\n5\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n0\r\nX: 1\r\n\r\n",
    becomes: [{
      start: "HTTP/1.1 200 OK",
      fields: ["Trailer: X", "Transfer-Encoding: chunked"],
      body: "Wikipedia in\r\n\r\nchunks.",
      trailers: ["X: 1"],
    }],
  },
  {
    name: "\u00a711.2: a request in the body of another is no request",
    kind: "request",
    wire:
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\nGET /admin HTTP/1.1\r\nHost: internal\r\n\r\n\0",
    becomes: [{
      start: "POST /a HTTP/1.1",
      fields: ["Host: a", "Content-Length: 40"],
      body: "GET /admin HTTP/1.1\r\nHost: internal\r\n\r\n\0",
    }],
  },
  {
    name: "Appendix C.1: a request of HTTP/0.9 has no version, so it is none",
    kind: "request",
    wire: "GET /hello.txt\r\n",
    becomes: [stream("GET /hello.txt\r\n")],
  },
];
