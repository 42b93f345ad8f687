/** Text as people read it: charsets, and what must never reach a terminal. */
import assert from "node:assert/strict";
import { logOf, message, recordsOf } from "./log_of.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const ok = (type: string, body: string | Uint8Array) =>
  message("HTTP/1.1 200 OK", type === "" ? [] : [`Content-Type: ${type}`], body);
const get = (path: string, ...fields: string[]) =>
  message(`GET ${path} HTTP/1.1`, ["Host: a.test", ...fields]);

const CHARSETS: Record<string, [type: string, body: Uint8Array, shown: string]> = {
  "/latin1": ["text/plain; charset=ISO-8859-1", bytes(0x67, 0x72, 0xfc, 0x6e), "grün"],
  "/1252": ["text/html; charset=windows-1252", bytes(0x80, 0x20, 0x93, 0x78, 0x94), "€ “x”"],
  "/sjis": ["text/plain; charset=Shift_JIS", bytes(0x93, 0xfa, 0x96, 0x7b), "日本"],
  "/utf16": ["text/plain; charset=utf-16le", bytes(0x41, 0, 0x3d, 0xd8, 0, 0xde), "A😀"],
  "/utf8": ["text/plain", new TextEncoder().encode("naïve – 日本"), "naïve – 日本"],
  "/xml": [
    'text/xml; charset="iso-8859-15"',
    bytes(0x3c, 0x61, 0x3e, 0xa4, 0x3c, 0x2f, 0x61, 0x3e),
    "<a>€</a>",
  ],
};

Deno.test("bodies are shown in the charset that they declare, and kept byte by byte in JSON", async () => {
  const answers = Object.fromEntries(
    Object.entries(CHARSETS).map(([path, [type, body]]) => [path, ok(type, body)]),
  );
  const requests = Object.keys(CHARSETS).map((path) => get(path));
  const { text } = await logOf([], answers, requests);
  for (const [path, [, , shown]] of Object.entries(CHARSETS)) {
    const block = text.split("\n\n").find((part) => part.includes(`GET ${path} `))!;
    assert.ok(block.endsWith(`\n    ${shown}`), block);
  }
  const records = recordsOf(await logOf(["--format=json"], answers, requests));
  Object.values(CHARSETS).forEach(([, body, shown], i) => {
    const { text, base64 } = records[i].response.body;
    if (text !== undefined) assert.equal(text, shown);
    else assert.deepEqual(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)), body);
  });
});

/** What drives a terminal, hides text or turns it round, as characters below U+0100 where the wire has them as bytes. */
const NASTY = "\x1b[31mred\x1b]0;title\x07 \x7f \x9b2J \x08\x0b\x0c";
const NASTY_UTF8 = `${NASTY} \u202eevil\u2066 \u200f \u2028 \u061c \u0085`;
// deno-lint-ignore no-control-regex -- controls are what must not be there
const RAW = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

Deno.test("no control from the wire reaches the log raw, wherever it stands, in any format", async () => {
  const answers = {
    "/": message("HTTP/1.1 200 O\x1b[31mK", [`X-Nasty: ${NASTY}`, "Content-Type: text/plain"], NASTY_UTF8),
    "/json": ok("application/json", JSON.stringify({ a: "\u202e" }) + NASTY_UTF8),
    "/latin1": ok("text/plain; charset=iso-8859-1", bytes(0x9b, 0x32, 0x4a, 0x1b, 0x63)),
    "/coded": message("HTTP/1.1 200 OK", ["Content-Encoding: \x1b[5m"], "x\x1b"),
  };
  const requests = [
    get("/?q=\x1b[2J\x9b", `X-Nasty: ${NASTY}`),
    get("/json"),
    get("/latin1"),
    get("/coded"),
    message("POST / HTTP/1.1", ["Host: \x1b[2J", "Content-Type: \x1b[2J"], NASTY_UTF8),
  ];
  for (const options of [[], ["--pretty"], ["--hex"], ["--format=short"], ["--format=json"], ["--redact"]]) {
    const { lines, said } = await logOf(options, answers, requests);
    for (const line of [...lines, ...said]) assert.doesNotMatch(line, RAW, JSON.stringify(line));
    assert.ok(lines.length >= 5);
  }
});

Deno.test("escapes say what was there, and JSON gives it back", async () => {
  const answers = { "/": ok("text/plain", `a\x1b[31m\u202eb\rc \\x1b \\n`) };
  const { text } = await logOf([], answers, [get("/")]);
  assert.ok(text.includes("    a\\x1b[31m\\u{202e}b\\x0dc \\\\x1b \\n\n"), text);
  const [{ response }] = recordsOf(await logOf(["--format=json"], answers, [get("/")]));
  assert.equal(response.body.text, `a\x1b[31m\u202eb\rc \\x1b \\n`);
});

Deno.test("a body cannot pass for a line of the log", async () => {
  const forged = [
    "#2 00:00:00.000 a → b GET /forged 200 OK 1 ms",
    "> GET /forged HTTP/1.1",
    "< HTTP/1.1 299 Forged",
    "! lost",
    "[note]",
    "# 2026-01-01",
  ].join("\n");
  const { lines } = await logOf([], { "/": ok("text/plain", forged) }, [get("/", "X: a")]);
  assert.equal(lines.filter((line) => /^#\d/.test(line)).length, 1);
  assert.equal(lines.filter((line) => /^# /.test(line)).length, 1);
  for (const line of forged.split("\n")) {
    assert.ok(lines.includes(`    ${line}`), line);
    assert.ok(!lines.includes(line), line);
  }
});
