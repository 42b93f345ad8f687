/** What bytes are taken for, hex rows, pictures, and text read page by page. */
import assert from "node:assert/strict";
import { contentKind, ENCODINGS } from "../../../../src/ui/client/exchange/body/content_kind.ts";
import { decodedSource } from "../../../../src/ui/client/exchange/body/decoded_source.ts";
import { imageOf, isDrawable } from "../../../../src/ui/client/exchange/body/image_kind.ts";
import { readAll } from "../../../../src/ui/client/exchange/body/read_all.ts";
import {
  base64Bytes,
  type ByteSource,
  heldSource,
  PAGE_BYTES,
  pagedSource,
  recordBytes,
} from "../../../../src/ui/client/exchange/body/source.ts";
import { type LineFormat, TextLoader } from "../../../../src/ui/client/exchange/body/text_loader.ts";
import { hexRows, readOffset } from "../../../../src/ui/client/exchange/hex.ts";
import { GIF, JPEG, PNG, WEBP } from "./images.ts";

const encoder = new TextEncoder();

function kindOf(content: string | Uint8Array, type?: string) {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  return contentKind(bytes, type, true);
}

function load(source: ByteSource, format: LineFormat = "raw", encoding = "utf-8"): TextLoader {
  return new TextLoader({ source, format, encoding, breathe: () => Promise.resolve() });
}

function textOf({ lines }: TextLoader): string {
  return lines.lines.map(({ tokens }) => tokens.map(({ text }) => text).join("")).join("\n");
}

Deno.test("text is formatted as its type says, or as it begins", () => {
  assert.equal(kindOf("{}", "application/problem+json").format, "json");
  assert.equal(kindOf("<a/>", "application/soap+xml; charset=utf-8").format, "xml");
  assert.equal(kindOf('{"a":1}').format, "json");
  assert.equal(kindOf("[1,2]", "text/plain").format, "json");
  assert.equal(kindOf('<?xml version="1.0"?><a/>', "text/plain").format, "xml");
  assert.equal(kindOf("<soapenv:Envelope>", "text/plain").format, "xml");
  assert.equal(kindOf("<html></html>", "text/html").format, undefined);
  assert.equal(kindOf("<!DOCTYPE html>", "application/json").format, undefined);
  assert.equal(kindOf("[not json]", "text/plain").format, undefined);
  assert.equal(kindOf("just text").format, undefined);
});

Deno.test("what is no text is not taken for any, and a byte order mark goes before what is declared", () => {
  assert.equal(kindOf(Uint8Array.of(0, 1, 2, 3), "text/plain").isText, false);
  assert.equal(kindOf(Uint8Array.of(0xff, 0xfe, 0x41, 0)).encoding, "utf-16le");
  assert.equal(kindOf(Uint8Array.of(0xff, 0xfe, 0x41, 0)).isText, true);
  assert.equal(kindOf("é", "text/plain; charset=latin1").encoding, "windows-1252");
  assert.equal(kindOf("x", "text/plain; charset=nonsense").encoding, "utf-8");
  assert.equal(kindOf("", "multipart/related; boundary=x").isMultipart, true);
});

Deno.test("each charset that can be chosen is one that can be decoded", () => {
  for (const name of ENCODINGS) assert.equal(new TextDecoder(name).encoding, name);
});

Deno.test("pictures are told by their bytes and not by their type; SVG is text", () => {
  assert.deepEqual(imageOf(PNG), { type: "image/png", width: 1, height: 1 });
  assert.deepEqual(imageOf(GIF), { type: "image/gif", width: 1, height: 1 });
  assert.deepEqual(imageOf(JPEG), { type: "image/jpeg", width: 16, height: 8 });
  assert.deepEqual(imageOf(WEBP), { type: "image/webp", width: 1, height: 1 });
  assert.equal(kindOf("<svg onload='alert(1)'/>", "image/svg+xml").image, undefined);
  assert.equal(kindOf("<svg onload='alert(1)'/>", "image/png").image, undefined);
  assert.equal(kindOf(PNG, "text/html").image?.type, "image/png");
});

Deno.test("a picture cut anywhere is no error, and one of absurd size is not drawn", () => {
  for (const image of [PNG, GIF, JPEG, WEBP]) {
    for (let cut = 0; cut <= image.length; cut++) imageOf(image.subarray(0, cut));
  }
  assert.equal(isDrawable({ type: "image/png", width: 30_000, height: 30_000 }), false);
  assert.equal(isDrawable({ type: "image/png" }), false);
  assert.equal(isDrawable({ type: "image/png", width: 4000, height: 3000 }), true);
});

