/** Commands of curl, run by real shells, and the requests that arrive. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { RequestMessage } from "../../src/capture/record.ts";
import { createCurlExporter, curlCommand } from "../../src/export/curl.ts";
import type { Field } from "../../src/http/head.ts";
import { parseRequestHead } from "../../src/http/head_parser.ts";
import { anyText } from "../any_text.ts";
import { installed } from "../end_to_end/program.ts";
import { utf8 } from "../log/human_fixtures.ts";
import {
  assertPrintable,
  assertSame,
  Backend,
  exchangeOf,
  exported,
  HOSTILE,
  inShell,
  requestFor,
} from "./received.ts";

const SHELLS = ["sh", "dash", "bash"].filter(installed);
const ignore = !installed("curl") || SHELLS.length === 0;
const skipped = ignore ? " (skipped: curl or a shell is not installed)" : "";

/** Runs the command of a request in each shell, and compares what arrives. */
async function assertSent(backend: Backend, request: RequestMessage, shells = SHELLS): Promise<void> {
  const notes: string[] = [];
  const command = curlCommand(request, backend.target, { note: (reason) => notes.push(reason) });
  for (const shell of shells) {
    backend.received.length = 0;
    const script = command.replace(/(^|\| )curl /, "$1curl -sS --max-time 10 ");
    const { code, stderr } = await inShell(shell, script);
    assert.equal(stderr, "", command);
    assert.equal(code, 0, command);
    assertSame(backend.received[0], request, command);
  }
  assert.deepEqual(notes, []);
}

const SAMPLES: { readonly [name: string]: Parameters<typeof requestFor>[1] } = {
  "a plain GET": {},
  "no fields at all but Host": { fields: [["Host", "other.example:81"]] },
  "own user agent": { fields: [["User-Agent", "x/1"], ["Accept", "text/*"], ["Accept", "*/*;q=0.1"]] },
  "empty fields": { fields: [["X-Empty", ""], ["Accept", ""], ["User-Agent", ""]] },
  "fields twice, in odd case": { fields: [["x-A", "1"], ["X-a", "2"], ["cookie", "a=b"], ["Cookie", "c=d"]] },
  "HEAD": { method: "HEAD" },
  "OPTIONS *": { method: "OPTIONS", path: "*" },
  "DELETE without a body": { method: "DELETE" },
  "a method like an option": { method: "-Xtra" },
  "a method of signs": { method: "!#$%&'*+-.^_`|~" },
  "a lower-case method": { method: "get" },
  "POST without length": { method: "POST" },
  "POST with length 0": { method: "POST", fields: [["Content-Length", "0"]] },
  "GET with length 0": { fields: [["Content-Length", "0"]] },
  "GET with a body": { body: "q=1" },
  "PUT": { method: "PUT", body: "{}", fields: [["Content-Type", "application/json"]] },
  "an empty Content-Type": { method: "POST", body: "x", fields: [["Content-Type", ""]] },
  "chunked": { method: "POST", body: "abc", fields: [["Transfer-Encoding", "chunked"]] },
  "chunked and empty": { method: "PUT", fields: [["Transfer-Encoding", "chunked"]] },
  "Expect": { method: "POST", body: "abc", fields: [["Expect", "100-continue"]] },
  "HTTP/1.0": { version: "HTTP/1.0", fields: [["Connection", "keep-alive"]] },
  "HTTP/1.0 without Host": { version: "HTTP/1.0", host: false },
  "HTTP/1.0 with a body": { version: "HTTP/1.0", method: "POST", body: "a=b" },
  "a query like a pattern": { path: "/[1-3]/{a,b}?q=[1]&r={x}" },
  "dots": { path: "/a/../b/./c/.." },
  "encoded dots": { path: "/a/%2e%2E/b/%2e" },
  "encodings": { path: "/%41%2f%2F%7e%zz%?a=%20+%0a" },
  "a fragment": { path: "/a#b?c" },
  "backslashes": { path: "\\a\\..\\b" },
  "slashes": { path: "//a//b/?//" },
  "spaces": { path: "/a b  c" },
  "signs": { path: "/'\"$(x)`y`!<>^|;&*~" },
  "not ASCII": { path: "/ü/日本?q=🎉" },
  "absolute": { path: "http://elsewhere.example/a?b" },
  "no path": { path: "?a=b" },
  "an authority with a user": { path: "/@b:c@d" },
  "a body like a file": { method: "POST", body: "@/etc/passwd" },
  "a body like an option": { method: "POST", body: "--upload-file" },
  "line ends": { method: "POST", body: "a\nb\r\nc\rd\n\n" },
  "NUL and other bytes": { method: "POST", body: Uint8Array.from({ length: 256 }, (_, byte) => byte) },
  "a byte order mark": { method: "POST", body: "\ufefftext" },
  "a body of 90 kB": { method: "POST", body: "quote ' and line\n".repeat(5300) },
  "a body of 200 kB": { method: "POST", body: "quote ' and % and \\ \n".repeat(10000) },
  "binary of 200 kB": { method: "POST", body: new Uint8Array(200_000).map((_, i) => i * 7 ^ i >> 8) },
};

