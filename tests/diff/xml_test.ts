/** XML bodies compared by what they say. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseSelector, replaceSelected } from "../../src/select/selector.ts";
import { SOAP } from "../select/samples.ts";
import { bodyDifferences } from "./samples.ts";

function diff(before: string, after: string, ...ignore: string[]): unknown[] {
  return bodyDifferences("text/xml", before, after, ...ignore);
}

/** The same SOAP with other prefixes, quotes, white space, CDATA and comments. */
const SOAP_AGAIN =
  `<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header></S:Header><S:Body>` +
  `<q:GetQuoteResponse id='q1' xmlns:q="urn:quotes"><q:symbol>A<![CDATA[AA]]></q:symbol><!-- x -->` +
  `<q:price\ncurrency="E&#85;R">34.50</q:price>\n<q:note>a &lt; b<!-- y --> &#x26; c</q:note>` +
  `</q:GetQuoteResponse></S:Body></S:Envelope>`;

Deno.test("prefixes, quotes, white space, CDATA, comments and empty tags make no difference", () => {
  assert.deepEqual(diff(SOAP, SOAP), []);
  assert.deepEqual(diff(SOAP, SOAP_AGAIN), []);
  assert.deepEqual(diff(SOAP_AGAIN, SOAP), []);
});

Deno.test("values that differ are told by XPath", () => {
  const after = SOAP_AGAIN.replace("34.50", "35").replace("E&#85;R", "USD").replace(
    "id='q1'",
    "id='q1' x='1'",
  );
  assert.deepEqual(diff(SOAP, after), [
    ["/Envelope/Body/GetQuoteResponse/@x", "added", undefined, "1"],
    ["/Envelope/Body/GetQuoteResponse/price/@currency", "changed", "EUR", "USD"],
    ["/Envelope/Body/GetQuoteResponse/price", "changed", "34.50", "35"],
  ]);
});

Deno.test("a name in another namespace is another name", () => {
  assert.equal(diff('<a xmlns="u"/>', '<a xmlns="v"/>').length, 1);
  assert.equal(diff('<a xmlns:p="u" p:b="1"/>', '<a xmlns:p="v" p:b="1"/>').length, 2);
});

/** Elements within elements, down to that depth, with attributes and texts. */
function treeOf(depth: number): fc.Arbitrary<string> {
  return fc.tuple(
    fc.constantFrom("a", "b", "c"),
    depth === 0 ? fc.constant([]) : fc.array(treeOf(depth - 1), { maxLength: 3 }),
    fc.stringMatching(/^[a-z &<]{0,5}$/),
    fc.stringMatching(/^[a-z]{0,5}$/),
  ).map(([name, inner, text, value]) => {
    const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    return `<${name} v="${value}" w="${escaped}">${escaped}${inner.join("")}</${name}>`;
  });
}

const tree = treeOf(3);

Deno.test("any document is the same as itself, with its attributes in another order too", () => {
  fc.assert(fc.property(tree, (document) => {
    assert.deepEqual(diff(document, document), []);
    assert.deepEqual(diff(document, document.replace(/(v="[^"]*") (w="[^"]*")/g, "$2\n $1")), []);
  }));
});

Deno.test("one attribute that is changed is found at its path", () => {
  fc.assert(fc.property(tree, fc.nat(), (inner, at) => {
    const before = `<r>${inner}<a/></r>`;
    const places = parseSelector("//@v").select(before);
    const { path } = places[at % places.length];
    const after = replaceSelected(before, parseSelector(path), "something else").text;
    const found = diff(before, after) as unknown[][];
    assert.deepEqual(found.map(([where, kind, , is]) => [where, kind, is]), [[
      path,
      "changed",
      "something else",
    ]]);
  }));
});

Deno.test("an element that is put in or taken out does not change the others", () => {
  const items = Array.from({ length: 30 }, (_, i) => `<i>${i}</i>`);
  const more = items.toSpliced(10, 0, "<i>x</i>");
  assert.deepEqual(diff(`<r>${items.join("")}</r>`, `<r>${more.join("\n")}</r>`), [
    ["/r/i[11]", "added", undefined, "<i>x</i>"],
  ]);
  assert.deepEqual(diff("<r><a/><b/></r>", "<r><b/><c/></r>"), [
    ["/r/a", "removed", "<a/>", undefined],
    ["/r/c", "added", undefined, "<c/>"],
  ]);
});

Deno.test("white space counts where it is all there is, beside text, and where it is to be preserved", () => {
  assert.deepEqual(diff("<a> </a>", "<a></a>").length, 1);
  assert.deepEqual(diff("<a>x <b/> </a>", "<a>x <b/></a>").length, 1);
  assert.deepEqual(diff('<a xml:space="preserve"> <b/></a>', '<a xml:space="preserve"><b/></a>').length, 1);
  assert.deepEqual(diff("<a>x</a>", "<a>x </a>"), [["/a", "changed", "x", "x "]]);
});

Deno.test("what an XPath selects is left out, under either document's prefixes", () => {
  const after = SOAP_AGAIN.replace("34.50", "35").replace("E&#85;R", "USD");
  assert.deepEqual(diff(SOAP, after, "//price"), []);
  assert.deepEqual(diff(SOAP, after, "//price/text()", "//@currency"), []);
  assert.deepEqual(diff(SOAP, after, "//q:price"), []);
  assert.deepEqual(diff(SOAP, after, "/Envelope"), []);
  assert.deepEqual(diff("<r> <t/>\n</r>", "<r/>", "//t"), []);
  assert.deepEqual(diff("<r>a<!-- c -->b</r>", "<r/>", "/r/text()"), []);
  assert.equal(diff(SOAP, after, "//zz:price").length, 2);
  assert.deepEqual(diff(SOAP, after, "re:EUR|USD", String.raw`re:\d+(\.\d+)?`), []);
});

Deno.test("text that claims to be XML is compared by lines, and so are declared entities", () => {
  assert.deepEqual(diff("<a>\nx", "<a>\ny"), [["line 2", "changed", "x", "y"]]);
  const bomb = '<!DOCTYPE a [<!ENTITY b "xx"><!ENTITY c "&b;&b;">]>\n<a>&c;</a>';
  assert.deepEqual(diff(bomb, bomb.replace("&c;<", "&b;<")), [
    ["line 2", "changed", "<a>&c;</a>", "<a>&b;</a>"],
  ]);
});

Deno.test("deep and large documents neither hang nor overflow", () => {
  const deep = (value: string) => "<a>".repeat(10_000) + value + "</a>".repeat(10_000);
  assert.equal(diff(deep("1"), deep("2")).length, 1);
  const large = (value: string) => `<r>${value}${"<a/>".repeat(600_000)}</r>`;
  assert.match(String(diff(large("1"), large("2"))), /too large to compare by structure/);
});
