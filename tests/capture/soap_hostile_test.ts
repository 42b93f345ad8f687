/** SOAP from those who mean no good: it is read in bounded time, or not at all, and never throws. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { partsOf } from "../../src/capture/multipart.ts";
import { SoapCorrelation } from "../../src/capture/soap_exchange.ts";
import { type Soap, soapOf } from "../../src/capture/soap.ts";
import { TEXT_LIMIT } from "../../src/capture/soap_envelope.ts";
import { xopParts } from "../../src/capture/soap_parts.ts";
import {
  ADDRESSING,
  addressing,
  CALL,
  call,
  envelope,
  FAULT,
  mtom,
  MTOM_TYPE,
  SOAP_11,
} from "./soap_samples.ts";
import { exchange } from "./filter_samples.ts";

const MEGABYTE = 1024 * 1024;
const read = (content: string | Uint8Array, type = "text/xml"): Soap | undefined =>
  soapOf(call(content, [["Content-Type", type]]), MEGABYTE);

/** Reads hostile content: it takes ms, where anything that is not linear would take many seconds. */
function quickly(name: string, content: string | Uint8Array, type?: string): Soap | undefined {
  const message = call(content, [["Content-Type", type ?? "text/xml"]]);
  const started = performance.now();
  const soap = soapOf(message, MEGABYTE);
  xopParts(message, MEGABYTE);
  const ms = performance.now() - started;
  assert.ok(ms < 1500, `${name} took ${ms} ms`);
  return soap;
}

Deno.test("size, depth and number of what is sent cost no more than a pass", () => {
  const open = `<s:Envelope xmlns:s="${SOAP_11}" xmlns:w="${ADDRESSING}"`;
  const many = (piece: string) => piece.repeat(Math.ceil(MEGABYTE / piece.length));
  quickly("one long attribute", `${open} x="${"x".repeat(MEGABYTE)}"><s:Body>${CALL}`);
  quickly("attributes", `${open} ${many('a="b" ')}><s:Body>${CALL}`);
  quickly("quotes out of place", `${open}><s:Header>${many(`<w:MessageID a"b"='">`)}`);
  quickly("declarations", `${open} ${many('xmlns:a="b" ')}><s:Body>${CALL}`);
  quickly(
    "names among many declarations",
    `${open} ${'xmlns:a="b" '.repeat(5000)}><s:Header>${many("<a:RelatesTo/><c:RelatesTo>x</c:RelatesTo>")}`,
  );
  quickly("depth", `${open}><s:Header>${"<a>".repeat(100_000)}`);
  quickly("depth in a Fault", `${open}><s:Body><s:Fault><s:Code>${many("<s:Value>")}`);
  quickly("depth in the Body", `${open}><s:Body>${"<a>".repeat(100_000)}`);
  for (
    const piece of ["<", "<!--", "<![CDATA[", "<?", "</", "<!", "<a ", "<a b='", "]]>", "-->", "&#x", "&a"]
  ) {
    quickly(piece, `${open}><s:Header>${many(piece)}`);
    quickly(piece, `${open}><s:Body><s:Fault><faultstring>${many(piece)}`);
    quickly(piece, many(piece));
  }
  quickly("relations", `${open}><s:Header>${many("<w:RelatesTo>a</w:RelatesTo>")}`);
  quickly("parts", many("--b\r\n\r\n"), "multipart/related; boundary=b");
  quickly("fields of parts", `--b\r\n${many("a: b\r\n c\r\n")}`, "multipart/related; boundary=b");
  quickly("includes", `--b\r\n\r\n${many('<x:Include href="cid:a"/>')}`, "multipart/related; boundary=b");
  quickly("parameters", `--b\r\n\r\n<a/>`, `multipart/related${";a".repeat(30_000)}; boundary=b`);
  quickly("blanks in parameters", `--b\r\n\r\n<a/>`, `multipart/related;${" ".repeat(60_000)}=`);
});

Deno.test("entities are not expanded, and a document type is not read", () => {
  const bomb = `<!DOCTYPE a [<!ENTITY a "${"x".repeat(100)}"><!ENTITY b "&a;&a;">]>${
    envelope(FAULT).slice(22)
  }`;
  assert.equal(read(bomb), undefined);
  assert.equal(read(envelope("<!DOCTYPE a>" + CALL))?.operation, undefined);
  const named = FAULT.replace("Out of stock", "&nbsp;&unknown;&#0;&#x110000;&#xD800;&amp;amp;");
  const string = read(envelope(named))?.fault?.string;
  assert.ok(string?.startsWith("&nbsp;&unknown;"), string);
  assert.ok(string?.endsWith("&amp;"), string);
});

Deno.test("long texts are cut, and end with a whole character", () => {
  const long = read(envelope(FAULT.replace("Out of stock", "😀".repeat(5000))))?.fault?.string;
  assert.ok(long !== undefined && long.length <= TEXT_LIMIT && long.length > TEXT_LIMIT - 4, long);
  assert.ok(long.isWellFormed() && !long.includes("\ufffd"));
  const id = read(envelope(CALL, addressing("x".repeat(5000))))?.messageId;
  assert.equal(id?.length, TEXT_LIMIT);
  assert.ok(read(envelope(`<${"n".repeat(5000)}/>`))!.operation!.length <= TEXT_LIMIT);
  const values = read(envelope(CALL, "<wsa:RelatesTo>a</wsa:RelatesTo>".repeat(100)))?.relatesTo;
  assert.equal(values?.length, 8);
});

Deno.test("what lies beyond the first 256 KiB is not read", () => {
  assert.deepEqual(read(envelope(CALL, `<a>${"x".repeat(300_000)}</a>`)), { version: "1.1" });
});

Deno.test("no bytes make it throw, whatever they are said to be", () => {
  const types = [
    "text/xml",
    "text/xml; charset=utf-16",
    "application/soap+xml; charset=shift_jis",
    MTOM_TYPE,
  ];
  const samples = [
    new TextEncoder().encode(envelope(FAULT, addressing("urn:1", "urn:0"))),
    mtom(Uint8Array.of(1, 2, 3, 0, 255)),
  ];
  const change = fc.record({
    sample: fc.constantFrom(...samples),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(40),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(
        "<",
        ">",
        '"',
        "<!--",
        "]]>",
        "<![CDATA[",
        "&",
        "\0",
        "\r\n--MIME_boundary",
        "/",
        "xmlns=",
      )
        .map((text) => new TextEncoder().encode(text)),
    ),
  }).map(({ sample, at, length, bytes }) => {
    const from = Math.floor(at * sample.length);
    return Uint8Array.of(...sample.subarray(0, from), ...bytes, ...sample.subarray(from + length));
  });
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({ maxLength: 300 }), change),
      fc.constantFrom(...types),
      (bytes, type) => {
        const message = call(bytes, [["Content-Type", type]]);
        const soap = soapOf(message, 1000);
        assert.ok(soap === undefined || soap.version === "1.1" || soap.version === "1.2");
        xopParts(message, 1000);
        new SoapCorrelation().of(exchange({ request: message }), 1000);
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("no Content-Type makes it throw", () => {
  const bytes = mtom(new Uint8Array(0));
  const pieces = fc.constantFrom(
    ";",
    "=",
    '"',
    "\\",
    " ",
    "boundary",
    "start",
    "type",
    "MIME_boundary",
    "<",
    ">",
    "a",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parameters) => {
      const type = `multipart/related;${parameters.join("")}`;
      read(bytes, type);
      partsOf(bytes, type);
    }),
    { numRuns: 2000 },
  );
});
