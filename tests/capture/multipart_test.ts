/** The parts of multipart bodies, and what those of an MTOM message are to each other. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { parametersOf, partsOf } from "../../src/capture/multipart.ts";
import { relatedOf, xopParts } from "../../src/capture/soap_parts.ts";
import { call, mtom, MTOM_TYPE } from "./soap_samples.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const TYPE = "multipart/mixed; boundary=b";
const texts = (text: string, type = TYPE) =>
  partsOf(encoder.encode(text), type)?.map(({ bytes }) => decoder.decode(bytes));

Deno.test("parts stand between their delimiters, preamble and epilogue left out", () => {
  assert.deepEqual(
    texts("hello\r\n--b\r\n\r\none\r\n--b  \r\nA: b\r\n\r\ntwo\r\n\r\n--b--\r\nbye\r\n--b\r\n\r\nno"),
    [
      "one",
      "two\r\n",
    ],
  );
  assert.deepEqual(texts("--b\n\none\n--b\n\ntwo\n--b--"), ["one", "two"]);
  assert.deepEqual(texts("--b\r\n\r\n --b\r\n--bc\r\n--b-\r\n--b--"), [" --b\r\n--bc\r\n--b-"]);
});

Deno.test("a body that was cut has what there is of its last part", () => {
  const whole = "--b\r\n\r\none\r\n--b\r\nContent-Type: a/b\r\n\r\ntwo\r\n--b--";
  for (let end = 0; end <= whole.length; end++) {
    const found = texts(whole.slice(0, end));
    if (end < "--b".length) assert.equal(found, undefined);
    else assert.ok("one".startsWith(found![0].trimEnd()) || found![0].startsWith("one\r\n"), found![0]);
  }
  assert.deepEqual(texts(whole.slice(0, -8)), ["one", "tw"]);
});

Deno.test("what is no multipart, or names no boundary, has no parts", () => {
  assert.equal(texts("--b\r\n\r\none\r\n--b--", "text/plain; boundary=b"), undefined);
  assert.equal(texts("--b\r\n\r\none\r\n--b--", "multipart/mixed"), undefined);
  assert.equal(texts("--b\r\n\r\none\r\n--b--", "multipart/mixed; boundary=c"), undefined);
  assert.equal(texts("--\r\n\r\none\r\n----", 'multipart/mixed; boundary=""'), undefined);
  assert.equal(partsOf(encoder.encode("--b\r\n"), undefined), undefined);
});

Deno.test("a part tells its id, type and name, its folded fields joined", () => {
  const [part, bare] = partsOf(
    encoder.encode(
      '--b\r\ncontent-ID:  <a@b> \r\nContent-Disposition: form-data; name="f";\r\n\tfilename="a;\\"b\\".png"\r\n' +
        "Content-Type: image/png\r\nContent-Type: text/plain\r\n\r\nx\r\n--b\r\nno colon\r\n\r\ny\r\n--b--",
    ),
    TYPE,
  )!;
  assert.deepEqual({ ...part, bytes: decoder.decode(part.bytes) }, {
    contentId: "a@b",
    contentType: "image/png",
    name: 'a;"b".png',
    bytes: "x",
  });
  assert.deepEqual(Object.keys(bare), ["bytes"]);
});

Deno.test("parameters are read with quotes or without, the first of a name", () => {
  const read = (field: string) => Object.fromEntries(parametersOf(field));
  assert.deepEqual(read("a/b"), {});
  assert.deepEqual(read('a/b; X="a; y=1\\"" ;y = 2 ; z;y=3;'), { x: 'a; y=1"', y: "2", z: "", "": "" });
  assert.deepEqual(read('a/b; x="never closed; y=1'), { x: "never closed; y=1" });
});

Deno.test("the parts beside an envelope are told, and whether it includes them", () => {
  const picture = Uint8Array.from({ length: 600 }, (_, i) => (i * 7) & 255);
  const message = call(mtom(picture), [["Content-Type", MTOM_TYPE]]);
  const parts = xopParts(message, 10_000);
  assert.deepEqual(parts.map(({ contentId, contentType, included }) => [contentId, contentType, included]), [
    ["photo@example.org", "image/png", true],
    [undefined, "text/plain", false],
  ]);
  assert.deepEqual(parts[0].bytes, picture);
  const packed = call(new Uint8Array(gzipSync(mtom(picture))), [["Content-Type", MTOM_TYPE], [
    "Content-Encoding",
    "gzip",
  ]]);
  assert.deepEqual(xopParts(packed, 10_000), parts);
  assert.deepEqual(xopParts(call("--b\r\n\r\nx\r\n--b--", [["Content-Type", TYPE]]), 10_000), []);
});

Deno.test("an include without a part is told", () => {
  const root =
    '<x><i:Include href="cid:a%20b&amp;c"/><i:Include href="http://a.test"/><Include href="cid:%zz"/></x>';
  const type = "multipart/related; boundary=b";
  const parts = partsOf(
    encoder.encode(`--b\r\n\r\n${root}\r\n--b\r\nContent-ID: <%zz>\r\n\r\n1\r\n--b--`),
    type,
  )!;
  const related = relatedOf(parts, type)!;
  assert.deepEqual(related.missing, ["a b&c"]);
  assert.deepEqual([...related.included], [parts[1]]);
  assert.equal(relatedOf(parts, TYPE), undefined);
});
