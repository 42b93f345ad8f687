/** Where requests to a proxy go, and which are refused. */
import assert from "node:assert/strict";
import type { RequestHead } from "../../src/http/head.ts";
import { parseRequestHead } from "../../src/http/head_parser.ts";
import { formatAuthority, type ProxyRoute, routeOf } from "../../src/http/proxy_request.ts";
import { bytesOf } from "./events.ts";

function head(wire: string): RequestHead {
  const head = parseRequestHead(bytesOf(wire));
  assert.ok(typeof head === "object", `not a head: ${wire}`);
  return head;
}

/** A decision as one line. */
function told(route: ProxyRoute): string {
  if (route.kind === "refuse") return `refuse ${route.status}`;
  const to = formatAuthority(route.to);
  return route.kind === "tunnel" ? `tunnel ${to}` : `${route.tls ? "tls " : ""}${to} ${route.path}`;
}

const route = (target: string, method = "GET") =>
  routeOf(head(`${method} ${target} HTTP/1.1\r\nHost: h\r\n\r\n`));

for (
  const [target, want, method] of [
    ["http://a/x?y", "a:80 /x?y"],
    ["HTTP://A.Example:8080/", "A.Example:8080 /"],
    ["http://a", "a:80 /"],
    ["http://a?x=1", "a:80 /?x=1"],
    ["http://a?/b", "a:80 /?/b"],
    ["http://a#part", "a:80 /"],
    ["http://a/x#part?/", "a:80 /x"],
    ["http://a:/", "a:80 /"],
    ["http://a:00081/", "a:81 /"],
    ["https://a/x", "tls a:443 /x"],
    ["https://a:80/x", "tls a:80 /x"],
    ["ws://a/chat", "a:80 /chat"],
    ["wss://a/chat", "tls a:443 /chat"],
    ["http://[::1]:81/x", "[::1]:81 /x"],
    ["http://[2001:DB8::1]", "[2001:DB8::1]:80 /"],
    ["http://[::ffff:127.0.0.1]/", "[::ffff:127.0.0.1]:80 /"],
    ["http://127.0.0.1/", "127.0.0.1:80 /"],
    ["http://a_b.example/", "a_b.example:80 /"],
    ["http://a.example./", "a.example.:80 /"],
    ["http://a/%00%0d%0a/../b;c='\"<>{}|\\^`@,", "a:80 /%00%0d%0a/../b;c='\"<>{}|\\^`@,"],
    ["http://a//b", "a:80 //b"],
    ["http://a/http://b/", "a:80 /http://b/"],
    ["http://a/*", "a:80 /*"],
    [`http://a/${"x".repeat(100_000)}`, `a:80 /${"x".repeat(100_000)}`],
    ["http://a", "a:80 *", "OPTIONS"],
    ["http://a#x", "a:80 *", "OPTIONS"],
    ["http://a/", "a:80 /", "OPTIONS"],
    ["http://a?x", "a:80 /?x", "OPTIONS"],
    ["a:443", "tunnel a:443", "CONNECT"],
    ["[::1]:443", "tunnel [::1]:443", "CONNECT"],
  ] as const
) {
  Deno.test(`goes on: ${method ?? "GET"} ${target.slice(0, 60)}`, () => {
    assert.equal(told(route(target, method)), want);
  });
}

for (
  const [target, method] of [
    ...["/x", "*", "a:80", "x", "//a/x", "http:/a/x", "http:a", "http//a/"],
    ...["ftp://a/", "file:///etc/passwd", "data://a/", "http+unix://a/", "gopher://a/"],
    ...["http:///x", "http://:80/", "http://a:0/", "http://a:65536/", "http://a:123456/", "http://a:-1/"],
    ...["http://a:8o/", "http://a:80:81/", "http://a: /"],
    ...["http://u@a/", "http://u:p@a/", "http://a:80@b/", "http://a@b@c/", "http://@a/"],
    ...["http://[::1%25eth0]/", "http://[::1%eth0]/", "http://[::1]x/", "http://[::1", "http://::1/"],
    ...["http://[]/", "http://[1.2.3.4]/", "http://[::1::]/", "http://[v1.a]/", "http://[:::1]/"],
    ...["http://a\\b/", "http://a\\@b/", "http://a%2fb/", "http://%61/", "http://a;b/", "http://a,b/"],
    ...[
      "http://b\xc3\xbccher/",
      "http://\xff/",
      "http://a\0/",
      "http://a/\0",
      "http://a/\x0b",
      "http://a/\x7f",
    ],
    ...["http://a/\tb", "http://a/ b", `http://${"a".repeat(254)}/`, `http://${"a".repeat(200_000)}/`],
    ...["a", "a:", ":443", "a:0", "a:65536", "u@a:443", "http://a:443", "/", "a:443/", "a:443?x", "::1:443"]
      .map((
        target,
      ) => [target, "CONNECT"] as const),
    ...["*", "/"].map((target) => [target, "OPTIONS"] as const),
  ].map((one) => typeof one === "string" ? [one, "GET"] as const : one)
) {
  Deno.test(`refused: ${method} ${JSON.stringify(target.slice(0, 60))}`, () => {
    assert.equal(told(route(target, method)), "refuse 400");
  });
}

