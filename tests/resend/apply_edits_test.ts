import assert from "node:assert/strict";
import * as zlib from "node:zlib";
import fc from "fast-check";
import type { RequestMessage } from "../../src/capture/record.ts";
import { parseRequestHead } from "../../src/http/head_parser.ts";
import { applyEdits, type Edited, readyEdits } from "../../src/resend/apply_edits.ts";
import { EditError, parseEdit } from "../../src/resend/edit.ts";
import { anyText } from "../any_text.ts";
import { bytesOf, latin1 } from "../http/events.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function message(head: string, body: Uint8Array | string = ""): RequestMessage {
  const parsed = parseRequestHead(bytesOf(head));
  assert.ok(typeof parsed !== "string");
  const kept = typeof body === "string" ? encoder.encode(body) : body;
  return { head: parsed, body: { bytes: kept.length, kept }, trailers: [] };
}

async function edit(request: RequestMessage, ...texts: string[]): Promise<Edited> {
  const ready = await readyEdits(texts.map(parseEdit), {
    readFile: (name) => Promise.resolve(encoder.encode(`file ${name}`)),
    loadSelecting: () => import("../../src/select/selector.ts"),
  });
  return applyEdits(request, ready);
}

const headOf = ({ head }: Edited) => latin1(head.raw);
const textOf = ({ body }: Edited) => decoder.decode(body);

Deno.test("a header is set where it stood, added at the end, or taken out", async () => {
  const request = message("GET /a HTTP/1.1\r\nhost: x\r\nX-A:1\r\nX-a: 2\r\nAccept: */*\r\n\r\n");
  assert.equal(
    headOf(await edit(request, "header:X-A=9", "header:New=n", "header:accept")),
    // The head is odd (no space behind a colon), and of two lines none can be the one that is kept.
    "GET /a HTTP/1.1\r\nhost: x\r\nX-A: 9\r\nNew: n\r\n\r\n",
  );
});

Deno.test("an odd head keeps its oddities when another line is edited", async () => {
  const request = message("\r\nGET  /a HTTP/1.1\nHost : x\nX-A:\t1 \r\n folded\r\nX-B: 2\n\n");
  assert.equal(request.head.exact, false);
  assert.equal(
    headOf(await edit(request, "header:X-B=3", "method=POST", "target=/b")),
    "\r\nPOST  /b HTTP/1.1\nHost : x\nX-A:\t1 \r\n folded\r\nX-B: 3\n\n",
  );
});

Deno.test("path and query change without each other, an authority stays", async () => {
  const request = message("GET http://h:1/a?x=1&y=2&x=3 HTTP/1.1\r\nHost: h\r\n\r\n");
  const target = async (...texts: string[]) => (await edit(request, ...texts)).head.target;
  assert.equal(await target("path=/b"), "http://h:1/b?x=1&y=2&x=3");
  assert.equal(await target("query:x=a&b c"), "http://h:1/a?x=a%26b%20c&y=2");
  assert.equal(await target("query:x", "query:y"), "http://h:1/a");
  assert.equal(await target("query:é=ü"), "http://h:1/a?x=1&y=2&x=3&%C3%A9=%C3%BC");
  assert.equal(await target("target=*"), "*");
});

