/** The viewer's lock: one test for each lesson that others paid for. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Access, type AccessSettings, type Verdict } from "../../src/ui/access.ts";
import { isLoopback, readAuthority } from "../../src/ui/authority.ts";
import { anyText } from "../any_text.ts";

const TOKEN = "correct horse battery";
const HOST = "127.0.0.1:9999";

interface Fields {
  readonly [name: string]: string;
}

function lock(settings: Partial<AccessSettings> = {}): Access {
  return new Access({ token: TOKEN, boundHost: "127.0.0.1", isReadonly: false, now: () => 0, ...settings });
}

function check(
  access: Access,
  path: string,
  fields: Fields = {},
  { method = "GET", peer = "127.0.0.1", url = undefined as string | undefined } = {},
): Verdict {
  const all: Fields = { host: HOST, ...fields };
  const headers = new Map(Object.entries(all).filter(([, value]) => value !== ""));
  const asked = {
    method,
    url: url ?? `http://${all.host}${path}`,
    headers: { get: (name: string) => headers.get(name) ?? null },
  };
  return access.check(asked, peer);
}

function statusOf(verdict: Verdict): number | string {
  return verdict.kind === "refused" ? verdict.status : verdict.kind;
}

/** The cookie, as browsers send it. */
function cookieOf(access: Access, host = HOST, token = TOKEN): string {
  const verdict = check(access, `/?token=${encodeURIComponent(token)}`, { host });
  assert.equal(verdict.kind, "login");
  return verdict.kind === "login" ? verdict.setCookie.split(";")[0] : "";
}

const JSON_TYPE = { "content-type": "application/json" };
const OWN = { origin: `http://${HOST}`, ...JSON_TYPE };

