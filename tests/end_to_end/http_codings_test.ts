/** Content codings: the coded bytes pass unchanged, the log has them and what they decode to, within bounds. */
import assert from "node:assert/strict";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { bytesOf } from "./capture.ts";
import { concat } from "./peers.ts";
import type { LogRecord } from "./program.ts";
import { type Wire, wire } from "./wire.ts";

const TEXT = "hello, world; ".repeat(20) + "grüße";
/** TEXT by `zstd -19 --no-check`, since the oldest runtime that these tests run on has no zstd of its own. */
const ZSTD = "KLUv/QBo5QAAqGhlbGxvLCB3b3JsZDsgZ3LDvMOfZQEAB6FOJQ==";

/** Sends a coded response through the relay, and gives its body in the log. */
async function respond(test: Wire, coding: string, bytes: Uint8Array): Promise<LogRecord> {
  const before = (await test.exchanges(0)).length;
  await test.up("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await test.down(
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: ${coding}\r\nContent-Length: ${bytes.length}\r\n\r\n`,
  );
  await test.server.send(bytes);
  assert.deepEqual(await test.client.read(bytes.length), bytes);
  const { response } = (await test.exchanges(before + 1))[before];
  assert.equal(response.body.bytes, bytes.length);
  assert.deepEqual(bytesOf(response.body), bytes);
  return response.body.decoded;
}

const CODINGS: [string, Uint8Array][] = [
  ["gzip", gzipSync(TEXT)],
  ["x-gzip", gzipSync(TEXT)],
  ["deflate", deflateSync(TEXT)],
  ["deflate", deflateRawSync(TEXT)],
  ["br", brotliCompressSync(TEXT)],
  ["zstd", Uint8Array.from(atob(ZSTD), (letter) => letter.charCodeAt(0))],
  ["gzip, br", brotliCompressSync(gzipSync(TEXT))],
];

Deno.test("gzip, deflate, br and zstd, also stacked, are decoded in the log and not on the wire", async () => {
  await using test = await wire();
  for (const [coding, bytes] of CODINGS) {
    const decoded = await respond(test, coding, new Uint8Array(bytes));
    assert.deepEqual(decoded, { bytes: new TextEncoder().encode(TEXT).length, text: TEXT }, coding);
  }
});

Deno.test("coded bodies that cannot be decoded pass all the same, and the log says why", async () => {
  await using test = await wire();
  const gzip = new Uint8Array(gzipSync(TEXT));
  const cut = gzip.subarray(0, gzip.length - 12);
  const broken = gzip.slice();
  broken[20] ^= 0xff;
  const garbage = Uint8Array.from({ length: 100 }, (_, i) => (i * 73) & 0xff);
  const cases: [string, Uint8Array][] = [
    ["gzip", cut],
    ["gzip", broken],
    ["gzip", garbage],
    ["deflate", garbage],
    ["br", garbage],
    ["zstd", garbage],
    ["aes128gcm", garbage],
  ];
  for (const [coding, bytes] of cases) {
    const decoded = await respond(test, coding, bytes);
    assert.equal(typeof decoded.error, "string", coding);
    assert.ok(decoded.error.length > 0);
  }
});

Deno.test("a body that would decode to gigabytes is decoded up to --max-body only", async () => {
  const zeros = new Uint8Array(64 * 1024 * 1024);
  const layer = new Uint8Array(gzipSync(zeros));
  const bomb = new Uint8Array(gzipSync(concat(Array.from({ length: 40 }, () => layer))));
  await using test = await wire();
  const started = performance.now();
  const decoded = await respond(test, "gzip, gzip", bomb);
  assert.ok(performance.now() - started < 10_000);
  assert.ok(decoded.error !== undefined || decoded.truncated === true, JSON.stringify(decoded).slice(0, 200));
  assert.ok((decoded.text ?? decoded.base64 ?? "").length <= 2 * 1024 * 1024);
});

Deno.test("the text log shows coded text decoded", async () => {
  await using test = await wire(["--format", "text"]);
  const bytes = new Uint8Array(gzipSync("can you read this?"));
  await test.up("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await test.down(
    `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/plain\r\nContent-Length: ${bytes.length}\r\n\r\n`,
  );
  await test.server.send(bytes);
  assert.deepEqual(await test.client.read(bytes.length), bytes);
  await test.program.logs((lines) => lines.some((line) => line.trim() === "can you read this?"));
});
