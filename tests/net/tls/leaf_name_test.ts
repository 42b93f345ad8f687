/** Which hosts a certificate can be for, and that each has one form only. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { AuthorityError } from "../../../src/net/tls/authority_error.ts";
import { leafName } from "../../../src/net/tls/leaf_name.ts";

Deno.test("a host becomes a DNS name or an address in one form", () => {
  for (
    const [host, kind, value] of [
      ["Example.ORG", "dns", "example.org"],
      ["example.org.", "dns", "example.org"],
      ["localhost", "dns", "localhost"],
      ["xn--mnchen-3ya.example", "dns", "xn--mnchen-3ya.example"],
      ["my_service.internal", "dns", "my_service.internal"],
      ["3com.example", "dns", "3com.example"],
      ["127.0.0.1", "ip", "127.0.0.1"],
      ["255.255.255.255", "ip", "255.255.255.255"],
      ["::1", "ip", "::1"],
      ["[::1]", "ip", "::1"],
      ["2001:DB8:0:0::0001", "ip", "2001:db8::1"],
      ["fe80::1%eth0", "ip", "fe80::1"],
      ["::ffff:192.0.2.1", "ip", "::ffff:c000:201"],
    ]
  ) assert.deepEqual(leafName(host), { kind, value }, host);
});

Deno.test("what is neither a name nor an address is refused in one clean line", () => {
  for (
    const host of [
      "",
      ".",
      "..",
      ".a",
      "a..b",
      "*.example.org",
      "a b",
      "-a.example",
      "a-.example",
      "münchen.example",
      "a/b",
      "a@b",
      "a,O=b",
      "a\u0000.example",
      "a\r\nb",
      "\u001b[2J",
      "1.2.3",
      "1.2.3.4.5",
      "256.1.1.1",
      "01.2.3.4",
      "1.2.3.4.",
      "example.123",
      ":",
      "1:2",
      "[::1",
      ":::",
      `${"a".repeat(64)}.example`,
      `${"a.".repeat(126)}abc`,
      "a".repeat(100_000),
    ]
  ) {
    assert.throws(() => leafName(host), (error: unknown) => {
      assert(error instanceof AuthorityError, host);
      // deno-lint-ignore no-control-regex -- that there is none is the point
      assert(error.message.length < 300 && !/[\u0000-\u001f\u007f]/.test(error.message), error.message);
      return true;
    }, host.slice(0, 80));
  }
});

Deno.test("any text is either refused or read to a form that reads to itself", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.domain(), fc.ipV4(), fc.ipV6()), (host) => {
    try {
      const name = leafName(host);
      assert.deepEqual(leafName(name.value), name);
    } catch (error) {
      assert(error instanceof AuthorityError);
    }
  }));
  fc.assert(fc.property(fc.ipV4(), (host) => assert.equal(leafName(host).kind, "ip")));
  fc.assert(fc.property(fc.ipV6(), (host) => assert.equal(leafName(host).kind, "ip")));
});
