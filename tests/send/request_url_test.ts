/** URLs of requests, and references resolved against them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { formatUrl, readRequestUrl, resolveUrl } from "../../src/send/request_url.ts";
import { SendUsageError } from "../../src/send/send_error.ts";

for (
  const [text, formatted, host, path] of [
    ["http://example.com", "http://example.com/", "example.com", "/"],
    ["HTTP://example.com:80?a=b", "http://example.com/?a=b", "example.com", "/?a=b"],
    ["https://example.com:8443/x#part", "https://example.com:8443/x", "example.com:8443", "/x"],
    ["example.com/x", "http://example.com/x", "example.com", "/x"],
    ["localhost:8080/a?b=c:d", "http://localhost:8080/a?b=c:d", "localhost:8080", "/a?b=c:d"],
    [":8080/x", "http://localhost:8080/x", "localhost:8080", "/x"],
    [":/x", "http://localhost/x", "localhost", "/x"],
    ["[::1]:8080", "http://[::1]:8080/", "[::1]:8080", "/"],
    ["http://[::1]/", "http://[::1]/", "[::1]", "/"],
    ["http://münchen.example/", "http://xn--mnchen-3ya.example/", "xn--mnchen-3ya.example", "/"],
    ["http://a/é x\t", "http://a/%C3%A9%20x%09", "a", "/%C3%A9%20x%09"],
    ["http://a/%c3%a9%2F%zz", "http://a/%c3%a9%2F%zz", "a", "/%c3%a9%2F%zz"],
    ["http://a/../b/./c", "http://a/../b/./c", "a", "/../b/./c"],
    ["unix:/run/app.sock", "unix:/run/app.sock:/", "localhost", "/"],
    ["unix:/run/app.sock:/x?y", "unix:/run/app.sock:/x?y", "localhost", "/x?y"],
  ] as const
) {
  Deno.test(`the URL ${text} is ${formatted}`, () => {
    const url = readRequestUrl(text);
    assert.equal(formatUrl(url), formatted);
    assert.equal(url.host, host);
    assert.equal(url.path, path);
    assert.equal(url.user, undefined);
  });
}

Deno.test("a user before the @ is decoded, and no part of the URL as it is shown", () => {
  const url = readRequestUrl("https://me%40x:p%3a%20%C3%A9@host/");
  assert.deepEqual(url.user, { name: "me@x", password: "p: é" });
  assert.equal(formatUrl(url), "https://host/");
  assert.deepEqual(readRequestUrl("http://me@host").user, { name: "me", password: "" });
  assert.deepEqual(readRequestUrl("http://a@b:c@host").user, { name: "a@b", password: "c" });
});

for (
  const text of [
    "",
    "ftp://a/",
    "http://",
    "http:///x",
    "http://a b/",
    "http://a:99999/",
    "http://a:x/",
    "http://[::1/",
    "http://::1/",
    "http://a\\b/",
    "http://a/\r\nEvil: b",
    "http://a/\nb",
    "http://a/\0",
    "unix:",
    "javascript:alert(1)",
  ]
) {
  Deno.test(`the URL ${JSON.stringify(text)} is refused in one line`, () => {
    assert.throws(() => readRequestUrl(text), (error) => {
      assert.ok(error instanceof SendUsageError);
      assert.match(error.message, /^found .+, wanted .+$/);
      return true;
    });
  });
}

Deno.test("an error never shows a password", () => {
  for (
    const text of [
      "http://me:secret@a b/",
      "ftp://me:secret@a/",
      "http://me:secret@a:x/",
      "http://me:secret@",
    ]
  ) {
    assert.throws(
      () => readRequestUrl(text),
      (error) => error instanceof Error && !error.message.includes("secret"),
    );
  }
});

Deno.test("every URL that is read gives a target of visible ASCII", () => {
  const texts = fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.string().map((s) => `http://a/${s}`),
    fc.string(),
  );
  fc.assert(fc.property(texts, (text) => {
    try {
      assert.match(readRequestUrl(text).path, /^\/[\x21-\x7e]*$/);
    } catch (error) {
      assert.ok(error instanceof SendUsageError, String(error));
      assert.doesNotMatch(error.message, /[\r\n\0]/);
    }
  }));
});

/** RFC 3986 §5.4, as far as it is about http. */
const BASE = "http://a/b/c/d;p?q";
for (
  const [reference, wanted] of [
    ["g", "/b/c/g"],
    ["./g", "/b/c/g"],
    ["g/", "/b/c/g/"],
    ["/g", "/g"],
    ["?y", "/b/c/d;p?y"],
    ["g?y", "/b/c/g?y"],
    ["#s", "/b/c/d;p?q"],
    ["g#s", "/b/c/g"],
    [";x", "/b/c/;x"],
    ["", "/b/c/d;p?q"],
    [".", "/b/c/"],
    ["./", "/b/c/"],
    ["..", "/b/"],
    ["../g", "/b/g"],
    ["../..", "/"],
    ["../../g", "/g"],
    ["../../../g", "/g"],
    ["/../g", "/g"],
    ["g.", "/b/c/g."],
    ["..g", "/b/c/..g"],
    ["./../g", "/b/g"],
    ["g/./h", "/b/c/g/h"],
    ["g/../h", "/b/c/h"],
    ["g?y/../x", "/b/c/g?y/../x"],
    ["//h/i", undefined],
  ] as const
) {
  Deno.test(`${JSON.stringify(reference)} behind ${BASE} is ${wanted ?? "another host's"}`, () => {
    const url = resolveUrl(reference, readRequestUrl(BASE));
    assert.equal(formatUrl(url), wanted === undefined ? "http://h/i" : `http://a${wanted}`);
  });
}

Deno.test("what is asked of a Unix socket under its own name stays with it", () => {
  const base = readRequestUrl("unix:/run/app.sock:/a");
  assert.equal(formatUrl(resolveUrl("http://localhost/b", base)), "unix:/run/app.sock:/b");
  assert.equal(formatUrl(resolveUrl("/b", base)), "unix:/run/app.sock:/b");
  assert.equal(formatUrl(resolveUrl("http://other/b", base)), "http://other/b");
});