for (const [name, parts] of Object.entries(SAMPLES)) {
  Deno.test({
    name: `curl sends what came: ${name}${skipped}`,
    ignore,
    async fn() {
      await using backend = new Backend();
      await assertSent(backend, requestFor(backend.target, parts));
    },
  });
}

Deno.test({
  name: `curl sends hostile text as it came, in fields, targets and bodies${skipped}`,
  ignore,
  async fn() {
    await using backend = new Backend();
    for (const text of HOSTILE) {
      const request = requestFor(backend.target, {
        method: "POST",
        path: `/${text}`,
        fields: [["X-Hostile", text], ["Cookie", text], ["User-Agent", text]],
        body: text,
      });
      await assertSent(backend, request);
    }
    await assert.rejects(Deno.stat("/tmp/tcpmon-injected"));
  },
});

Deno.test({
  name: `curl sends fields and targets that are not UTF-8${skipped}`,
  ignore,
  async fn() {
    await using backend = new Backend();
    const raw = Uint8Array.from(
      `GET /caf\xe9?\xff HTTP/1.1\r\nHost: ${backend.target}\r\nX-Name: 100% J\xfcrgen's\r\n\r\n`,
      (character) => character.charCodeAt(0),
    );
    const head = parseRequestHead(raw);
    assert.ok(typeof head === "object" && !head.exact);
    const request = { head, body: { bytes: 0, kept: utf8("") }, trailers: [] };
    for (const shell of SHELLS) {
      const { code } = await inShell(shell, `${curlCommand(request, backend.target)} -sS`);
      assert.equal(code, 0);
      const received = backend.received.pop()!.head;
      assert.equal(received.target, "/caf\xe9?\xff");
      assert.deepEqual(received.fields.find(([name]) => name === "X-Name"), ["X-Name", "100% J\xfcrgen's"]);
      assert.ok(!received.exact);
    }
  },
});

Deno.test({
  name: `curl sends whatever text comes${skipped}`,
  ignore,
  async fn() {
    await using backend = new Backend();
    const visible = anyText({ maxLength: 30 })
      // deno-lint-ignore no-control-regex -- what no field value can hold
      .map((text) => text.toWellFormed().replace(/[\u0000\r\n]/g, "").replace(/^[ \t\v\f]+|[ \t]+$/g, ""));
    const token = fc.string({
      unit: fc.constantFrom(..."abzAZ09!#$%&'*+-.^_`|~"),
      minLength: 1,
      maxLength: 8,
    });
    // Names that mean something to curl or the server have their own tests.
    const field = fc.tuple(token.map((name) => `x${name}`), visible) as fc.Arbitrary<Field>;
    const target = fc.oneof(
      fc.webPath().map((path) => path.startsWith("/") ? path : `/${path}`),
      fc.string({ unit: fc.constantFrom(..."/.%2eE?#&=[]{}\\'\"$`!*;:@a b~ü"), maxLength: 12 }).map((text) =>
        `/${text}`.trim()
      ),
    );
    let shell = 0;
    await fc.assert(
      fc.asyncProperty(
        token,
        target,
        fc.array(field, { maxLength: 4 }),
        fc.oneof(fc.uint8Array({ maxLength: 60 }), anyText({ maxLength: 60 })),
        async (method, path, fields, body) => {
          const text = typeof body === "string" ? body.toWellFormed() : body;
          const parts = { method: method === "HEAD" ? "GET" : method, path, fields, body: text };
          await assertSent(backend, requestFor(backend.target, parts), [SHELLS[shell++ % SHELLS.length]]);
        },
      ),
      { numRuns: 120 },
    );
  },
});

