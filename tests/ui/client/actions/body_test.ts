/** Whether a body in the editor is well-formed, and where it stops to be. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { SaxesParser } from "saxes";
import { checkBody, formatted } from "../../../../src/ui/client/actions/body_check.ts";
import { jsonFault } from "../../../../src/ui/client/actions/json_fault.ts";
import { xmlFault } from "../../../../src/ui/client/actions/xml_fault.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isXml(text: string): boolean {
  const parser = new SaxesParser({ xmlns: false });
  let isGood = true;
  parser.on("error", () => isGood = false);
  parser.write(text).close();
  return isGood;
}

/** Text that is now and then well-formed. */
function pieces(...parts: readonly string[]) {
  return fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((found) => found.join(""));
}

Deno.test("what the runtime reads as JSON has no fault, and all else has one", () => {
  const made = pieces(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"\\n"',
    '"\\x"',
    '"',
    "1",
    "-0",
    "01",
    "1.",
    "1e5",
    "tru",
    "null",
    " ",
    "\n",
    "\u0001",
  );
  fc.assert(fc.property(made, (text) => assert.equal(jsonFault(text) === undefined, isJson(text), text)), {
    numRuns: 3000,
  });
  fc.assert(fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (json, at, piece) => {
    assert.equal(jsonFault(json), undefined);
    const place = at % (json.length + 1);
    const text = json.slice(0, place) + piece + json.slice(place + 1);
    assert.equal(jsonFault(text) === undefined, isJson(text), text);
  }));
});

Deno.test("the place of a fault in JSON is where a person would look, and is said in words", () => {
  const cases: readonly (readonly [text: string, at: number, words: RegExp])[] = [
    ['{"a": 1,}', 8, /found "}", wanted a name/],
    ['{"a" 1}', 5, /found "1", wanted a colon/],
    ["[1 2]", 3, /wanted a comma/],
    ["[1,", 3, /ends here, wanted a value/],
    ['["a', 1, /does not end/],
    ['["a\n"]', 3, /line break/],
    ['["\\q"]', 2, /escape/],
    ["{'a': 1}", 1, /found "'", wanted a name in quotes/],
    ["nul", 0, /found "nul", wanted a value/],
    ["", 0, /ends here/],
    ["{} x", 3, /wanted nothing more/],
  ];
  for (const [text, at, words] of cases) {
    const fault = jsonFault(text);
    assert.equal(fault?.at, at, text);
    assert.match(fault.reason, words, text);
  }
});

Deno.test("no text is too deep or too long to be looked at", () => {
  assert.equal(jsonFault("[".repeat(300_000))?.at, 300_000);
  assert.equal(jsonFault("[".repeat(300_000) + "]".repeat(300_000)), undefined);
  assert.equal(jsonFault(`"${"a".repeat(2_000_000)}"`), undefined);
  assert.equal(jsonFault(`"${"\\n".repeat(500_000)}`)?.at, 0);
  assert.equal(xmlFault("<a>".repeat(100_000) + "</a>".repeat(100_000)), undefined);
  assert.equal(xmlFault(`<a b="${"x".repeat(1_000_000)}"/>`), undefined);
  assert.match(xmlFault("<a ".repeat(100_000))!.reason, /wanted an attribute/);
});

Deno.test("what another reader takes for XML has no fault, and all else has one", () => {
  const made = pieces(
    "<a>",
    "</a>",
    "<b/>",
    "<b c='1'>",
    "</b>",
    "<b c='1' c='2'/>",
    "<b c=1/>",
    "text",
    " ",
    "&amp;",
    "&",
    "&x;",
    "&#65;",
    "]]>",
    "<![CDATA[<x>]]>",
    "<!-- c -->",
    "<!-- -- -->",
    "<",
    ">",
    "<p:q xmlns:p='u'/>",
  );
  fc.assert(fc.property(made, (text) => assert.equal(xmlFault(text) === undefined, isXml(text), text)), {
    numRuns: 5000,
  });
  fc.assert(
    fc.property(made, (text) => {
      const wrapped = `<a>${text}</a>`;
      assert.equal(xmlFault(wrapped) === undefined, isXml(wrapped), wrapped);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("the place of a fault in XML is where a person would look", () => {
  const cases: readonly (readonly [text: string, at: number, words: RegExp])[] = [
    ["<a>\n <b></a>", 8, /found <\/a>, wanted <\/b>/],
    ["<a><b>", 3, /<b> is not closed/],
    ["<a>1 & 2</a>", 5, /&amp;/],
    ["<a>&nbsp;</a>", 3, /&nbsp; is not declared/],
    ["<a b=1/>", 3, /name="value"/],
    ["<a/><b/>", 4, /behind the end/],
    ["hello", 0, /outside of all elements/],
    ["<!-- x", 0, /comment begins here that does not end/],
    ["", 0, /no element/],
  ];
  for (const [text, at, words] of cases) {
    const fault = xmlFault(text);
    assert.equal(fault?.at, at, text);
    assert.match(fault.reason, words, text);
  }
  assert.equal(xmlFault('<!DOCTYPE a [<!ENTITY b "]>">]><a>&b;</a>'), undefined);
});

Deno.test("a body is JSON or XML by its type, else by how it begins; lines and columns count from 1", () => {
  assert.deepEqual(checkBody("{}", undefined), { kind: "good", language: "json" });
  assert.deepEqual(checkBody(" <a/>", undefined), { kind: "good", language: "xml" });
  assert.deepEqual(checkBody("a=1", undefined), { kind: "other" });
  assert.equal(checkBody("<a/>", "application/problem+json; charset=utf-8").kind, "fault");
  const fault = checkBody('{\n  "a": x\n}', "application/json");
  assert.ok(fault.kind === "fault");
  assert.deepEqual([fault.line, fault.column, fault.at], [2, 8, 9]);
});

Deno.test("formatting indents lines and changes nothing that is said", () => {
  assert.equal(
    formatted('{"a":[1,{"b":null}],"c":1.0}', "json"),
    '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": 1.0\n}',
  );
  assert.equal(formatted("<a><b>1</b><c/></a>", "xml"), "<a>\n   <b>1</b>\n   <c/>\n</a>");
  fc.assert(fc.property(fc.json(), (json) => {
    const text = formatted(json, "json")!;
    assert.deepEqual(JSON.parse(text), JSON.parse(json));
    assert.equal(formatted(text, "json"), text);
  }));
  assert.equal(formatted("[".repeat(500) + "]".repeat(500), "json"), undefined);
});
