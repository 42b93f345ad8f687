/** What heads become on their way through a proxy. */
import assert from "node:assert/strict";
import type { RequestHead, ResponseHead } from "../../src/http/head.ts";
import { parseRequestHead, parseResponseHead } from "../../src/http/head_parser.ts";
import { formatAuthority, forwardedHead, returnedHead, routeOf } from "../../src/http/proxy_request.ts";
import { bytesOf, latin1 } from "./events.ts";

function head(wire: string): RequestHead {
  const head = parseRequestHead(bytesOf(wire));
  assert.ok(typeof head === "object", `not a head: ${wire}`);
  return head;
}

/** What becomes of a request, as it is sent to its target. */
function forwarded(wire: string, more: readonly (readonly [string, string])[] = []): string {
  const came = head(wire);
  const decision = routeOf(came);
  assert.ok(decision.kind === "forward");
  const host = formatAuthority(decision.to, decision.tls ? 443 : 80);
  return latin1(forwardedHead(came, { target: decision.path, host, add: more }).bytes);
}

for (
  const [name, wire, want] of [
    [
      "an ordinary request",
      "GET http://a:81/x HTTP/1.1\r\nHost: a:81\r\nX: y\r\n\r\n",
      "GET /x HTTP/1.1\r\nHost: a:81\r\nX: y\r\n\r\n",
    ],
    [
      "a Host that does not fit",
      "GET http://a/x HTTP/1.1\r\nhOST:b\r\n\r\n",
      "GET /x HTTP/1.1\r\nhOST: a\r\n\r\n",
    ],
    [
      "a Host that is missing",
      "GET http://a/x HTTP/1.0\r\nX: y\r\n\r\n",
      "GET /x HTTP/1.0\r\nX: y\r\nHost: a\r\n\r\n",
    ],
    ["an empty Host", "GET http://a/x HTTP/1.1\r\nHost:\r\n\r\n", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"],
    [
      "Host named by Connection",
      "GET http://a/ HTTP/1.1\r\nHost: a\r\nConnection: Host\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    [
      "a port that is the scheme's",
      "GET https://a:443/ HTTP/1.1\r\nHost: a:443\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ["IPv6", "GET http://[::1]:81/ HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: [::1]:81\r\n\r\n"],
    [
      "credentials, and what is for one hop",
      "GET http://a/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic x\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\nConnection: te, x-own\r\nX-Own: 1\r\nAuthorization: Basic y\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic y\r\n\r\n",
    ],
    [
      "framing named by Connection",
      "POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: Content-Length\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
    ],
    [
      "an upgrade",
      "GET http://a/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
    [
      "an upgrade that Connection does not name",
      "GET http://a/ HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    [
      "empty lines before it",
      "\r\n\r\nGET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    [
      "a target that is not UTF-8",
      "GET http://a/\xe9 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    [
      "a target of UTF-8",
      "GET http://a/\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
  ] as const
) {
  Deno.test(`sent on: ${name}`, () => assert.equal(forwarded(wire), want));
}

Deno.test("sent on: what is added, and a target in absolute-form for another proxy", () => {
  const came = head("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n");
  const { bytes, fields } = forwardedHead(came, { target: came.target, host: "a", add: [["Via", "1.1 x"]] });
  assert.equal(latin1(bytes), "GET http://a/ HTTP/1.1\r\nHost: a\r\nVia: 1.1 x\r\n\r\n");
  assert.deepEqual(fields, [["Via", "1.1 x"]]);
});

/** What the client gets of a response. */
function returned(wire: string, closes = false): string {
  const came = parseResponseHead(bytesOf(wire));
  assert.ok(typeof came === "object");
  return latin1(returnedHead(came as ResponseHead, closes, [["Via", "1.1 x"]]));
}

for (
  const [name, closes, fields, want] of [
    ["an ordinary one", false, "Content-Length: 2\r\n", "Content-Length: 2\r\nVia: 1.1 x\r\n"],
    [
      "the client's connection is closed after it",
      true,
      "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nA: b\r\n",
      "A: b\r\nConnection: close\r\nVia: 1.1 x\r\n",
    ],
    [
      "an upgrade",
      false,
      "Connection: Upgrade\r\nUpgrade: websocket\r\n",
      "Upgrade: websocket\r\nConnection: Upgrade\r\nVia: 1.1 x\r\n",
    ],
    [
      "an upgrade that is offered in the last answer",
      true,
      "Connection: Upgrade\r\nUpgrade: h2c\r\n",
      "Upgrade: h2c\r\nConnection: close, Upgrade\r\nVia: 1.1 x\r\n",
    ],
    [
      "a target's challenge as a proxy",
      false,
      "Proxy-Authenticate: Basic\r\nWWW-Authenticate: Basic\r\n",
      "WWW-Authenticate: Basic\r\nVia: 1.1 x\r\n",
    ],
    [
      "both lengths: the one that counts",
      true,
      "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nConnection: close\r\nVia: 1.1 x\r\n",
    ],
    [
      "a length named by Connection",
      false,
      "Content-Length: 2\r\nConnection: Content-Length\r\n",
      "Content-Length: 2\r\nVia: 1.1 x\r\n",
    ],
    [
      "Set-Cookie named by Connection",
      false,
      "Set-Cookie: a\r\nConnection: Set-Cookie\r\n",
      "Set-Cookie: a\r\nVia: 1.1 x\r\n",
    ],
    [
      "a folded field that is dropped",
      false,
      "Connection: x\r\n HTTP/1.1 200 OK\r\nA: b\r\n",
      "A: b\r\nVia: 1.1 x\r\n",
    ],
  ] as const
) {
  Deno.test(`returned: ${name}`, () => {
    assert.equal(returned(`HTTP/1.1 200 OK\r\n${fields}\r\n`, closes), `HTTP/1.1 200 OK\r\n${want}\r\n`);
  });
}
