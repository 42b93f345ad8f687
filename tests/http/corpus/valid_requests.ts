/** Requests as RFC 9112 §3 and RFC 9110 §9 want them. */
import type { Case } from "./case.ts";

const get = { start: "GET / HTTP/1.1", fields: ["Host: a"] };

/** The cases of this group. */
export const VALID_REQUESTS: readonly Case[] = [
  {
    name: "the smallest HTTP/1.1 request",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [get],
  },
  {
    name: "an HTTP/1.0 request needs no Host, nor any field",
    kind: "request",
    wire: "GET /index.html HTTP/1.0\r\n\r\n",
    becomes: [{ start: "GET /index.html HTTP/1.0" }],
  },
  {
    name: "a query and percent-encoding stay as written",
    kind: "request",
    wire: "GET /a%20b?x=1&y=%C3%A9#no HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [{ start: "GET /a%20b?x=1&y=%C3%A9#no HTTP/1.1", fields: ["Host: a"] }],
  },
  {
    name: "absolute-form, as proxies get it",
    kind: "request",
    wire: "GET http://www.example.org/pub/WWW/ HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
    becomes: [{ start: "GET http://www.example.org/pub/WWW/ HTTP/1.1", fields: ["Host: www.example.org"] }],
  },
  {
    name: "authority-form of CONNECT",
    kind: "request",
    wire: "CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n",
    becomes: [{ start: "CONNECT www.example.com:443 HTTP/1.1", fields: ["Host: www.example.com:443"] }],
  },
  {
    name: "authority-form with an IPv6 address",
    kind: "request",
    wire: "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n",
    becomes: [{ start: "CONNECT [::1]:8443 HTTP/1.1", fields: ["Host: [::1]:8443"] }],
  },
  {
    name: "asterisk-form of OPTIONS",
    kind: "request",
    wire: "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [{ start: "OPTIONS * HTTP/1.1", fields: ["Host: a"] }],
  },
  {
    name: "a POST with Content-Length",
    kind: "request",
    wire: "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    becomes: [{ start: "POST /x HTTP/1.1", fields: ["Host: a", "Content-Length: 5"], body: "hello" }],
  },
  {
    name: "a POST without Content-Length has no body",
    kind: "request",
    wire: "POST /x HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [{ start: "POST /x HTTP/1.1", fields: ["Host: a"] }, get],
  },
  {
    name: "a GET with a body, which is odd but allowed",
    kind: "request",
    wire: "GET /_search HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
    becomes: [{ start: "GET /_search HTTP/1.1", fields: ["Host: a", "Content-Length: 2"], body: "{}" }],
  },
  {
    name: "three requests pipelined, the middle one with a body",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\n\r\nPUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" +
      "DELETE /3 HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [
      get,
      { start: "PUT /2 HTTP/1.1", fields: ["Host: a", "Content-Length: 3"], body: "abc" },
      { start: "DELETE /3 HTTP/1.1", fields: ["Host: a"] },
    ],
  },
  {
    name: "the same request five times, as benchmarks send it",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5),
    becomes: [get, get, get, get, get],
  },
  {
    name: "heads that begin alike and end differently",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n" +
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [get, { ...get, fields: ["Host: a", "X: 1"] }, get],
  },
  {
    name: "methods beyond the usual: WebDAV, UPnP, and one of one's own",
    kind: "request",
    wire: "PROPFIND /d HTTP/1.1\r\nHost: a\r\n\r\nM-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n" +
      "x!#$%&'*+-.^_`|~9 / HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [
      { start: "PROPFIND /d HTTP/1.1", fields: ["Host: a"] },
      { start: "M-SEARCH * HTTP/1.1", fields: ["HOST: 239.255.255.250:1900"] },
      { start: "x!#$%&'*+-.^_`|~9 / HTTP/1.1", fields: ["Host: a"] },
    ],
  },
  {
    name: "field names in any case, and a field that comes twice",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nhOsT: a\r\nACCEPT: x\r\naccept: y\r\n\r\n",
    becomes: [{ start: "GET / HTTP/1.1", fields: ["hOsT: a", "ACCEPT: x", "accept: y"] }],
  },
  {
    name: "an empty value written with its space",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: \r\nX: \r\n\r\n",
    becomes: [{ start: "GET / HTTP/1.1", fields: ["Host: ", "X: "] }],
  },
  {
    name: "colons, quotes and commas inside a value",
    kind: "request",
    wire: 'GET / HTTP/1.1\r\nHost: a:80\r\nX: "a, b": c;d=":"\r\n\r\n',
    becomes: [{ start: "GET / HTTP/1.1", fields: ["Host: a:80", 'X: "a, b": c;d=":"'] }],
  },
  {
    name: "a body that looks like a request is a body",
    kind: "request",
    wire: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\nGET /x HTTP/1.1\r\nHost: b\r\n\r\n",
    becomes: [{
      start: "POST / HTTP/1.1",
      fields: ["Host: a", "Content-Length: 27"],
      body: "GET /x HTTP/1.1\r\nHost: b\r\n\r",
    }, { start: "stream", body: "\n", reason: "cut" }],
  },
  {
    name: "a body of any bytes",
    kind: "request",
    wire: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n\0\xff\r\n\r\n\x80",
    becomes: [{
      start: "POST / HTTP/1.1",
      fields: ["Host: a", "Content-Length: 7"],
      body: "\0\xff\r\n\r\n\x80",
    }],
  },
  {
    name: "a UTF-8 value is read as UTF-8",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\nX: caf\xc3\xa9 \xe2\x82\xac\r\n\r\n",
    becomes: [{ start: "GET / HTTP/1.1", fields: ["Host: a", "X: caf\u00e9 \u20ac"] }],
  },
  {
    name: "HTTP/1.2 is a higher minor version of HTTP/1 (RFC 9110 \u00a72.5)",
    kind: "request",
    wire: "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
    becomes: [{ start: "GET / HTTP/1.2", fields: ["Host: a"] }],
  },
  {
    name: "Expect: 100-continue does not change the framing",
    kind: "request",
    wire: "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    becomes: [{
      start: "PUT / HTTP/1.1",
      fields: ["Host: a", "Expect: 100-continue", "Content-Length: 1"],
      body: "x",
    }],
  },
  {
    name: "Connection: close does not change the framing of a request",
    kind: "request",
    wire: "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    becomes: [{ start: "GET / HTTP/1.1", fields: ["Host: a", "Connection: close"] }, get],
  },
];
