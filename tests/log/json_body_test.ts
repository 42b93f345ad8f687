import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Body, ConnectionInfo } from "../../src/capture/record.ts";
import type { Field } from "../../src/http/head.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { createJsonFormat } from "../../src/log/json.ts";

const connection: ConnectionInfo = { id: 1, listener: "l", client: "c", target: "t" };

/** The body of a response as the log has it. */
function logged(body: Body, fields: readonly Field[] = [], limitBytes = 1024) {
  const head = {
    kind: "response",
    status: 200,
    reason: "OK",
    version: "HTTP/1.1",
    fields,
    raw: new Uint8Array(0),
    exact: true,
    flags: [],
  } as const;
  const out = new ByteWriter(1);
  createJsonFormat({ limitBytes })({
    type: "exchange",
    id: 1,
    connection,
    at: 0,
    interim: [],
    response: { head, body, trailers: [] },
    ms: { total: 0 },
    outcome: "unrequested",
    flags: [],
  }, out);
  return JSON.parse(new TextDecoder().decode(out.view())).response.body;
}

function whole(bytes: Uint8Array | string): Body {
  const kept = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  return { bytes: kept.length, kept };
}

const typed = (value: string): Field[] => [["content-TYPE", value]];

Deno.test("a body is text where it is valid UTF-8, whatever is in it", () => {
  for (
    const text of ["", "AAA", '{"a":"b\\n"}\r\n\t', "Grüße, 世界 😀", "\ufeffbom", "\0\x1b\x7f\x9b\u202e"]
  ) {
    assert.deepEqual(logged(whole(text)), { bytes: new TextEncoder().encode(text).length, text });
  }
});

Deno.test("a body that is not valid UTF-8 is base64, wherever the fault is", () => {
  for (const before of [0, 1, 5000]) {
    const bytes = new Uint8Array(before + 1).fill(97);
    bytes[before] = 0xff;
    const body = logged(whole(bytes));
    assert.deepEqual(Object.keys(body), ["bytes", "base64"]);
    assert.equal(atob(body.base64), "a".repeat(before) + "\xff");
  }
  for (const overlong of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
    assert.deepEqual(logged(whole(Uint8Array.from(overlong))), {
      bytes: overlong.length,
      base64: btoa(String.fromCharCode(...overlong)),
    });
  }
});

Deno.test("a body is read in the charset that it declares", () => {
  const latin = Uint8Array.of(0x47, 0x72, 0xfc, 0xdf, 0x65);
  assert.deepEqual(logged(whole(latin), typed("text/plain; charset=ISO-8859-1")), {
    bytes: 5,
    text: "Grüße",
  });
  assert.deepEqual(logged(whole("AAA"), typed('text/plain;charset="Latin1"')), { bytes: 3, text: "AAA" });
  const wide = Uint8Array.of(0x41, 0, 0x42, 0);
  assert.deepEqual(logged(whole(wide), typed("text/plain; charset=utf-16le")), { bytes: 4, text: "AB" });
});

Deno.test("ASCII bytes are not their own text in a charset that reads them differently", () => {
  assert.deepEqual(logged(whole("AB"), typed("text/plain; charset=utf-16le")), { bytes: 2, text: "䉁" });
  assert.deepEqual(logged(whole("ABC"), typed("text/plain; charset=utf-16be")), { bytes: 3, base64: "QUJD" });
  assert.deepEqual(logged(whole("AB"), typed("text/plain; charset=nonsense")), { bytes: 2, base64: "QUI=" });
});

Deno.test("of a truncated body the kept bytes are written, and all are counted", () => {
  assert.deepEqual(logged({ bytes: 10, kept: new TextEncoder().encode("AAA") }), {
    bytes: 10,
    text: "AAA",
    truncated: true,
  });
  assert.deepEqual(logged({ bytes: 10, kept: new Uint8Array(0) }), { bytes: 10, text: "", truncated: true });
  assert.deepEqual(logged({ bytes: 10, kept: Uint8Array.of(0xff, 0xfe, 0x41, 0x42) }), {
    bytes: 10,
    base64: "//5BQg==",
    truncated: true,
  });
});

Deno.test("a truncated body that was cut inside a character stays text, without that character", () => {
  const bytes = new TextEncoder().encode("aé世😀z");
  for (let kept = 1; kept < bytes.length; kept++) {
    const body = logged({ bytes: bytes.length, kept: bytes.subarray(0, kept) });
    assert.equal(body.truncated, true);
    const encoded = new TextEncoder().encode(body.text);
    assert.deepEqual(encoded, bytes.subarray(0, encoded.length));
    assert.ok(kept - encoded.length <= 3);
  }
  const sameBytesWhole = logged(whole(bytes.subarray(0, 2)));
  assert.deepEqual(sameBytesWhole, { bytes: 2, base64: "YcM=" });
});

Deno.test("a body with a content coding is written as it came and decoded", () => {
  const packed = new Uint8Array(gzipSync("Grüße"));
  const body = logged(whole(packed), [["Content-Encoding", "gzip"]]);
  assert.equal(body.bytes, packed.length);
  assert.deepEqual(Uint8Array.from(atob(body.base64), (c) => c.charCodeAt(0)), packed);
  assert.deepEqual(body.decoded, { bytes: 7, text: "Grüße" });
});

Deno.test("a decoded body that is no text is base64, and no longer than the limit", () => {
  const binary = new Uint8Array(gzipSync(new Uint8Array(5000).fill(0xff)));
  const { decoded } = logged(whole(binary), [["Content-Encoding", "gzip"]], 300);
  assert.equal(decoded.truncated, true);
  assert.equal(decoded.bytes, 300);
  assert.equal(atob(decoded.base64), "\xff".repeat(300));
});

Deno.test("a content coding that could not be undone says why", () => {
  const broken = logged(whole("no gzip at all"), [["Content-Encoding", "gzip"]]);
  assert.equal(broken.text, "no gzip at all");
  assert.equal(typeof broken.decoded.error, "string");
  assert.deepEqual({ ...broken.decoded, error: "" }, { bytes: 0, error: "" });
  const unknown = logged(whole("AAA"), [["Content-Encoding", "x-unheard-of"]]);
  assert.equal(unknown.text, "AAA");
  assert.equal(typeof unknown.decoded.error, "string");
});

Deno.test("an empty body under a content coding is empty, not broken", () => {
  assert.deepEqual(logged(whole(""), [["Content-Encoding", "gzip"]]), { bytes: 0, text: "" });
});