Deno.test("hex rows have offset, bytes and text, and twelve digits where eight do not do", () => {
  const bytes = Uint8Array.from({ length: 18 }, (_, i) => i + 60);
  assert.deepEqual(hexRows(bytes, 32), [
    { offset: "00000020", hex: "3c 3d 3e 3f 40 41 42 43  44 45 46 47 48 49 4a 4b", text: "<=>?@ABCDEFGHIJK" },
    { offset: "00000030", hex: "4c 4d                                           ", text: "LM" },
  ]);
  assert.equal(hexRows(Uint8Array.of(0, 255), 2 ** 32)[0].offset, "000100000000");
  assert.equal(hexRows(Uint8Array.of(0, 255), 0)[0].text, "..");
});

Deno.test("offsets are read as decimal or hexadecimal, and nothing else", () => {
  assert.equal(readOffset(" 0x1F "), 31);
  assert.equal(readOffset("100"), 100);
  for (const wrong of ["", "1f", "-1", "1.5", "0x", "9".repeat(30)]) {
    assert.equal(readOffset(wrong), undefined);
  }
});

Deno.test("the bytes of a record are those that were captured, in any charset", () => {
  assert.deepEqual(recordBytes({ bytes: 1, text: "é" }, "text/plain; charset=latin1"), Uint8Array.of(0xe9));
  assert.deepEqual(recordBytes({ bytes: 2, text: "é" }, undefined), Uint8Array.of(0xc3, 0xa9));
  assert.deepEqual(recordBytes({ bytes: 2, base64: "/wA=" }, undefined), Uint8Array.of(255, 0));
  assert.deepEqual(recordBytes({ bytes: 9 }, undefined), new Uint8Array(0));
  assert.deepEqual(base64Bytes("_wA"), Uint8Array.of(255, 0));
  assert.equal(base64Bytes("no base64!"), undefined);
});

Deno.test("a body of which the beginning is here is fetched from there on", async () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  const asked: [number, number][] = [];
  const source = pagedSource(bytes.subarray(0, 10), 100, (from, to) => {
    asked.push([from, to]);
    return Promise.resolve(bytes.subarray(from, to));
  });
  assert.deepEqual(await source.read(2, 8), bytes.subarray(2, 8));
  assert.deepEqual(await source.read(8, 120), bytes.subarray(8));
  assert.deepEqual(asked, [[8, 100]]);
});

Deno.test("text is read by the page; characters that a page cuts are whole, and what is not valid is told", async () => {
  const text = "é".repeat(PAGE_BYTES / 2 - 1) + "a€" + "b\n".repeat(10);
  const loader = load(heldSource(encoder.encode(text)));
  await loader.more();
  assert.equal(loader.isDone, false);
  assert.equal(loader.bytesRead, PAGE_BYTES);
  await loader.more();
  assert.equal(loader.isDone, true);
  assert.equal(loader.isValid, true);
  assert.equal(textOf(loader).replaceAll("\n", ""), text.replaceAll("\n", ""));
  const invalid = load(heldSource(Uint8Array.of(0x61, 0xff, 0x62)));
  await invalid.more();
  assert.deepEqual([textOf(invalid), invalid.isValid], ["a\ufffdb", false]);
  const chosen = load(heldSource(Uint8Array.of(0xe9)), "raw", "windows-1252");
  await chosen.more();
  assert.deepEqual([textOf(chosen), chosen.isValid], ["é", true]);
});

Deno.test("a body that ends before it should, and one that cannot be had, are told apart", async () => {
  const short = load(pagedSource(new Uint8Array(0), 1_000_000, () => Promise.resolve(encoder.encode("abc"))));
  await short.more();
  assert.deepEqual([textOf(short), short.isDone], ["abc", true]);
  const gone = load(pagedSource(new Uint8Array(0), 9, () => Promise.reject(new Error("gone"))));
  await assert.rejects(gone.more(), /gone/);
});

Deno.test("a coded body is decoded as far as it is looked at, and never past the place where it breaks", async () => {
  const text = "0123456789".repeat(100_000);
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  const coded = new Uint8Array(await new Response(stream).arrayBuffer());
  const whole = decodedSource(heldSource(coded), ["gzip"])!;
  assert.equal(new TextDecoder().decode(await whole.read(999_990, 1_000_100)), "0123456789");
  assert.equal(whole.bytes, 1_000_000);
  assert.equal((await readAll(whole, 2_000_000)).bytes.length, 1_000_000);
  const broken = decodedSource(heldSource(coded.subarray(0, coded.length - 20)), ["gzip"])!;
  const beginning = await broken.read(0, 1_000_000);
  assert.ok(beginning.length > 0);
  await assert.rejects(broken.read(beginning.length, beginning.length + 1), /cannot decode further/);
  assert.equal(decodedSource(heldSource(coded), ["no-such-coding"]), undefined);
});

Deno.test("all of a source is read up to a limit, and it is told whether that is all", async () => {
  const source = heldSource(new Uint8Array(PAGE_BYTES + 5));
  assert.deepEqual(await readAll(source, 10), { bytes: new Uint8Array(10), isWhole: false });
  const { bytes, isWhole } = await readAll(source, PAGE_BYTES * 2);
  assert.deepEqual([bytes.length, isWhole], [PAGE_BYTES + 5, true]);
});
