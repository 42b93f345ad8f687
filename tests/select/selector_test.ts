/** What paths select: values, places and ranges; and what is refused, on one line. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { SelectError } from "../../src/select/select_error.ts";
import { parseSelector } from "../../src/select/selector.ts";
import { anyText } from "../any_text.ts";
import { SOAP } from "./samples.ts";

const JSON_TEXT =
  '{ "id": 9007199254740993, "a b": {"it\'s": [1, 2.50, {"n": null}]},\n "s": "x\\u0041", "e": {} }';

function found(path: string, document: string): unknown[] {
  return parseSelector(path).select(document).map(({ text, path }) => [path, text]);
}

function refusal(act: () => unknown): string {
  let message = "";
  assert.throws(act, (error) => {
    assert.ok(error instanceof SelectError, String(error));
    message = error.message;
    return true;
  });
  assert.doesNotMatch(message, /\p{Cc}/u);
  return message;
}

Deno.test("a JSONPath selects values, numbers as exact as they are written", () => {
  assert.deepEqual(found("$.id", JSON_TEXT), [["$.id", "9007199254740993"]]);
  assert.deepEqual(found("$['a b']..n", JSON_TEXT), [["$['a b']['it\\'s'][2].n", "null"]]);
  assert.deepEqual(found("$['a b'][\"it's\"][-2]", JSON_TEXT), [["$['a b']['it\\'s'][1]", "2.50"]]);
  assert.deepEqual(found("$.s", JSON_TEXT), [["$.s", "xA"]]);
  assert.deepEqual(found("$.nope", JSON_TEXT), []);
  assert.deepEqual(found("$[?@.n > 1].n", '[{"n":1},{"n":2}]'), [["$[1].n", "2"]]);
});

Deno.test("members come from the document alone, of equal names the last", () => {
  assert.deepEqual(found("$.constructor", "{}"), []);
  assert.deepEqual(found("$.__proto__.a", '{"__proto__":{"a":1}}'), [["$.__proto__.a", "1"]]);
  assert.deepEqual(found("$.a", '{"a":1,"b":0,"a":2}'), [["$.a", "2"]]);
});

Deno.test("the range of a JSON value is its text", () => {
  const json = fc.json({ maxDepth: 4 });
  fc.assert(fc.property(json, fc.constantFrom("", "\ufeff", " \n"), (text, before) => {
    const document = before + text;
    for (const { range, value, path } of parseSelector("$..*").select(document)) {
      assert.ok(range !== undefined);
      assert.deepEqual(JSON.parse(document.slice(...range)), value);
      assert.deepEqual(parseSelector(path).select(document).map((again) => again.range), [range]);
    }
  }));
});

Deno.test("an XPath finds names without a prefix in any namespace", () => {
  assert.deepEqual(found("//GetQuoteResponse/price", SOAP), [
    ["/Envelope/Body/GetQuoteResponse/price", "34.50"],
  ]);
  assert.deepEqual(found("/Envelope/Body//@*", SOAP), [
    ["/Envelope/Body/GetQuoteResponse/@id", "q1"],
    ["/Envelope/Body/GetQuoteResponse/price/@currency", "EUR"],
  ]);
});

Deno.test("an XPath may use the prefixes that the document declares, and no others", () => {
  assert.equal(found("/soapenv:Envelope/soapenv:Body", SOAP).length, 1);
  assert.equal(found("/soapenv:Envelope/soapenv:price", SOAP).length, 0);
  assert.match(refusal(() => found("//nope:a", SOAP)), /does not declare the prefix "nope"$/);
});

Deno.test("an XPath gives numbers, texts and truth values too", () => {
  const values = (path: string) => parseSelector(path).select(SOAP).map(({ value, range }) => [value, range]);
  assert.deepEqual(values("count(//price) + 1"), [[2, undefined]]);
  assert.deepEqual(values("string(//note)"), [["a < b & c", undefined]]);
  assert.deepEqual(values("boolean(//fault)"), [[false, undefined]]);
  assert.deepEqual(values("name(/*)"), [["soapenv:Envelope", undefined]]);
});

Deno.test("CDATA and text are one text node, with the range of both", () => {
  const [note] = parseSelector("//note/text()").select(SOAP);
  assert.equal(note.text, "a < b & c");
  assert.equal(SOAP.slice(...note.range ?? [0, 0]), "<![CDATA[a < b]]> &amp; c");
});

Deno.test("ranges of XML nodes are exact with marks, CRLF, characters beyond the BMP and odd spaces", () => {
  const document =
    `\ufeff<?xml version="1.0"?>\r\n<!DOCTYPE r [<!ENTITY e "b">]><!-- \r\n --><s:r xmlns:s='u' b = "1&lt;2" ` +
    `s:c='\u{1f600}\r\nx'>t&amp;u\r\n\u{1f600}<s:e /><?p x?><f  ><f>1</f></f ></s:r >\n`;
  const texts = (path: string) =>
    parseSelector(path).select(document).map(({ range }) => document.slice(...range ?? [0, 0]));
  assert.deepEqual(texts("//@*"), ["1&lt;2", "\u{1f600}\r\nx"]);
  assert.deepEqual(texts("/r/text()"), ["t&amp;u\r\n\u{1f600}"]);
  assert.deepEqual(texts("//s:e | //f"), ["<s:e />", "<f  ><f>1</f></f >", "<f>1</f>"]);
  assert.deepEqual(texts("//processing-instruction() | //comment()"), ["<!-- \r\n -->", "<?p x?>"]);
});

Deno.test("every path that is told selects that node alone", () => {
  for (const { path, range } of parseSelector("//node() | //@*").select(SOAP)) {
    assert.deepEqual(parseSelector(path).select(SOAP).map((again) => again.range), [range], path);
  }
});

Deno.test("a path that cannot be read is refused on one line", () => {
  assert.match(refusal(() => parseSelector("")), /found nothing, wanted a JSONPath/);
  assert.match(refusal(() => parseSelector("$.a b")), /^cannot read the JSONPath "\$\.a b": .* at column 5$/);
  assert.match(refusal(() => parseSelector("$[?@.a = 1]")), /column/);
  assert.match(refusal(() => parseSelector("//a[")), /^cannot read the XPath "\/\/a\[": /);
  assert.match(refusal(() => parseSelector("cuont(//a)")), /Unknown function cuont/);
  for (const path of ["$\n\x1b[", "//\x1b\n[", "$x/\u202e"]) refusal(() => parseSelector(path));
});

Deno.test("any text is read as a path or refused", () => {
  fc.assert(fc.property(anyText(), fc.constantFrom("$", "//", ""), (text, before) => {
    try {
      parseSelector(before + text);
    } catch (error) {
      assert.ok(error instanceof SelectError, String(error));
      assert.doesNotMatch(error.message, /\p{Cc}/u);
    }
  }));
});

Deno.test("a document that is not what the path is for is refused with its place", () => {
  const jsonFault = (text: string) => refusal(() => found("$.a", text));
  assert.match(jsonFault('{"a":1,\n  b:2}'), /line 2, column 3$/);
  assert.match(jsonFault("<a/>"), /found "<a\/>", wanted a value/);
  assert.match(jsonFault(""), /found nothing/);
  assert.match(jsonFault('{"a":'), /ends too early/);
  const xmlFault = (text: string) => refusal(() => found("//a", text));
  assert.match(xmlFault("<a>\n</b>"), /unexpected close tag at line 2/);
  assert.match(xmlFault("{}"), /XML/);
  assert.match(xmlFault(""), /root element/);
  assert.match(xmlFault("<a\x1b/>"), /XML/);
});

Deno.test("entities that a document declares are not expanded, and nothing outside is read", () => {
  const bomb = `<!DOCTYPE a [<!ENTITY b "xx"><!ENTITY c "&b;&b;">]><a>&c;</a>`;
  assert.match(refusal(() => found("//a", bomb)), /undefined entity/);
  const outside =
    `<!DOCTYPE a SYSTEM "file:///etc/passwd" [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>x</a>`;
  assert.deepEqual(found("//a", outside), [["/a", "x"]]);
});

Deno.test("ten thousand levels neither hang nor overflow", () => {
  const json = "[".repeat(10_000) + "1" + "]".repeat(10_000);
  assert.equal(found("$[0][0]", json).length, 1);
  assert.match(refusal(() => found("$..*", json)), /levels/);
  const xml = "<a>".repeat(10_000) + "x" + "</a>".repeat(10_000);
  assert.equal(parseSelector("//a").select(xml).length, 10_000);
  const halfAsDeep = "<a>".repeat(5_000) + "</a>".repeat(5_000);
  assert.match(refusal(() => found("//a//a//a", halfAsDeep)), /too many steps/);
  assert.match(refusal(() => found("//a[. = 'x']", xml)), /nested too deeply/);
  assert.match(refusal(() => found("/a", "<a>".repeat(100_000))), /XML elements are nested too deeply$/);
  const wide = "<a>".repeat(1_000) +
    `<b ${Array.from({ length: 100 }, (_, i) => `xml:x${i}=""`).join(" ")}/>`.repeat(2_000);
  assert.match(refusal(() => found("/a", wide)), /XML elements are nested too deeply$/);
});

Deno.test("a hundred thousand siblings are selected at once: text and path are made for those that are read", () => {
  const all = parseSelector("//a").select(`<r>${"<a>x</a>".repeat(100_000)}</r>`);
  assert.equal(all.length, 100_000);
  assert.deepEqual([all[99_999].text, all[99_999].path], ["x", "/r/a[100000]"]);
});

Deno.test("a document of too many values is refused before it fills the memory", () => {
  assert.match(
    refusal(() => found("$[0]", "[".repeat(1_100_000) + "]".repeat(1_100_000))),
    /more than 1000000/,
  );
  assert.match(refusal(() => found("//a", `<r>${"<a/>".repeat(600_000)}</r>`)), /more than 500000/);
});
