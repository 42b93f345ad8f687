/** Addresses: what is read, what is refused and in which words, and that writing and reading agree. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AddressError,
  defaultHostField,
  formatAddress,
  parseListen,
  parseTarget,
  quoted,
  targetOf,
} from "../../src/net/address.ts";
import { anyText } from "../any_text.ts";

function refused(read: () => unknown, message: RegExp): void {
  assert.throws(read, (error) => {
    assert(error instanceof AddressError);
    assert.match(error.message, message);
    assert.match(error.message, /^found .*, wanted /);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });
}

Deno.test("a bare port listens on loopback only, and 0 asks for any free port", () => {
  assert.deepEqual(parseListen("8081"), { kind: "tcp", host: "127.0.0.1", port: 8081 });
  assert.deepEqual(parseListen("0"), { kind: "tcp", host: "127.0.0.1", port: 0 });
  assert.deepEqual(parseListen("65535"), { kind: "tcp", host: "127.0.0.1", port: 65535 });
});

Deno.test("LISTEN takes a host, an IPv6 address in brackets, or the path of a socket", () => {
  assert.deepEqual(parseListen("0.0.0.0:8081"), { kind: "tcp", host: "0.0.0.0", port: 8081 });
  assert.deepEqual(parseListen("[::]:0"), { kind: "tcp", host: "::", port: 0 });
  assert.deepEqual(parseListen("[fe80::1%eth0]:80"), { kind: "tcp", host: "fe80::1%eth0", port: 80 });
  assert.deepEqual(parseListen("unix:/run/a b.sock"), { kind: "unix", path: "/run/a b.sock" });
  assert.deepEqual(parseListen("unix:a:1=2"), { kind: "unix", path: "a:1=2" });
});

Deno.test("a LISTEN that cannot be read says what was wanted", () => {
  refused(() => parseListen(""), /found "", wanted PORT, HOST:PORT, \[V6\]:PORT or unix:PATH/);
  refused(() => parseListen("localhost"), /found "localhost", wanted PORT/);
  refused(() => parseListen("65536"), /port "65536", wanted a number from 0 to 65535/);
  refused(() => parseListen("99999999999999999999"), /from 0 to 65535/);
  refused(() => parseListen("a:-1"), /port "-1"/);
  refused(() => parseListen("a:1e3"), /port "1e3"/);
  refused(() => parseListen("a:"), /port ""/);
  refused(
    () => parseListen(":8081"),
    /no host in ":8081", wanted PORT alone for this machine only, or 0\.0\.0\.0:8081/,
  );
  refused(() => parseListen("::1:8081"), /IPv6 address stands in brackets/);
  refused(() => parseListen("[::1]"), /found "\[::1\]"/);
  refused(() => parseListen("[::1"), /wanted PORT/);
  refused(() => parseListen("[::1]8081"), /wanted PORT/);
  refused(() => parseListen("[nonsense]:1"), /IPv6 address in the brackets/);
  refused(() => parseListen("[1:2]:1"), /IPv6 address in the brackets/);
  refused(() => parseListen("unix:"), /path of a socket/);
  refused(() => parseListen("unix:a\0b"), /path of a socket/);
  refused(() => parseListen("a b:1"), /host "a b"/);
  refused(() => parseListen(`${"a".repeat(254)}:1`), /host name or an address/);
});

Deno.test("TARGET is HOST:PORT, and then no HTTP server by its form", () => {
  assert.deepEqual(parseTarget("localhost:9080"), {
    kind: "tcp",
    host: "localhost",
    port: 9080,
    http: false,
  });
  assert.deepEqual(parseTarget("[::1]:80"), { kind: "tcp", host: "::1", port: 80, http: false });
  assert.deepEqual(parseTarget("my_db-1.example:5432"), {
    kind: "tcp",
    host: "my_db-1.example",
    port: 5432,
    http: false,
  });
  assert.deepEqual(parseTarget("unix:/run/docker.sock"), { kind: "unix", path: "/run/docker.sock" });
});

Deno.test("TARGET may be an http URL of a host, with port 80 unless one is given", () => {
  assert.deepEqual(parseTarget("http://api.test"), { kind: "tcp", host: "api.test", port: 80, http: true });
  assert.deepEqual(parseTarget("HTTP://api.test:8080/"), {
    kind: "tcp",
    host: "api.test",
    port: 8080,
    http: true,
  });
  assert.deepEqual(parseTarget("http://[::1]"), { kind: "tcp", host: "::1", port: 80, http: true });
});

Deno.test("an https URL is a web server behind TLS, with port 443 unless one is given", () => {
  const api = { kind: "tcp", host: "api.test", port: 443, http: true, tls: true };
  assert.deepEqual(parseTarget("https://api.test"), api);
  assert.deepEqual(parseTarget("HTTPS://api.test/"), api);
  assert.deepEqual(parseTarget("https://api.test:8443"), { ...api, port: 8443 });
  assert.deepEqual(parseTarget("https://[::1]"), { ...api, host: "::1" });
  assert.deepEqual(parseTarget("https://bücher.example"), { ...api, host: "xn--bcher-kva.example" });
});

Deno.test("tls://HOST:PORT is TLS and no web server by its form, and must name its port", () => {
  const db = { kind: "tcp", host: "db.test", port: 5432, http: false, tls: true };
  assert.deepEqual(parseTarget("tls://db.test:5432"), db);
  assert.deepEqual(parseTarget("TLS://[::1]:5432/"), { ...db, host: "::1" });
  refused(
    () => parseTarget("tls://db.test"),
    /^found no port in "tls:\/\/db\.test", wanted tls:\/\/HOST:PORT, such as tls:\/\/db\.test:443$/,
  );
  refused(() => parseTarget("tls://"), /host ""/);
  refused(() => parseTarget("tls://db.test:"), /port ""/);
});

Deno.test("plain targets do not say that they speak TLS", () => {
  for (const text of ["a:443", "http://a:443", "unix:/a"]) assert(!("tls" in parseTarget(text)), text);
  assert(!("tls" in targetOf("a", "443")));
});

Deno.test("an international host name becomes ASCII", () => {
  assert.deepEqual(parseTarget("bücher.example:80"), {
    kind: "tcp",
    host: "xn--bcher-kva.example",
    port: 80,
    http: false,
  });
  refused(() => parseTarget("bücher example:80"), /host "bücher example"/);
});

Deno.test("a TARGET with a path, a user or another scheme is refused in one clear line", () => {
  refused(() => parseTarget("ftp://a:1"), /found "ftp:\/\/a:1", wanted HOST:PORT/);
  refused(() => parseTarget("httpss://a:1"), /https:\/\/HOST\[:PORT\], tls:\/\/HOST:PORT or unix:PATH$/);
  refused(
    () => parseTarget("https://a/api"),
    /a path in .* wanted https:\/\/HOST\[:PORT\] alone, such as https:\/\/a:/,
  );
  refused(
    () => parseTarget("tls://a:1/api"),
    /a path in .* wanted tls:\/\/HOST:PORT alone, such as tls:\/\/a:1:/,
  );
  refused(() => parseTarget("https://joe@a"), /a user name in .* wanted https:\/\/HOST\[:PORT\] without one/);
  refused(() => parseTarget("tls://joe@a:1"), /a user name in .* wanted tls:\/\/HOST:PORT without one/);
  refused(() => parseTarget("https://a:0"), /port "0", wanted a number from 1 to 65535/);
  refused(() => parseTarget("https://::1"), /IPv6 address stands in brackets/);
  refused(() => parseTarget("https://"), /host ""/);
  refused(() => parseTarget("http://a/api"), /a path in .* such as http:\/\/a:/);
  refused(() => parseTarget("http://a?x=1"), /a path in/);
  refused(() => parseTarget("http://a#f"), /a path in/);
  refused(() => parseTarget("http://"), /host ""/);
  refused(() => parseTarget("http://a:0"), /port "0", wanted a number from 1 to 65535/);
  refused(() => parseTarget("localhost"), /no port in "localhost", wanted HOST:PORT, such as localhost:8080/);
  refused(() => parseTarget("localhost:0"), /from 1 to 65535/);
  refused(() => parseTarget(""), /no port in ""/);
  refused(() => parseTarget("8080"), /no port in "8080"/);
});

Deno.test("a password in a URL is not repeated in the message", () => {
  for (
    const url of [
      "http://joe:hunter2@a",
      "https://joe:hunter2@a",
      "tls://joe:hunter2@a:1",
      "ftp://joe:hunter2@a/x@y",
    ]
  ) {
    assert.throws(() => parseTarget(url), (error: Error) => {
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  }
});

Deno.test("TCPMon's host and port are an HTTP server, IPv6 with or without brackets", () => {
  assert.deepEqual(targetOf("www.apache.org", "80"), {
    kind: "tcp",
    host: "www.apache.org",
    port: 80,
    http: true,
  });
  assert.deepEqual(targetOf("::1", "80"), targetOf("[::1]", "80"));
  refused(() => targetOf("http://a", "80"), /host "http:\/\/a"/);
  refused(() => targetOf("a:80", "80"), /host "a:80"/);
  refused(() => targetOf("a", "http"), /port "http", wanted a number from 1/);
});

Deno.test("the Host field leaves out port 443 where TLS is spoken, and only there", () => {
  assert.equal(defaultHostField(parseTarget("https://api.test")), "api.test");
  assert.equal(defaultHostField(parseTarget("https://api.test:8443")), "api.test:8443");
  assert.equal(defaultHostField(parseTarget("https://api.test:80")), "api.test:80");
  assert.equal(defaultHostField(parseTarget("http://api.test:443")), "api.test:443");
  assert.equal(defaultHostField(parseTarget("tls://[::1]:443")), "[::1]");
});

Deno.test("the Host field leaves out port 80 and the zone, and brackets IPv6", () => {
  assert.equal(defaultHostField(parseTarget("http://api.test")), "api.test");
  assert.equal(defaultHostField(parseTarget("http://api.test:8080")), "api.test:8080");
  assert.equal(defaultHostField(parseTarget("[::1]:80")), "[::1]");
  assert.equal(defaultHostField(parseTarget("[fe80::1%eth0]:81")), "[fe80::1]:81");
  assert.equal(defaultHostField(parseTarget("unix:/run/a.sock")), "localhost");
});

Deno.test("an address that is written reads as itself", () => {
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  fc.assert(fc.property(host, fc.integer({ min: 1, max: 65535 }), (name, port) => {
    const target = targetOf(name, String(port));
    assert.deepEqual(parseTarget(formatAddress(target)), { ...target, http: false });
    assert.deepEqual(parseListen(formatAddress(target)), { kind: "tcp", host: name, port });
    assert.deepEqual(parseTarget(`http://${formatAddress(target)}`), target);
    assert.deepEqual(parseTarget(`https://${formatAddress(target)}`), { ...target, tls: true });
    assert.deepEqual(parseTarget(`tls://${formatAddress(target)}`), { ...target, http: false, tls: true });
  }));
  for (const text of ["127.0.0.1:80", "[::1]:8080", "unix:/a=b"]) {
    assert.equal(formatAddress(parseListen(text)), text);
    assert.equal(formatAddress(parseTarget(text)), text);
  }
});

Deno.test("any text at all is either read or refused with an AddressError, never anything else", () => {
  const text = fc.oneof(
    anyText(),
    fc.string({ unit: fc.constantFrom(..."[]:%/@.01a=unix:https://tl\u0000\u001b") }),
  );
  fc.assert(fc.property(text, (source) => {
    for (const read of [parseListen, parseTarget]) {
      try {
        assert.equal(typeof formatAddress(read(source)), "string");
      } catch (error) {
        assert(error instanceof AddressError);
        // deno-lint-ignore no-control-regex -- none may be in it
        assert.doesNotMatch(error.message, /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/);
      }
    }
  }));
});

Deno.test("quoted text cannot command a terminal, is short, and shows its quotes", () => {
  assert.equal(quoted("a\x1b[31m\x9b\u202e"), '"a\\u001b[31m\\u009b\\u202e"');
  assert.equal(quoted('say "hi" \\'), '"say \\"hi\\" \\\\"');
  assert(quoted("x".repeat(10_000)).length < 200);
});
