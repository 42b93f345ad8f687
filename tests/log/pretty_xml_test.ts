import assert from "node:assert/strict";
import fc from "fast-check";
import { prettyXml } from "../../src/log/pretty_xml.ts";

const withoutSpace = (text: string) => text.replace(/[ \t\r\n]+/g, "");

Deno.test("elements stand on their own lines, indented by three spaces as TCPMon did", () => {
  assert.equal(
    prettyXml(
      '<?xml version="1.0"?><soap:Envelope xmlns:soap="urn:s"><soap:Body><q sym="a>b"><n>IBM</n>\n<e/></q></soap:Body></soap:Envelope>\n',
    ),
    [
      '<?xml version="1.0"?>',
      '<soap:Envelope xmlns:soap="urn:s">',
      "   <soap:Body>",
      '      <q sym="a>b">',
      "         <n>IBM</n>",
      "         <e/>",
      "      </q>",
      "   </soap:Body>",
      "</soap:Envelope>",
    ].join("\n"),
  );
});

Deno.test("XML that is indented already is indented anew", () => {
  assert.equal(prettyXml("<a>\n\n  <b>\n<c></c> </b>\n</a>"), "<a>\n   <b>\n      <c></c>\n   </b>\n</a>");
});

Deno.test("mixed content, CDATA, white space alone and xml:space keep every character", () => {
  for (
    const kept of [
      "<p>one <b>two</b> three</p>",
      "<p><b>two</b> tail</p>",
      "<p><![CDATA[ <x> & ]]></p>",
      "<p>  </p>",
      '<p xml:space="preserve"> <b/> <i> <u/> </i> </p>',
    ]
  ) {
    assert.equal(prettyXml(kept), kept);
    assert.equal(prettyXml(`<r>${kept}<s/></r>`), `<r>\n   ${kept}\n   <s/>\n</r>`);
  }
});

Deno.test("comments, instructions and declarations are kept whole", () => {
  assert.equal(
    prettyXml('<!DOCTYPE a [<!ENTITY x "<y>">]><a><!-- <b> --><?go <c>?></a>'),
    '<!DOCTYPE a [<!ENTITY x "<y>">]>\n<a>\n   <!-- <b> -->\n   <?go <c>?>\n</a>',
  );
});

Deno.test("what is not well-formed stands as it was from there on", () => {
  assert.equal(prettyXml("no xml <a>  <b/></a>"), "no xml <a>  <b/></a>");
  assert.equal(prettyXml("<a><b> </c>  <d/></a>"), "<a>\n   <b> </c>  <d/></a>");
  assert.equal(prettyXml("<a><b/><c attr='  <d>"), "<a>\n   <b/>\n<c attr='  <d>");
  assert.equal(prettyXml("<a><b/>< c>"), "<a>\n   <b/>\n< c>");
  assert.equal(prettyXml("<a/></b>"), "<a/>\n</b>");
  assert.equal(prettyXml(""), "");
});

Deno.test("whatever text comes, nothing but white space is changed", () => {
  const xmlish = fc.array(
    fc.constantFrom(
      "<a>",
      "</a>",
      "<b x='1'>",
      "</b>",
      "<c/>",
      " ",
      "\n",
      "t",
      "<",
      ">",
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      "'",
    ),
  ).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(xmlish, fc.string()), (text) => {
      assert.equal(withoutSpace(prettyXml(text)), withoutSpace(text));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("indenting twice is indenting once", () => {
  const tree = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("<e/>", "<t>text</t>", "<m>a<b/>c</m>"),
      fc.array(tie("node"), { minLength: 1, maxLength: 4 }).map((parts) => `<x>${parts.join("")}</x>`),
    ),
  })).node;
  fc.assert(fc.property(tree, (text) => {
    const once = prettyXml(text);
    assert.equal(prettyXml(once), once);
  }));
});

Deno.test("deep nesting, and markup that never ends, take linear time and room", () => {
  const open = "<a>".repeat(300_000);
  assert.ok(prettyXml(open).length < 10 * open.length);
  for (const start of ["<!--", "<a b='", "<![CDATA[", "<", "<!x[", "<?", "</"]) {
    const text = "<r>" + start.repeat(200_000);
    assert.ok(withoutSpace(prettyXml(text)) === withoutSpace(text), start);
  }
});