Deno.test("Content-Length is counted in bytes after an edit of the body, and added where there was none", async () => {
  const request = message("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n", "abc");
  const edited = await edit(request, "body=é€😀");
  assert.equal(headOf(edited), "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n");
  assert.equal(textOf(edited), "é€😀");
  const get = message("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.equal(headOf(await edit(get, "body=x")), "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n");
  assert.equal(
    headOf(await edit(request, "body=")),
    "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
  );
  assert.equal(textOf(await edit(get, "body=@a.txt")), "file a.txt");
});

Deno.test("a Content-Length that the user sets is sent as it is", async () => {
  const request = message("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n", "abc");
  assert.match(headOf(await edit(request, "body=12345", "header:Content-Length=7")), /Content-Length: 7\r\n/);
});

Deno.test("chunked stays chunked", async () => {
  const request = message("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "abc");
  const edited = await edit(request, "body=12345");
  assert.equal(headOf(edited), latin1(request.head.raw));
  assert.equal(textOf(edited), "12345");
});

Deno.test("JSON is edited in place: what is not meant stays byte for byte", async () => {
  const body = '{ "id" : 4,\n  "n":9007199254740993, "t":"é\\u00e9", "list":[1, 2] }';
  const request = message(
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n",
    body,
  );
  assert.equal(textOf(await edit(request, "json:$.id=5")), body.replace(": 4", ": 5"));
  assert.equal(textOf(await edit(request, "json:$.id=abc")), body.replace(": 4", ': "abc"'));
  assert.equal(textOf(await edit(request, 'json:$.list[1]={"a":[]}')), body.replace(" 2]", ' {"a":[]}]'));
  assert.match(textOf(await edit(request, "json:$.new=true")), /"new":\s*true/);
});

Deno.test("XML is edited in place, in the charset that the document declares", async () => {
  const latin = bytesOf('<?xml version="1.0" encoding="ISO-8859-1"?>\n<a x="1"><id>\xe9</id><b/></a>');
  const request = message(
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 1\r\n\r\n",
    latin,
  );
  const edited = await edit(request, "xml://id=\u00fc<&", "xml://@x=2");
  assert.equal(
    latin1(edited.body),
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<a x="2"><id>\xfc&lt;&amp;</id><b/></a>',
  );
  await assert.rejects(edit(request, "xml://id=\u4e2d"), /the charset .* lacks a character of the new body/);
});

Deno.test("a path that selects nothing, and a body that is no text, are said clearly", async () => {
  const json = message("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n", "[]");
  await assert.rejects(edit(json, "json:$[3].a=5"), {
    name: "EditError",
    message: "cannot apply json:$[3].a: found nothing there in the body, wanted at least one match",
  });
  const binary = message(
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n",
    new Uint8Array([0xff, 0xfe, 0x00]),
  );
  await assert.rejects(
    edit(binary, "json:$.a=5"),
    /cannot apply json:\$\.a: the body is no text in the charset utf-8/,
  );
  await assert.rejects(edit(json, "xml://a=5"), /cannot apply xml:\/\/a: /);
  await assert.rejects(edit(json, "json:$[=5"), /cannot read the edit/);
});

Deno.test("content codings are taken off, and put on again", async () => {
  const cases: [string, (bytes: Uint8Array) => Uint8Array, (bytes: Uint8Array) => Uint8Array][] = [
    ["gzip", zlib.gzipSync, zlib.gunzipSync],
    ["deflate", zlib.deflateSync, zlib.inflateSync],
    ["deflate", zlib.deflateRawSync, zlib.inflateRawSync],
    ["br", zlib.brotliCompressSync, zlib.brotliDecompressSync],
    [
      "gzip, br",
      (b) => zlib.brotliCompressSync(zlib.gzipSync(b)),
      (b) => zlib.gunzipSync(zlib.brotliDecompressSync(b)),
    ],
  ];
  for (const [coding, encode, decode] of cases) {
    const coded = new Uint8Array(encode(encoder.encode('{"id":4}')));
    const request = message(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: ${coding}\r\nContent-Length: ${coded.length}\r\n\r\n`,
      coded,
    );
    const edited = await edit(request, "json:$.id=12345");
    assert.equal(decoder.decode(decode(edited.body)), '{"id":12345}', coding);
    assert.match(headOf(edited), new RegExp(`Content-Length: ${edited.body.length}\r\n`));
    assert.match(headOf(edited), new RegExp(`Content-Encoding: ${coding}\r\n`));
    assert.deepEqual(edited.notes, []);
  }
});

Deno.test("a coding that cannot be put on again is left off, and that is said", async () => {
  // The content "hello" in a Zstandard frame of one raw block.
  const zstd = bytesOf("\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello");
  const request = message(
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: zstd\r\nContent-Length: ${zstd.length}\r\n\r\n`,
    zstd,
  );
  const edited = await edit(request, "body=other");
  const zstdDecompress =
    (zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array }).zstdDecompressSync;
  if (zstdDecompress === undefined) {
    assert.equal(textOf(edited), "other");
    assert.doesNotMatch(headOf(edited), /Content-Encoding/);
    assert.match(edited.notes[0], /zstd/);
  } else {
    assert.equal(decoder.decode(zstdDecompress(edited.body)), "other");
    assert.match(headOf(edited), /Content-Encoding: zstd/);
  }
});

Deno.test("corrupt codings and bombs are refused", async () => {
  const corrupt = message(
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n",
    "abc",
  );
  await assert.rejects(edit(corrupt, "json:$.a=1"), EditError);
  const bomb = new Uint8Array(zlib.gzipSync(new Uint8Array(70 * 1024 * 1024)));
  const request = message(
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`,
    bomb,
  );
  await assert.rejects(edit(request, "json:$.a=1"), /found more than 67108864 bytes/);
});

Deno.test("whatever a header is set to, it stays one field", async () => {
  await fc.assert(fc.asyncProperty(anyText(), async (value) => {
    const request = message("GET /a HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n\r\n");
    let edited;
    try {
      edited = await edit(request, `header:X-A=${value}`);
    } catch (error) {
      assert.ok(error instanceof EditError);
      return;
    }
    const parsed = parseRequestHead(edited.head.raw);
    assert.ok(typeof parsed !== "string");
    assert.equal(parsed.fields.length, 2);
  }));
});
