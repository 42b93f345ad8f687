import assert from "node:assert/strict";
import fc from "fast-check";
import { AddressError } from "../../../src/net/address.ts";
import {
  formatUpstream,
  parseUpstreamProxy,
  proxyAuthorization,
} from "../../../src/net/upstream/proxy_address.ts";

function refused(text: string, message: RegExp): void {
  assert.throws(() => parseUpstreamProxy(text), (error) => {
    assert(error instanceof AddressError, String(error));
    assert.match(error.message, message);
    assert.match(error.message, /^found .*, wanted /);
    assert.doesNotMatch(error.message, /secret|\p{Cc}/u);
    return true;
  }, text);
}

Deno.test("each kind of proxy is read, with its own port where none is given", () => {
  assert.deepEqual(parseUpstreamProxy("http://p.test:3128"), { kind: "http", host: "p.test", port: 3128 });
  assert.deepEqual(parseUpstreamProxy("HTTP://p.test/"), { kind: "http", host: "p.test", port: 80 });
  assert.deepEqual(parseUpstreamProxy("https://p.test"), { kind: "https", host: "p.test", port: 443 });
  assert.deepEqual(parseUpstreamProxy("socks5://p.test"), { kind: "socks5", host: "p.test", port: 1080 });
  assert.deepEqual(parseUpstreamProxy("socks5h://p.test:9"), { kind: "socks5", host: "p.test", port: 9 });
  assert.deepEqual(parseUpstreamProxy("localhost:8888"), { kind: "http", host: "localhost", port: 8888 });
  assert.deepEqual(parseUpstreamProxy("localhost"), { kind: "http", host: "localhost", port: 80 });
  assert.deepEqual(parseUpstreamProxy("http://[::1]:3128/"), { kind: "http", host: "::1", port: 3128 });
  assert.deepEqual(parseUpstreamProxy("http://[fe80::1%25eth0]"), {
    kind: "http",
    host: "fe80::1%eth0",
    port: 80,
  });
  assert.deepEqual(parseUpstreamProxy("http://p:"), { kind: "http", host: "p", port: 80 });
});

Deno.test("users and passwords are read, percent-encoded or not", () => {
  const login = (text: string) => {
    const { user, password } = parseUpstreamProxy(text);
    return [user, password];
  };
  assert.deepEqual(login("http://u:p@h:1"), ["u", "p"]);
  assert.deepEqual(login("u:p@h:1"), ["u", "p"]);
  assert.deepEqual(login("http://u@h:1"), ["u", undefined]);
  assert.deepEqual(login("http://:p@h:1"), ["", "p"]);
  assert.deepEqual(login("http://@h:1"), [undefined, undefined]);
  assert.deepEqual(login("http://u%40d:p%3a%2F%25%C3%BC@h:1"), ["u@d", "p:/%ü"]);
  assert.deepEqual(login("http://u:a:b@c@h:1"), ["u", "a:b@c"]);
  assert.deepEqual(login("socks5://a%3Ab:p@h:1"), ["a:b", "p"]);
});

Deno.test("what cannot be read is refused in one line that shows no password", () => {
  refused("", /no usable host in ""/);
  refused("ftp://u:secret@h:1", /found "ftp:\/\/…@h:1", wanted http:\/\/HOST:PORT/);
  refused("socks4://u:secret@h:1", /SOCKS 5 only/);
  refused("socks://h:1", /SOCKS 5 only/);
  refused("constructor://h:1", /wanted http/);
  refused("http://u:secret@:80", /no usable host/);
  refused("http://u:secret@a b:80", /no usable host/);
  refused("http://u:secret@h:0", /no usable port in "http:\/\/…@h:0", wanted a number from 1 to 65535/);
  refused("http://h:65536", /no usable port/);
  refused("u:secret@h:port", /no usable port in "…@h:port"/);
  refused("http://u:secret@h/path", /found "http:\/\/…@h\/path"/);
  refused(
    "http://u:sec/secret@h:1",
    /a \/, \? or # in the proxy's user or password, wanted it percent-encoded/,
  );
  refused("u:secret#@h:1", /percent-encoded/);
  refused("http://u:secret%@h:1", /begins no character, wanted %25/);
  refused("http://u:secret%ff@h:1", /begins no character/);
  refused("http://u:secret%0d%0aX: y@h:1", /control character/);
  refused("http://u%3A:secret@h:1", /a colon in the proxy's user/);
  refused(`socks5://u:secret${"x".repeat(250)}@h:1`, /too long for SOCKS, wanted at most 255 bytes/);
  refused("http://::1:80", /found "http:\/\/::1:80", wanted .* in brackets$/);
  refused("http://[::1", /found "http/);
  refused("http://[a]:1", /no usable host/);
  refused("\u001b[31m://h", /found/);
});

Deno.test("a message names the variable that the address comes from", () => {
  assert.throws(
    () => parseUpstreamProxy("ftp://h", "ALL_PROXY"),
    /^AddressError: found "ftp:\/\/h" in the variable ALL_PROXY, wanted/,
  );
});

Deno.test("a proxy is shown without user and password", () => {
  assert.equal(formatUpstream(parseUpstreamProxy("http://u:secret@h:1")), "http://h:1");
  assert.equal(formatUpstream(parseUpstreamProxy("socks5h://[::1]")), "socks5://[::1]:1080");
});

Deno.test("Basic credentials are in UTF-8, and only for HTTP proxies that somebody logs in at", () => {
  const value = (text: string) => proxyAuthorization(parseUpstreamProxy(text));
  assert.equal(value("http://Aladdin:open%20sesame@h"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  assert.equal(value("https://test:123%C2%A3@h"), "Basic dGVzdDoxMjPCow==");
  assert.equal(value("http://u@h"), `Basic ${btoa("u:")}`);
  assert.equal(value("http://h"), undefined);
  assert.equal(value("socks5://u:p@h"), undefined);
});

Deno.test("any user and password that are encoded come back, and no text makes reading throw anything else", () => {
  const part = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
  fc.assert(fc.property(part, part, (user, password) => {
    // deno-lint-ignore no-control-regex -- those are refused
    fc.pre(!/[\x00-\x1f\x7f]/.test(user + password));
    const proxy = parseUpstreamProxy(
      `socks5://${encodeURIComponent(user)}:${encodeURIComponent(password)}@h:1`,
    );
    assert.deepEqual(proxy, { kind: "socks5", host: "h", port: 1, user, password });
  }));
  fc.assert(fc.property(fc.string(), fc.constantFrom("", "http://", "socks5://a:b@"), (text, start) => {
    try {
      parseUpstreamProxy(start + text);
    } catch (error) {
      assert(error instanceof AddressError);
    }
  }));
});
