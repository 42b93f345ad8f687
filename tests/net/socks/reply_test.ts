import assert from "node:assert/strict";
import { replyCode, replyText, replyTo } from "../../../src/net/socks/reply.ts";

Deno.test("answers have the codes of RFC 1928", () => {
  assert.equal(replyCode("succeeded"), 0);
  assert.equal(replyCode("general-failure"), 1);
  assert.equal(replyCode("not-allowed"), 2);
  assert.equal(replyCode("refused"), 5);
  assert.equal(replyCode("ttl-expired"), 6);
  assert.equal(replyCode("command-not-supported"), 7);
  assert.equal(replyCode("address-type-not-supported"), 8);
  assert.equal(replyText(4), "host unreachable");
  assert.equal(replyText(91), "reply 91");
});

Deno.test("why a dial failed becomes the answer that fits", () => {
  assert.equal(replyTo("connection refused"), "refused");
  assert.equal(replyTo("the proxy cannot reach the target: connection refused"), "refused");
  assert.equal(replyTo("host name does not resolve"), "host-unreachable");
  assert.equal(replyTo("no route to host"), "host-unreachable");
  assert.equal(replyTo("network is unreachable"), "network-unreachable");
  assert.equal(replyTo("no answer within 150 ms"), "ttl-expired");
  assert.equal(replyTo("the target is a listener of this tcpmon itself"), "not-allowed");
  assert.equal(replyTo("the proxy refused the tunnel: 403 Forbidden"), "not-allowed");
  assert.equal(replyTo("something else"), "general-failure");
});
