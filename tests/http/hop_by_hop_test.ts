/** What is meant for the next hop alone goes no further; what delimits or addresses a message stays (RFC 9110 §7.6.1). */
import assert from "node:assert/strict";
import type { RequestHead, ResponseHead } from "../../src/http/head.ts";
import { parseRequestHead, parseResponseHead } from "../../src/http/head_parser.ts";
import { asksForUpgrade, hopByHop, persists } from "../../src/http/hop_by_hop.ts";
import { bytesOf } from "./events.ts";

function request(fields: string, version = "1.1"): RequestHead {
  const head = parseRequestHead(bytesOf(`GET http://a/ HTTP/${version}\r\nHost: a\r\n${fields}\r\n`));
  assert.ok(typeof head === "object");
  return head;
}

function response(fields: string, version = "1.1"): ResponseHead {
  const head = parseResponseHead(bytesOf(`HTTP/${version} 200 OK\r\n${fields}\r\n`));
  assert.ok(typeof head === "object");
  return head;
}

const NAMES = [
  ...["connection", "proxy-connection", "keep-alive", "te", "upgrade", "proxy-authorization"],
  ...["proxy-authenticate", "proxy-authentication-info", "x-own"],
  ...["host", "content-length", "transfer-encoding", "trailer", "content-type", "content-encoding"],
  ...["authorization", "cookie", "set-cookie"],
];

const dropped = (head: RequestHead | ResponseHead) => NAMES.filter(hopByHop(head, head.kind));

Deno.test("what is dropped of any request, and of any response", () => {
  const both = ["connection", "proxy-connection", "keep-alive", "te", "upgrade"];
  assert.deepEqual(dropped(request("")), [...both, "proxy-authorization"]);
  assert.deepEqual(dropped(response("")), [...both, "proxy-authenticate", "proxy-authentication-info"]);
});

Deno.test("what Connection names is dropped, in any case, in any of its lines, and of Proxy-Connection, too", () => {
  for (
    const fields of [
      "Connection: x-own\r\n",
      "connection: close, X-OWN\r\n",
      "Connection: ,,close\t ,\tX-Own ,\r\n",
      "Connection: close\r\nConnection: X-Own\r\n",
      "Proxy-Connection: x-own\r\n",
    ]
  ) {
    assert.ok(dropped(request(fields)).includes("x-own"), fields);
    assert.ok(dropped(response(fields)).includes("x-own"), fields);
  }
  assert.ok(!dropped(request("Connection: x-own2, x, own\r\nX-Own: x-own\r\n")).includes("x-own"));
});

Deno.test("to name what delimits or addresses a message, or who sends it, does nothing", () => {
  const names = "Host, Content-Length, Transfer-Encoding, Trailer, Content-Type, Content-Encoding, " +
    "Authorization, Cookie, Set-Cookie";
  for (const make of [request, response]) {
    assert.deepEqual(dropped(make(`Connection: ${names}\r\n`)), dropped(make("")));
  }
});

Deno.test("Upgrade stays where Connection names it, and only there", () => {
  const asks = request("Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n");
  assert.ok(asksForUpgrade(asks.fields));
  assert.ok(!dropped(asks).includes("upgrade"));
  for (
    const fields of [
      "Upgrade: websocket\r\n",
      "Connection: upgrade\r\n",
      "Upgrade: x\r\nProxy-Connection: upgrade\r\n",
    ]
  ) {
    assert.ok(!asksForUpgrade(request(fields).fields), fields);
    assert.ok(dropped(request(fields)).includes("upgrade"), fields);
  }
});

Deno.test("whether a connection stays open after a message", () => {
  assert.ok(persists(request("")));
  assert.ok(persists(request("Connection: keep-alive, x\r\n")));
  assert.ok(!persists(request("Connection: x, CLOSE\r\n")));
  assert.ok(!persists(request("Connection: keep-alive\r\nConnection: close\r\n")));
  assert.ok(!persists(request("Proxy-Connection: close\r\n")));
  assert.ok(persists(response("Proxy-Connection: close\r\n")), "it is not for responses");
  assert.ok(!persists(response("", "1.0")));
  assert.ok(persists(response("Connection: keep-alive\r\n", "1.0")));
});

Deno.test("a proxy promises nothing to a client that speaks HTTP/1.0, whatever that asks for", () => {
  assert.ok(!persists(request("", "1.0")));
  assert.ok(!persists(request("Connection: keep-alive\r\nProxy-Connection: keep-alive\r\n", "1.0")));
});