Deno.test({
  name: `curl reads long and binary bodies from files where there is a place for them${skipped}`,
  ignore,
  async fn() {
    await using backend = new Backend();
    const folder = await Deno.makeTempDir({ prefix: "tcpmon 'body" });
    try {
      const bodyFile = (name: string, bytes: Uint8Array) => {
        Deno.writeFileSync(`${folder}/${name}`, bytes as Uint8Array<ArrayBuffer>);
        return `${folder}/${name}`;
      };
      const body = Uint8Array.of(0, 1, 255, 10, 13);
      const request = requestFor(backend.target, { method: "PUT", body });
      const script = exported(createCurlExporter({ bodyFile }), exchangeOf(request, backend.target));
      assert.equal((await inShell("sh", script)).code, 0);
      assertSame(backend.received[0], request, script);
      assert.deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["000017-body.bin"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a command is what a person would write", () => {
  const request = requestFor("localhost:8081", {
    method: "POST",
    path: "/stock?id=5",
    fields: [["User-Agent", "curl/8"], ["Accept", "*/*"], ["Content-Type", "text/xml"]],
    body: "<a/>\n",
  });
  const sent = { ...request, rewritten: [["Host", "api.example.com"]] as const };
  assert.equal(
    curlCommand(sent, "https://api.example.com:443"),
    [
      "curl 'https://api.example.com/stock?id=5' \\",
      "  --http1.1 \\",
      "  -H 'User-Agent: curl/8' \\",
      "  -H 'Accept: */*' \\",
      "  -H 'Content-Type: text/xml' \\",
      "  --data-raw '<a/>\n'",
    ].join("\n"),
  );
});

Deno.test("what a client asked a proxy for, curl asks the server itself for", () => {
  const request = requestFor("a.example", { path: "http://a.example/x?y", fields: [["Accept", "*/*"]] });
  assert.equal(
    curlCommand(request, "a.example:80"),
    "curl 'http://a.example/x?y' \\\n  -H User-Agent: \\\n  -H 'Accept: */*'",
  );
});

Deno.test("a Unix socket is named beside the URL", () => {
  const request = requestFor("localhost", { fields: [["User-Agent", "a"], ["Accept", "b"]] });
  assert.match(
    curlCommand(request, "unix:/run/a b.sock"),
    /^curl http:\/\/localhost\/ \\\n {2}--unix-socket '\/run\/a b.sock'/,
  );
});

Deno.test("the scheme is what the connection spoke with its target", () => {
  const record = exchangeOf(requestFor("a.example:8443", {}), "a.example:8443");
  const opened = {
    type: "connection",
    event: "opened",
    connection: record.connection,
    at: record.at,
    connectMs: 1,
    tlsMs: 1,
    targetTls: { version: "TLSv1.3" },
  } as const;
  assert.match(exported(createCurlExporter(), opened, record), /^curl https:\/\/a.example:8443\/ /);
  assert.match(exported(createCurlExporter(), record), /^curl http:\/\/a.example:8443\/ /);
});

Deno.test("no command holds what could drive a terminal", () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      const safe = text.toWellFormed();
      const request = requestFor("h", { path: `/${safe}`, fields: [["A", safe]], body: safe });
      const command = curlCommand(request, "h:80");
      assertPrintable(command);
    }),
  );
});

Deno.test("what curl cannot send is told", () => {
  const notes = new Set<string>();
  const note = (reason: string) => void notes.add(reason);
  const request = requestFor("h", {
    fields: [["Host", "a"], ["Host", "b"], ["@file", "x"], ["bad name", "x"], ["X", "a\0b"], ["Y", "\v"]],
    version: "HTTP/1.2",
  });
  const cut = { ...request, body: { bytes: 10, kept: utf8("abc") }, trailers: [["A", "b"]] as const };
  const command = curlCommand(cut, "h:80", { note });
  assert.equal(notes.size, 6);
  assert.ok(!command.includes("@file") && !command.includes("bad name"));
  notes.clear();
  const { request: _, ...unrequested } = exchangeOf(request, "h:80");
  assert.equal(exported(createCurlExporter({ note }), unrequested), "");
  const tunnel = exchangeOf(requestFor("h", { method: "CONNECT", path: "h:443" }), "h:443");
  assert.equal(exported(createCurlExporter({ note }), tunnel), "");
  assert.equal(notes.size, 2);
});
