/** Redirects: where they lead, and what stays behind. */
import assert from "node:assert/strict";
import { composeResponseHead } from "../../src/http/compose_head.ts";
import type { ResponseHead } from "../../src/http/head.ts";
import { buildRequest, type BuiltRequest, type RequestWish } from "../../src/send/build_request.ts";
import { type Followed, REDIRECT_LIMIT, Redirects } from "../../src/send/follow.ts";
import { formatUrl } from "../../src/send/request_url.ts";

function build(wish: Partial<RequestWish>): BuiltRequest {
  const context = { version: "1", boundary: () => "b" };
  return buildRequest({ url: "https://a.example/x/y", headers: [], items: [], ...wish }, context);
}

function redirect(status: number, location?: string): ResponseHead {
  const fields = location === undefined ? [] : [["Location", location] as const];
  return composeResponseHead({ version: "HTTP/1.1", status, reason: "", fields });
}

function follow(wish: Partial<RequestWish>, status: number, location?: string): Followed {
  return new Redirects().next(build(wish), redirect(status, location));
}

function next(wish: Partial<RequestWish>, status: number, location: string): BuiltRequest {
  const followed = follow(wish, status, location);
  assert.ok(followed.kind === "next", JSON.stringify(followed));
  return followed.next;
}

function names(built: BuiltRequest): string[] {
  return built.request.fields.map(([name]) => name.toLowerCase());
}

Deno.test("what is no redirect, or leads nowhere, is the end", () => {
  for (const [status, location] of [[200, "/z"], [304, "/z"], [300, "/z"], [302, undefined]] as const) {
    assert.deepEqual(follow({}, status, location), { kind: "done" });
  }
});

for (
  const [method, status, wanted] of [
    ["POST", 301, "GET"],
    ["POST", 302, "GET"],
    ["POST", 303, "GET"],
    ["PUT", 303, "GET"],
    ["HEAD", 303, "HEAD"],
    ["PUT", 302, "PUT"],
    ["POST", 307, "POST"],
    ["POST", 308, "POST"],
    ["GET", 301, "GET"],
  ] as const
) {
  Deno.test(`after ${status} ${method} becomes ${wanted}`, () => {
    const data = method === "HEAD" || method === "GET" ? undefined : "body";
    const built = next({ method, data, headers: ["X-Own: 1"] }, status, "../z?q");
    assert.equal(built.request.method, wanted);
    assert.equal(formatUrl(built.url), "https://a.example/z?q");
    assert.ok(names(built).includes("x-own"));
    const keepsBody = data !== undefined && wanted === method;
    assert.equal(built.body.length, keepsBody ? 4 : 0);
    assert.equal(names(built).includes("content-length"), keepsBody);
    assert.equal(names(built).includes("content-type"), keepsBody);
  });
}

const SECRETS = ["Authorization: Bearer x", "cookie: a=b", "Proxy-Authorization: y"];

for (
  const [location, isHome] of [
    ["/z", true],
    ["https://A.EXAMPLE:443/z", true],
    ["https://a.example:8443/z", false],
    ["https://b.example/z", false],
    ["//b.example/z", false],
    ["https://a.example.evil/z", false],
    ["https://a.example@b.example/z", false],
  ] as const
) {
  Deno.test(`credentials ${isHome ? "go along" : "stay behind"} to ${location}`, () => {
    const followed = follow({ headers: [...SECRETS, "Host: chosen"] }, 307, location);
    assert.ok(followed.kind === "next");
    const kept = names(followed.next).filter((name) => /authorization|cookie/.test(name));
    assert.equal(kept.length, isHome ? 3 : 0);
    assert.deepEqual(followed.dropped, isHome ? [] : ["Authorization", "cookie", "Proxy-Authorization"]);
    const host = followed.next.request.fields.find(([name]) => name === "Host")?.[1];
    assert.equal(host, isHome ? "chosen" : followed.next.url.host);
  });
}

Deno.test("keys and tokens in fields of their own stay behind like Authorization", () => {
  const headers = ["X-Api-Key: 1", "x-auth-token: 2", "PRIVATE-TOKEN: 3", "X-CSRF-Token: 4", "X-Trace: 5"];
  const followed = follow({ headers }, 307, "https://b.example/");
  assert.ok(followed.kind === "next");
  assert.deepEqual(followed.dropped, ["X-Api-Key", "x-auth-token", "PRIVATE-TOKEN", "X-CSRF-Token"]);
  assert.ok(names(followed.next).includes("x-trace"));
  assert.ok(names(next({ headers }, 307, "/z")).includes("x-api-key"));
});

Deno.test("the user of a URL goes to no other origin, nor does one that a redirect names", () => {
  const built = next({ url: "http://me:secret@a.example/" }, 302, "http://other:word@b.example/");
  assert.equal(names(built).includes("authorization"), false);
  assert.equal(built.url.user, undefined);
  assert.equal(
    names(next({ url: "http://me:secret@a.example/" }, 302, "/b")).includes("authorization"),
    true,
  );
});

Deno.test("http may lead to https, without credentials; never the other way", () => {
  const built = next({ url: "http://a.example/", headers: SECRETS }, 301, "https://a.example/");
  assert.equal(built.url.scheme, "https");
  assert.equal(names(built).some((name) => /authorization|cookie/.test(name)), false);
  const back = follow({}, 302, "http://a.example/z");
  assert.ok(back.kind === "refused");
  assert.match(back.error, /^redirect 302 not followed: found "http:\/\/a\.example\/z", wanted https/);
});

for (
  const location of [
    "ftp://a/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http:a",
    "https://",
    "https://a b/",
  ]
) {
  Deno.test(`a redirect to ${location} is refused in one line`, () => {
    const followed = follow({}, 302, location);
    assert.ok(followed.kind === "refused");
    assert.match(followed.error, /^redirect 302 not followed: found .+, wanted .+$/);
  });
}

Deno.test("a loop ends, and so does a chain without end", () => {
  const loop = new Redirects();
  const first = build({});
  const second = loop.next(first, redirect(302, "/b"));
  assert.ok(second.kind === "next");
  const third = loop.next(second.next, redirect(302, "/x/y"));
  assert.ok(third.kind === "refused");
  assert.match(third.error, /it is a loop/);

  const chain = new Redirects();
  let built = first;
  for (let i = 1; i <= REDIRECT_LIMIT; i++) {
    const followed = chain.next(built, redirect(302, `/${i}`));
    assert.ok(followed.kind === "next");
    built = followed.next;
  }
  const last = chain.next(built, redirect(302, "/more"));
  assert.ok(last.kind === "refused");
  assert.match(last.error, /more than 10/);
});
