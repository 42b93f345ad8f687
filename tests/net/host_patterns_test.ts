import assert from "node:assert/strict";
import fc from "fast-check";
import { AddressError } from "../../src/net/address.ts";
import { HostPatterns } from "../../src/net/host_patterns.ts";
import { ipText } from "../../src/net/socks/ip_address.ts";

const matches = (list: string, host: string, port = 80): boolean =>
  HostPatterns.parse(list).matches(host, port);

Deno.test("a name is itself and every host below it, at the boundary of a label", () => {
  for (
    const list of ["example.com", ".example.com", "Example.COM.", "other, example.com", "other\texample.com"]
  ) {
    for (const host of ["example.com", "EXAMPLE.com", "example.com.", "www.example.com", "a.b.example.com"]) {
      assert.ok(matches(list, host), `${list} has ${host}`);
    }
    for (const host of ["badexample.com", "example.com.evil", "example.co", "com", "", "."]) {
      assert.ok(!matches(list, host), `${list} has not ${host}`);
    }
  }
  assert.ok(matches("bücher.test", "www.xn--bcher-kva.test"));
});

Deno.test("a star stands for any characters", () => {
  assert.ok(matches("*", "anything", 1));
  assert.ok(matches("*", "2001:db8::1"));
  assert.ok(matches("*.test", "a.test"));
  assert.ok(matches("*.test", "a.b.test"));
  assert.ok(!matches("*.test", "test"));
  assert.ok(matches("api-*.example.*", "api-7.example.org"));
  assert.ok(!matches("api-*.example.*", "api-7.example"));
  assert.ok(matches("10.*", "10.1.2.3"));
  assert.ok(!matches("a*ba", "aba".slice(0, 2)));
  assert.ok(!matches("ab*ba", "aba"));
});

Deno.test("addresses and ranges match addresses, however these are written", () => {
  assert.ok(matches("127.0.0.1", "127.0.0.1"));
  assert.ok(matches("127.0.0.1", "::ffff:127.0.0.1"));
  assert.ok(matches("127.0.0.1", "[::FFFF:7f00:1]"));
  assert.ok(matches("[::1]", "::1"));
  assert.ok(matches("::1", "[0:0:0:0:0:0:0:1]"));
  assert.ok(matches("fe80::1", "fe80::1%eth0"));
  assert.ok(matches("10.0.0.0/8", "10.255.0.1"));
  assert.ok(!matches("10.0.0.0/8", "11.0.0.1"));
  assert.ok(matches("10.1.2.3/9", "10.127.0.1"));
  assert.ok(!matches("10.1.2.3/9", "10.128.0.1"));
  assert.ok(matches("169.254/16", "169.254.7.7"));
  assert.ok(matches("0.0.0.0/0", "8.8.8.8"));
  assert.ok(!matches("0.0.0.0/0", "2001:db8::1"));
  assert.ok(!matches("0.0.0.0/0", "a.name"));
  for (const range of ["fd00::/8", "[fd00::]/8"]) assert.ok(matches(range, "fdff::1"));
  assert.ok(matches("::ffff:10.0.0.0/104", "10.9.9.9"));
  assert.ok(!matches("1", "10.0.0.1"), "a name is no end of an address");
});

Deno.test("a port narrows an entry to it", () => {
  for (const list of ["host:8443", ".host:8443", "*:8443", "h*t:8443"]) {
    assert.ok(matches(list, "host", 8443));
    assert.ok(!matches(list, "host", 443));
  }
  assert.ok(matches("[::1]:8443", "::1", 8443));
  assert.ok(!matches("[::1]:8443", "::1", 443));
  assert.ok(!matches("127.0.0.1:8443", "127.0.0.1", 443));
});

Deno.test("an empty list matches nothing", () => {
  for (const list of ["", " ", ",", " , ,,"]) assert.ok(!matches(list, "a"));
});

Deno.test("an entry that cannot be read says what was wanted", () => {
  const bad = [
    "http://a",
    "a/b",
    "10.0.0.0/33",
    "fd00::/129",
    "::ffff:10.0.0.0/90",
    "1.2.3.4.5/8",
    "a:",
    "a:0",
    "a:65536",
  ];
  for (const entry of [...bad, "a:b", "[::1", "[a]:80", "a..b", ".", "a\u001bb", "1:2:3", "[::1]80"]) {
    assert.throws(() => HostPatterns.parse(`fine, ${entry}`), (error) => {
      assert(error instanceof AddressError, String(error));
      assert.match(error.message, /^found ".*", wanted /);
      assert.doesNotMatch(error.message, /\p{Cc}/u);
      return true;
    }, entry);
  }
});

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));

Deno.test("any name matches itself and what is below it, and nothing that only ends alike", () => {
  fc.assert(fc.property(name, label, fc.nat(65535), (host, extra, port) => {
    assert.ok(matches(host, host, port));
    assert.ok(matches(host, `${extra}.${host}`.toUpperCase(), port));
    assert.ok(matches(`*.${host}`, `${extra}.${host}`, port));
    assert.ok(!matches(host, `${extra}${host}`, port));
    assert.ok(!matches(`*.${host}`, host, port));
  }));
});

Deno.test("any range has exactly the addresses that share its bits", () => {
  const bytes = fc.uint8Array({ minLength: 4, maxLength: 4 });
  fc.assert(fc.property(bytes, bytes, fc.nat(32), (range, address, bits) => {
    const number = (from: Uint8Array) => new DataView(from.buffer, from.byteOffset).getUint32(0);
    const shared = Math.clz32(number(range) ^ number(address));
    assert.equal(matches(`${ipText(range)}/${bits}`, ipText(address)), shared >= bits);
    assert.ok(matches(`${ipText(range)}/${bits}`, ipText(range)));
  }));
});

Deno.test("a pattern with stars matches like the expression that says the same", () => {
  const piece = fc.stringMatching(/^[ab]{0,2}$/);
  const pattern = fc.array(piece, { minLength: 2, maxLength: 4 }).map((pieces) => pieces.join("*"));
  fc.assert(fc.property(pattern, fc.stringMatching(/^[ab]{1,8}$/), (glob, host) => {
    assert.equal(matches(glob, host), new RegExp(`^${glob.replaceAll("*", ".*")}$`).test(host));
  }));
});

Deno.test("no host makes matching throw", () => {
  const list = HostPatterns.parse("localhost,.example.com,*.test,10.0.0.0/8,[::1],host:8443");
  fc.assert(fc.property(fc.string(), (host) => typeof list.matches(host, 80) === "boolean"));
});
