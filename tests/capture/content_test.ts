/** The content of a message: when there is one, how much of it, and that it is decoded once. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { contentOf } from "../../src/capture/content.ts";
import type { Body, ResponseMessage } from "../../src/capture/record.ts";
import type { Field } from "../../src/http/head.ts";

const LIMIT = 10_000;

function response(body: Body, ...fields: Field[]): ResponseMessage {
  return {
    head: {
      kind: "response",
      version: "HTTP/1.1",
      status: 200,
      reason: "OK",
      fields,
      raw: new Uint8Array(0),
      exact: true,
      flags: [],
    },
    body,
    trailers: [],
  };
}

function bodyOf(kept: Uint8Array, bytes = kept.length): Body {
  return { bytes, kept: Uint8Array.from(kept) };
}

const GZIP: Field = ["Content-Encoding", "gzip"];

const text = Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join("");
const coded = gzipSync(text);

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

Deno.test("a message without a content coding has no content of its own", () => {
  assert.equal(contentOf(response(bodyOf(coded)), LIMIT), undefined);
  assert.equal(contentOf(response(bodyOf(coded), ["Content-Encoding", "identity"]), LIMIT), undefined);
});

Deno.test("an empty body has no content, whatever its head says", () => {
  assert.equal(contentOf(response(bodyOf(new Uint8Array(0)), GZIP), LIMIT), undefined);
});

Deno.test("a coded body is decoded, and its codings are named", () => {
  const content = contentOf(response(bodyOf(coded), ["content-encoding", "GZIP"]), LIMIT);
  assert.deepEqual(content, { codings: ["gzip"], bytes: new TextEncoder().encode(text), truncated: false });
});

Deno.test("content past the limit is truncated", () => {
  const content = contentOf(response(bodyOf(coded), GZIP), 100);
  assert.deepEqual([textOf(content?.bytes), content?.truncated, content?.error], [
    text.slice(0, 100),
    true,
    undefined,
  ]);
});

Deno.test("a body whose end was not kept gives truncated content, which is no error", () => {
  const content = contentOf(
    response(bodyOf(coded.subarray(0, coded.length - 50), coded.length), GZIP),
    LIMIT,
  );
  assert.deepEqual([content?.truncated, content?.error], [true, undefined]);
  assert.ok(content !== undefined && content.bytes.length > 0 && text.startsWith(textOf(content.bytes)));
});

Deno.test("a body of which nothing was kept gives no bytes, and is no error", () => {
  const content = contentOf(response(bodyOf(new Uint8Array(0), 500), GZIP), LIMIT);
  assert.deepEqual(content, { codings: ["gzip"], bytes: new Uint8Array(0), truncated: true });
});

Deno.test("a body that is corrupt before the place where it was cut is an error all the same", () => {
  const broken = Uint8Array.from(coded);
  broken.fill(0xff, 15, 30);
  const content = contentOf(response(bodyOf(broken.subarray(0, 60), broken.length), GZIP), LIMIT);
  assert.equal(content?.truncated, true);
  assert.match(content?.error ?? "", /^gzip: corrupt/);
});

Deno.test("a body that its sender cut short is an error", () => {
  const content = contentOf(response(bodyOf(coded.subarray(0, 60)), GZIP), LIMIT);
  assert.deepEqual([content?.truncated, content?.error], [false, "gzip: cut short"]);
});

Deno.test("a coding that is not known is an error with its name", () => {
  const content = contentOf(response(bodyOf(coded), ["Content-Encoding", "compress"]), LIMIT);
  assert.equal(content?.error, 'unknown content coding "compress"');
});

Deno.test("a message is decoded once, and the first limit wins", () => {
  const message = response(bodyOf(coded), GZIP);
  const first = contentOf(message, 100);
  message.body.kept.fill(0);
  assert.equal(contentOf(message, LIMIT), first);
});