Deno.test("the token gives a cookie that scripts cannot read and other sites do not send, named by the port", () => {
  const verdict = check(lock(), `/?token=${encodeURIComponent(TOKEN)}`);
  assert.ok(verdict.kind === "login");
  assert.match(verdict.setCookie, /^tcpmon-9999=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.ok(!verdict.setCookie.includes(TOKEN));
});

Deno.test("two viewers on one host have cookies of their own, also behind tunnels", () => {
  const access = lock();
  assert.match(cookieOf(access, "localhost:1234"), /^tcpmon-1234=/);
  assert.match(cookieOf(access, "localhost"), /^tcpmon-80=/);
  const cookie = `tcpmon-1=theirs; ${cookieOf(access)}; tcpmon-99991=x`;
  assert.equal(statusOf(check(access, "/api/rows", { cookie })), "pass");
});

Deno.test("without the cookie, or with another, there is nothing to see", () => {
  const access = lock();
  const right = cookieOf(access);
  for (const path of ["/", "/client.js", "/api/state", "/api/events", "/api/rows/1/body/request", "/none"]) {
    for (
      const cookie of [
        "",
        "tcpmon-9999=",
        "tcpmon-9999",
        `${right}x`,
        right.slice(0, -1),
        right.toUpperCase(),
      ]
    ) {
      assert.equal(statusOf(check(access, path, { cookie })), 401, `${path} ${cookie}`);
    }
    assert.equal(statusOf(check(access, path, { cookie: right })), "pass");
  }
});

Deno.test("the token itself opens nothing but the page: neither as a cookie, nor in another address", () => {
  const access = lock();
  const token = encodeURIComponent(TOKEN);
  assert.equal(statusOf(check(access, "/", { cookie: `tcpmon-9999=${token}` })), 401);
  assert.equal(statusOf(check(access, `/api/rows?token=${token}`)), 401);
  assert.equal(statusOf(check(access, `/?token=${token}`, OWN, { method: "POST" })), 401);
  assert.equal(statusOf(check(access, `/?token=${token}`, {}, { method: "HEAD" })), 401);
});

Deno.test("a cookie that the server of another port set beside ours does not lock anybody out", () => {
  const access = lock();
  const right = cookieOf(access);
  assert.equal(statusOf(check(access, "/", { cookie: `tcpmon-9999=tossed; ${right}` })), "pass");
  assert.equal(statusOf(check(access, "/", { cookie: `${right}; tcpmon-9999=tossed` })), "pass");
});

Deno.test("a viewer that starts again with the same token knows its browsers, with another it does not", () => {
  const cookie = cookieOf(lock());
  assert.equal(statusOf(check(lock(), "/", { cookie })), "pass");
  assert.equal(statusOf(check(lock({ token: "another token" }), "/", { cookie })), 401);
});

Deno.test("wrong tokens are looked at only so often, from each address", () => {
  let now = 0;
  const access = lock({ now: () => now });
  const right = cookieOf(access);
  const guess = (token: string, peer: string) => statusOf(check(access, `/?token=${token}`, {}, { peer }));
  for (let i = 0; i < 20; i++) assert.equal(guess(`guess${i}`, "10.0.0.1"), 401);
  assert.equal(guess("guess20", "10.0.0.1"), 429);
  assert.equal(guess(encodeURIComponent(TOKEN), "10.0.0.1"), 429, "not even the right one is compared");
  assert.equal(guess(encodeURIComponent(TOKEN), "10.0.0.2"), "login");
  const inside = check(access, "/api/rows", { cookie: right }, { peer: "10.0.0.1" });
  assert.equal(statusOf(inside), "pass", "who is in, stays in");
  now = 1000;
  assert.equal(guess(encodeURIComponent(TOKEN), "10.0.0.1"), "login");
});

Deno.test("cookies cannot be guessed faster than tokens; an old one that is sent again and again is no guess", () => {
  const access = lock();
  const right = cookieOf(access);
  const send = (value: string) => statusOf(check(access, "/api/rows", { cookie: `tcpmon-9999=${value}` }));
  for (let i = 0; i < 100; i++) assert.equal(send("old"), 401);
  assert.equal(statusOf(check(access, "/", { cookie: right })), "pass");
  for (let i = 0; i < 19; i++) assert.equal(send(`guess${i}`), 401);
  assert.equal(send("guess19"), 429);
});

Deno.test("where the token cannot be guessed, guessing keeps nobody out, not even behind the same address", () => {
  const token = "x".repeat(22);
  const access = lock({ token });
  const cookie = cookieOf(access, HOST, token);
  const guess = (i: number) => [
    statusOf(check(access, `/?token=guess${i}`)),
    statusOf(check(access, "/api/rows", { cookie: `tcpmon-9999=guess${i}` })),
  ];
  for (let i = 0; i < 20; i++) assert.deepEqual(guess(i), [401, 401]);
  assert.deepEqual(guess(20), [429, 429]);
  assert.equal(statusOf(check(access, "/", { cookie })), "pass");
  assert.equal(statusOf(check(access, `/?token=${token}`)), "login");
});

Deno.test("guessing from ever new addresses locks nobody else out", () => {
  const access = lock();
  for (let i = 0; i < 5000; i++) {
    assert.equal(statusOf(check(access, "/?token=guess", {}, { peer: `10.0.${i >> 8}.${i & 255}` })), 401);
  }
  cookieOf(access);
});

Deno.test("the viewer answers to the names of this machine alone", () => {
  const access = lock();
  const as = (host: string) => {
    const asked = check(access, "/", { host });
    return asked.kind === "refused" && asked.status === 401 ? "known" : statusOf(asked);
  };
  for (
    const host of [
      "localhost",
      "localhost:9999",
      "LocalHost:1",
      "127.0.0.1:9999",
      "127.255.0.9",
      "[::1]",
      "[::1]:9999",
      "[0:0:0:0:0:0:0:1]:9999",
      "[::ffff:127.0.0.1]:9999",
      "[::ffff:7f00:1]",
    ]
  ) assert.equal(as(host), "known", host);
  for (
    const host of [
      // DNS rebinding: names that may lead here, whatever they look like.
      "evil.example:9999",
      "localhost.evil.example",
      "127.0.0.1.nip.io:9999",
      "evil.localhost",
      "localhost.",
      "127.0.0.1.",
      // Other addresses, and other spellings of this one.
      "128.0.0.1",
      "10.0.0.1:9999",
      "[::2]",
      "[::ffff:10.0.0.1]",
      "[::127.0.0.1]",
      "[64:ff9b::7f00:1]",
      "0.0.0.0:9999",
      "[::]:9999",
      "0",
      "127.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "127.0.0.01",
      "127.0.0.256",
    ]
  ) assert.equal(as(host), 403, host);
});

Deno.test("a Host that is missing, given twice or malformed is refused, not thrown at", () => {
  const access = lock();
  for (
    const host of [
      "",
      " ",
      "localhost, evil.example",
      "localhost,localhost",
      "localhost:",
      "localhost:0",
      "localhost:65536",
      "localhost:999999",
      "localhost:9999:9999",
      "localhost:99x",
      "localhost: 80",
      "user@localhost",
      "localhost/../",
      "localhost?x",
      "localhost#x",
      "localhost\\evil",
      "[::1",
      "::1",
      "[::1]x",
      "[::1]:",
      "[]",
      "[:]",
      "[::1%25lo]",
      "[fe80::1%lo]",
      "[127.0.0.1]",
      "[::1::1]",
      "[12345::]",
      "löcalhost",
      "localhost\0",
      "%6cocalhost",
      "-",
      `${"a".repeat(300)}`,
    ]
  ) assert.equal(statusOf(check(access, "/", { host })), 400, JSON.stringify(host));
});

Deno.test("a target in absolute-form cannot say another host than Host does", () => {
  const access = lock();
  const cookie = cookieOf(access);
  const ask = (url: string) => statusOf(check(access, "", { cookie }, { url }));
  assert.equal(ask(`http://${HOST}/api/rows`), "pass");
  for (
    const url of [
      "http://evil.example/",
      "http://127.0.0.1:9998/",
      "http://localhost:9999/",
      "http://",
      "*",
      "",
    ]
  ) {
    assert.equal(ask(url), 400, url);
  }
});

Deno.test("where the viewer listens on one address or name, that is known, and no other", () => {
  const ask = (access: Access, host: string) => statusOf(check(access, "/", { host }));
  const bound = lock({ boundHost: "192.168.1.5", names: ["Box.lan"] });
  for (const host of ["192.168.1.5:9999", "box.lan:9999", "localhost"]) {
    assert.equal(ask(bound, host), 401, host);
  }
  for (const host of ["192.168.1.6", "box", "evil.example"]) assert.equal(ask(bound, host), 403, host);
  const v6 = lock({ boundHost: "FE80:0::1%eth0" });
  assert.equal(ask(v6, "[fe80::1]:9999"), 401);
  assert.equal(ask(lock({ boundHost: "::ffff:192.168.1.5" }), "192.168.1.5"), 401);
});

Deno.test("where it listens everywhere, every address is known, but still no foreign name", () => {
  for (const boundHost of ["0.0.0.0", "::", "[::]".slice(1, -1)]) {
    const access = lock({ boundHost, names: ["box"] });
    const ask = (host: string) => statusOf(check(access, "/", { host }));
    for (const host of ["10.1.2.3:9999", "[2001:db8::1]:9999", "box", "localhost"]) {
      assert.equal(ask(host), 401, host);
    }
    for (const host of ["evil.example", "0.0.0.0:9999", "[::]:9999"]) assert.equal(ask(host), 403, host);
  }
});

Deno.test("requests of foreign pages are refused before their token or cookie is looked at", () => {
  const access = lock();
  const cookie = cookieOf(access);
  const foreign: readonly Fields[] = [
    { origin: "http://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:3000" },
    { origin: "http://localhost:9999" },
    { origin: "http://127.0.0.1:9999.evil.example" },
    { origin: "http://127.0.0.1:9999, http://127.0.0.1:9999" },
    { origin: "127.0.0.1:9999" },
    { origin: "file://127.0.0.1:9999" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "something-new" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
    { "sec-fetch-site": "same-origin", origin: "http://evil.example" },
  ];
  const paths = ["/", "/api/state", "/api/events", "/api/rows", "/api/rows/1/body/response", "/client.js"];
  for (const fields of foreign) {
    for (const path of paths) {
      const asked = check(access, path, { cookie, ...fields });
      assert.equal(statusOf(asked), 403, `${path} ${JSON.stringify(fields)}`);
    }
    assert.equal(statusOf(check(access, "/?token=guess", fields)), 403);
    for (const method of ["POST", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE"]) {
      const asked = check(access, "/api/rows", { cookie, ...JSON_TYPE, ...fields }, { method });
      assert.equal(statusOf(asked), 403, `${method} ${JSON.stringify(fields)}`);
    }
  }
});

Deno.test("a link on another page leads to the page, and to nothing else", () => {
  const access = lock();
  const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const verdict = check(access, `/?token=${encodeURIComponent(TOKEN)}`, link);
  assert.ok(verdict.kind === "login" && verdict.isFromElsewhere);
  const cookie = cookieOf(access);
  assert.equal(statusOf(check(access, "/", { cookie, ...link })), "pass");
  assert.equal(statusOf(check(access, "/api/rows/1/body/response", { cookie, ...link })), 403);
  const typed = { ...link, "sec-fetch-site": "none" };
  assert.equal(statusOf(check(access, "/api/rows/1/body/response", { cookie, ...typed })), "pass");
});

Deno.test("a change has to say where it comes from, and be JSON", () => {
  const access = lock();
  const cookie = cookieOf(access);
  const change = (fields: Fields) =>
    statusOf(check(access, "/api/rows", { cookie, ...fields }, { method: "DELETE" }));
  assert.equal(change(OWN), "pass");
  assert.equal(change({ "sec-fetch-site": "same-origin", ...JSON_TYPE }), "pass");
  assert.equal(change({ ...OWN, origin: `https://${HOST}` }), "pass", "behind something that speaks TLS");
  assert.equal(change({ ...OWN, "content-type": "Application/JSON; charset=utf-8" }), "pass");
  assert.equal(change({ ...OWN, cookie: "" }), 401);
  assert.equal(change(JSON_TYPE), 403);
  assert.equal(change({ "sec-fetch-site": "none", ...JSON_TYPE }), 403);
  for (
    const type of [
      "",
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/jsonp",
      "text/plain; application/json",
    ]
  ) {
    assert.equal(change({ ...OWN, "content-type": type }), 415, type);
  }
  assert.equal(change({ ...OWN, "content-length": "65537" }), 413);
});

Deno.test("a viewer for reading only changes nothing, for anybody", () => {
  const access = lock({ isReadonly: true });
  const cookie = cookieOf(access);
  assert.equal(statusOf(check(access, "/api/rows", { cookie })), "pass");
  for (const method of ["POST", "DELETE", "PUT"]) {
    assert.equal(statusOf(check(access, "/api/rows", { cookie, ...OWN }, { method })), 403);
  }
});

Deno.test("whatever is asked, the lock neither throws nor lets anybody in", () => {
  const access = lock();
  const text = anyText({ maxLength: 40 });
  const host = fc.oneof(text, fc.constantFrom(HOST, "localhost", "[::1]:9999"));
  const fields = fc.record({
    host,
    origin: text,
    cookie: text,
    "sec-fetch-site": text,
    "content-type": text,
  });
  fc.assert(fc.property(fields, text, text, fc.constantFrom("GET", "POST"), (fields, path, url, method) => {
    assert.equal(check(access, `/${path}`, fields, { method }).kind, "refused");
    assert.equal(check(access, path, fields, { method, url }).kind, "refused");
  }));
});

Deno.test("all ways to write a loopback address are one", () => {
  const octet = fc.integer({ min: 0, max: 255 });
  fc.assert(fc.property(octet, octet, octet, octet, (a, b, c, d) => {
    const v4 = `${a}.${b}.${c}.${d}`;
    const hex = [a * 256 + b, c * 256 + d].map((half) => half.toString(16).padStart(4, "0")).join(":");
    for (const text of [v4, `[::ffff:${v4}]`, `[::FFFF:${hex}]`, `[0:0:0:0:0:ffff:${hex}]`]) {
      const host = readAuthority(text)?.host;
      assert.equal(host, v4, text);
      assert.equal(isLoopback(host!), a === 127);
    }
  }));
});
