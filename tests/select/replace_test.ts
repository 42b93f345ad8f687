/** Replacing what a path selects, and nothing else. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseSelector, replaceSelected } from "../../src/select/selector.ts";
import { SOAP } from "./samples.ts";

function replaced(document: string, path: string, value: string): string {
  return replaceSelected(document, parseSelector(path), value).text;
}

Deno.test("a JSON value is replaced by JSON, or by a string where it is none", () => {
  const document = '{ "id" : 1e2,\n  "s":"\\u0041" }\n';
  assert.equal(replaced(document, "$.id", " 9007199254740993 "), document.replace("1e2", "9007199254740993"));
  assert.equal(replaced(document, "$.s", 'a"b\n'), document.replace('"\\u0041"', '"a\\"b\\n"'));
  assert.equal(replaced(document, "$", "[]"), "[]\n");
});

Deno.test("every value that is selected is replaced, of nested ones the outer", () => {
  assert.deepEqual(replaceSelected('[{"a":1},{"a":[2]}]', parseSelector("$[*].a"), "0"), {
    text: '[{"a":0},{"a":0}]',
    count: 2,
  });
  assert.deepEqual(replaceSelected("[[1,[2]],3]", parseSelector("$..*"), "0"), { text: "[0,0]", count: 2 });
});

Deno.test("a member that an object has not is added in the manner of the one before it", () => {
  assert.equal(replaced("{}", "$.new", "1"), '{"new":1}');
  assert.equal(replaced('{"a":1}', "$.new", "1"), '{"a":1,"new":1}');
  assert.equal(replaced('{ "a": 1 }', "$.new", "x"), '{ "a": 1, "new": "x" }');
  assert.equal(
    replaced('{\n  "a": 1,\n  "b\\":": 2\n}', "$['n w']", "true"),
    '{\n  "a": 1,\n  "b\\":": 2,\n  "n w": true\n}',
  );
  assert.equal(replaced('[{"a":{}}]', "$[-1].a.b", "1"), '[{"a":{"b":1}}]');
});

Deno.test("where nothing is selected and nothing can be added, nothing changes", () => {
  for (const path of ["$.a.b", "$[0]", "$.*.x", "$..x", "$.a[1]"]) {
    assert.deepEqual(
      replaceSelected('{"a":1}', parseSelector(path), "1"),
      { text: '{"a":1}', count: 0 },
      path,
    );
  }
  assert.deepEqual(replaceSelected(SOAP, parseSelector("//nope"), "1"), { text: SOAP, count: 0 });
});

Deno.test("what was put into JSON is found there, and all else is as it was", () => {
  fc.assert(fc.property(fc.json(), fc.string(), (text, value) => {
    const document = `{"before": ${text},\t"x":[0, ${text}], "after":${text}}`;
    const result = replaced(document, "$.x[0]", JSON.stringify(value));
    assert.equal(parseSelector("$.x[0]").select(result)[0].value, value);
    assert.equal(result.replace(JSON.stringify(value), () => "0").length, document.length);
    assert.deepEqual(JSON.parse(result).after, JSON.parse(document).after);
  }));
});

Deno.test("the text of an element and the value of an attribute are replaced, escaped", () => {
  assert.equal(replaced(SOAP, "//symbol", "<&\r"), SOAP.replace(">AAA<", ">&lt;&amp;&#13;<"));
  assert.equal(replaced(SOAP, "//price/@currency", `"'\n`), SOAP.replace("'EUR'", `'"&apos;&#10;'`));
  assert.equal(replaced(SOAP, "//@id", `"'`), SOAP.replace('"q1"', `"&quot;'"`));
  assert.equal(replaced(SOAP, "//note/text()", "x"), SOAP.replace("<![CDATA[a < b]]> &amp; c", "x"));
});

Deno.test("an element without a place for a text gets one", () => {
  assert.equal(
    replaced(SOAP, "//Header", "x"),
    SOAP.replace("<soapenv:Header/>", "<soapenv:Header>x</soapenv:Header>"),
  );
  assert.equal(replaced("<a b='/' />", "/a", "x"), "<a b='/'>x</a>");
  assert.equal(replaced("<a><a></a></a>", "/a/a", "x"), "<a><a>x</a></a>");
});

Deno.test("what was put into XML is found there", () => {
  const value = fc.string({ unit: "grapheme" }).filter((text) =>
    !/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text)
  );
  fc.assert(fc.property(value, (text) => {
    assert.equal(parseSelector("//symbol").select(replaced(SOAP, "//symbol", text))[0].text, text);
    assert.equal(parseSelector("//@currency").select(replaced(SOAP, "//@currency", text))[0].text, text);
  }));
});

Deno.test("what cannot be replaced is refused", () => {
  assert.throws(() => replaced(SOAP, "count(//a)", "1"), /found a value, wanted elements/);
  assert.throws(() => replaced(SOAP, "//comment()", "1"), /found a comment/);
  assert.throws(() => replaced(SOAP, "//symbol", "\x00"), /control character/);
  assert.throws(() => replaced("<a/>", "$.a", "1"), /as JSON/);
});