for (
  const [name, wire, why] of [
    ["both lengths", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", /both/],
    ["two lengths", "Content-Length: 1\r\nContent-Length: 1\r\n", /more than one/],
    ["a list of lengths", "Content-Length: 1, 1\r\n", /more than one/],
    ["lengths that differ", "Content-Length: 1\r\nContent-Length: 2\r\n", /differing/],
    ["a length with a sign", "Content-Length: +1\r\n", /no number/],
    ["a length in hexadecimal", "Content-Length: 0x1\r\n", /no number/],
    ["an empty length", "Content-Length:\r\n", /no number/],
    ["a length beyond all numbers", "Content-Length: 18446744073709551617\r\n", /larger than/],
    ["another coding", "Transfer-Encoding: gzip\r\n", /chunked/],
    ["a coding before chunked", "Transfer-Encoding: gzip, chunked\r\n", /chunked/],
    ["chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", /chunked/],
    ["chunked with a parameter", "Transfer-Encoding: chunked;x\r\n", /chunked/],
    ["chunked behind a vertical tab", "Transfer-Encoding: \x0bchunked\r\n", /control/],
    ["no-break space behind chunked", "Transfer-Encoding: chunked\xc2\xa0\r\n", /chunked/],
    ["an empty coding", "Transfer-Encoding:\r\n", /chunked/],
    ["identity", "Transfer-Encoding: identity\r\n", /chunked/],
    ["white space before a colon", "Transfer-Encoding : chunked\r\n", /colon/],
    ["a tab before a colon", "Content-Length\t: 1\r\n", /colon/],
    ["an odd character in a name", "Transfer-Encoding\0: chunked\r\n", /name/],
    ["a name that is quoted", '"Content-Length": 1\r\n', /name/],
    ["an empty name", ": x\r\n", /name/],
    ["a line without a colon", "Transfer-Encoding\r\n", /colon/],
    ["a folded coding", "Transfer-Encoding:\r\n chunked\r\n", /folded/],
    ["a folded field of any kind", "X: a\r\n Content-Length: 1\r\n", /folded/],
    ["LF alone", "X: a\nContent-Length: 1\r\n", /LF alone/],
    ["CR alone", "X: a\rContent-Length: 1\r\n", /CR/],
    ["NUL in a value", "X: a\0b\r\n", /control/],
    ["two Hosts", "Host: h\r\n", /Host/],
    ["two Hosts in other case", "hOST: i\r\n", /Host/],
  ] as const
) {
  Deno.test(`refused, as others may read it differently: ${name}`, () => {
    for (const target of ["POST http://a/", "CONNECT a:1"]) {
      const decision = routeOf(head(`${target} HTTP/1.1\r\nHost: h\r\n${wire}\r\n`));
      assert.ok(decision.kind === "refuse");
      assert.equal(decision.status, why.source === "larger than" ? 413 : 400);
      assert.match(decision.text, why);
    }
  });
}

Deno.test("refused, as others may read it differently: what is odd about the first lines", () => {
  const refused = (wire: string) => assert.equal(routeOf(head(wire)).kind, "refuse", JSON.stringify(wire));
  refused("GET http://a/ HTTP/1.1\r\n Host: h\r\n\r\n");
  refused("GET  http://a/ HTTP/1.1\r\nHost: h\r\n\r\n");
  refused("GET\thttp://a/ HTTP/1.1\r\nHost: h\r\n\r\n");
  refused("GET http://a/ HTTP/1.1 \r\nHost: h\r\n\r\n");
  refused("GET http://a/ x HTTP/1.1\r\nHost: h\r\n\r\n");
  refused("\nGET http://a/ HTTP/1.1\r\nHost: h\r\n\r\n");
  refused("GET http://a/ HTTP/1.1\nHost: h\r\n\r\n");
  refused("GET http://a/ RTSP/1.0\r\nHost: h\r\n\r\n");
  refused("POST http://a/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
});
