/** Commands of HTTPie, run by real shells, and the requests that arrive. */
import assert from "node:assert/strict";
import type { RequestMessage } from "../../src/capture/record.ts";
import { createHttpieExporter, httpieCommand } from "../../src/export/httpie.ts";
import type { Field } from "../../src/http/head.ts";
import { installed } from "../end_to_end/program.ts";
import { utf8 } from "../log/human_fixtures.ts";
import { assertSame, Backend, exchangeOf, exported, HOSTILE, inShell, requestFor } from "./received.ts";

const SHELLS = ["sh", "bash"].filter(installed);
const ignore = !installed("http") || SHELLS.length === 0;
const skipped = ignore ? " (skipped: HTTPie or a shell is not installed)" : "";

/** Runs the command of each request, the shells by turns, and compares what arrives. */
async function assertSent(requests: readonly ((target: string) => RequestMessage)[]): Promise<void> {
  await using backend = new Backend();
  const notes: string[] = [];
  for (const [i, make] of requests.entries()) {
    const request = make(backend.target);
    const command = httpieCommand(request, backend.target, { note: (reason) => notes.push(reason) });
    assert.ok(command !== undefined, notes.join());
    const { code, stderr } = await inShell(SHELLS[i % SHELLS.length], command);
    assert.equal(code, 0, `${command}\n${stderr}`);
    assertSame(backend.received[i], request, command);
  }
  assert.deepEqual(notes, []);
}

/** HTTPie cannot do without these. */
const OWN: readonly Field[] = [["user-agent", "x/1"], ["Accept-Encoding", "gzip"]];

const requestsOf = (...parts: readonly Parameters<typeof requestFor>[1][]) =>
  parts.map((part) => (target: string) =>
    requestFor(target, { ...part, fields: [...OWN, ...part.fields ?? []] })
  );

Deno.test({
  name: `HTTPie sends requests as they came${skipped}`,
  ignore,
  fn: () =>
    assertSent(requestsOf(
      {},
      {
        fields: [["Host", "other.example:81"], ["X-Empty", ""], ["x-a", "1"], [
          "X-A",
          "2",
        ]],
      },
      { method: "HEAD" },
      { method: "POST", fields: [["Content-Length", "0"]] },
      { method: "PUT", body: "{}", fields: [["Content-Type", "application/json"], ["Accept", "*/*"]] },
      { method: "POST", body: "abc", fields: [["Transfer-Encoding", "chunked"]] },
      { path: "/a/../b/./c?q=1&r=(x)'!*;,@:$" },
      { path: "/%2F%20?a=%20+%0A&b=%FF" },
      { method: "POST", body: "@/etc/passwd" },
      { method: "POST", body: "--raw" },
      { method: "POST", body: "a\nb\r\nc\n\n" },
      { method: "POST", body: Uint8Array.from({ length: 256 }, (_, byte) => byte) },
      { method: "PATCH", body: "quote ' and % and \\ \n".repeat(10000) },
    )),
});

Deno.test({
  name: `HTTPie sends hostile text as it came, in fields and bodies${skipped}`,
  ignore,
  async fn() {
    const kinds = [":=1", "=x", "@/etc/passwd", ":x", ";", "=@/etc/passwd", "==x", "\\"];
    const texts = [...HOSTILE, ...kinds];
    // Several in each request: HTTPie takes a third of a second to start.
    await assertSent(
      Array.from({ length: Math.ceil(texts.length / 4) }, (_, i) => texts.slice(4 * i, 4 * i + 4)).map(
        (some) => (target: string) =>
          requestFor(target, {
            method: "POST",
            fields: [
              ...OWN,
              ...some.map((text, i): Field => [`X-Hostile-${i}`, text]),
              ["Cookie", some.join(", ")],
            ],
            body: some.join("\n"),
          }),
      ),
    );
    await assert.rejects(Deno.stat("/tmp/tcpmon-injected"));
  },
});

Deno.test({
  name: `a field whose name looks like an option of HTTPie is sent as a field${skipped}`,
  ignore,
  fn: () =>
    assertSent(requestsOf(
      { fields: [["-ofile", "x"], ["-v", "1"]] },
      { method: "POST", fields: [["--verify", "no"], ["--offline", ""]], body: "a" },
    )),
});

Deno.test("a command of HTTPie is what a person would write", () => {
  const request = requestFor("api.example.com", {
    method: "POST",
    path: "/stock?id=5",
    fields: [["User-Agent", "a"], ["Accept", "*/*"], ["Accept-Encoding", "gzip"], ["Connection", "close"]],
    body: "it's",
  });
  const json = {
    ...request,
    head: { ...request.head, fields: [...request.head.fields, ["Content-Type", "b"] as const] },
  };
  assert.equal(
    httpieCommand(json, "https://api.example.com"),
    [
      "https --ignore-stdin --raw='it'\\''s' \\",
      "  POST 'https://api.example.com/stock?id=5' \\",
      "  User-Agent:a \\",
      "  'Accept:*/*' \\",
      "  Accept-Encoding:gzip \\",
      "  Connection:close \\",
      "  Content-Type:b",
    ].join("\n"),
  );
});

Deno.test("what HTTPie cannot send is told, and no command is written that sends something else", () => {
  const notes: string[] = [];
  const write = (parts: Parameters<typeof requestFor>[1], to = "h:80") =>
    httpieCommand(requestFor("h", parts), to, { note: (reason) => notes.push(reason) });
  assert.equal(write({ method: "M-SEARCH" }), undefined);
  assert.equal(write({ method: "get" }), undefined);
  assert.equal(write({ path: "*" }), undefined);
  assert.equal(write({ path: "/a b" }), undefined);
  assert.equal(write({ path: "/%zz" }), undefined);
  assert.equal(write({ method: "HEAD", body: "a" }), undefined);
  assert.equal(write({}, "unix:/run/a.sock"), undefined);
  assert.equal(notes.length, 7);
  assert.ok(!write({ fields: [["X-A", "a\\=b"]] })!.includes("X-A"));
  assert.ok(write({ path: "/%41", version: "HTTP/1.0" }) !== undefined);
  assert.ok(write({ path: "/%2f?a[]=1" }) !== undefined);
  assert.equal(new Set(notes).size, 8);
});

Deno.test("an export for HTTPie has a command for each exchange, and notes for the rest", () => {
  const notes: string[] = [];
  const exporter = createHttpieExporter({ note: (reason) => notes.push(reason) });
  const first = exchangeOf(requestFor("a", {}), "a:80", 1);
  const second = exchangeOf(requestFor("b", {}), "b:443", 2);
  const data = {
    type: "data",
    connection: first.connection,
    at: 0,
    direction: "up",
    offset: 0,
    body: { bytes: 1, kept: utf8("x") },
  } as const;
  const text = exported(exporter, first, data, second);
  assert.deepEqual(text.match(/^https?\b/gm), ["http", "https"]);
  assert.deepEqual([...new Set(notes)].sort(), [
    "data that is not HTTP",
    "requests without User-Agent or Accept-Encoding: HTTPie sends its own",
  ]);
});
