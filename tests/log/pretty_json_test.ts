import assert from "node:assert/strict";
import fc from "fast-check";
import { prettyJson } from "../../src/log/pretty_json.ts";

const withoutSpace = (text: string) => text.replace(/[ \t\r\n]+/g, "");

Deno.test("members and elements stand on their own lines, indented by two spaces", () => {
  assert.equal(
    prettyJson('{"a":[1,2.50,{"b":null}],"c":{},"d":[ ],"e":"x, {y}: \\"z\\""}'),
    [
      "{",
      '  "a": [',
      "    1,",
      "    2.50,",
      "    {",
      '      "b": null',
      "    }",
      "  ],",
      '  "c": {},',
      '  "d": [],',
      '  "e": "x, {y}: \\"z\\""',
      "}",
    ].join("\n"),
  );
});

Deno.test("numbers and strings stay as they were written, duplicates and order included", () => {
  const text = '[12345678901234567890,1.0,1e400,-0,"\\u00e9\\/",{"a":1,"a":2}]';
  assert.equal(withoutSpace(prettyJson(text)), text);
});

Deno.test("several values one after the other are each shown", () => {
  assert.equal(prettyJson('{"a":1}\n{"b":2}\n'), '{\n  "a": 1\n}\n{\n  "b": 2\n}');
  assert.equal(prettyJson("1 2"), "1\n2");
});

Deno.test("what is not JSON stands as it was from there on", () => {
  assert.equal(prettyJson('{"a":1 "b" : 2}'), '{\n  "a": 1"b" : 2}');
  assert.equal(prettyJson("[1,  2}  , 3"), "[\n  1,\n  2}  , 3");
  assert.equal(prettyJson("] x  y"), "] x  y");
  assert.equal(prettyJson('{"a": "unterminated  '), '{\n  "a": "unterminated  ');
  assert.equal(prettyJson('[1, {"cut":'), '[\n  1,\n  {\n    "cut": ');
  assert.equal(prettyJson(""), "");
});

Deno.test("indented JSON has the value it had", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const pretty = prettyJson(JSON.stringify(value));
    assert.deepEqual(JSON.parse(pretty), JSON.parse(JSON.stringify(value)));
    assert.equal(pretty, typeof value === "object" ? JSON.stringify(value, null, 2) : JSON.stringify(value));
  }));
});

Deno.test("whatever text comes, nothing but white space is changed", () => {
  const jsonish = fc.array(
    fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "\\", "1", "a", " ", "\n", '"k"'),
  )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(jsonish, fc.string()), (text) => {
      assert.equal(withoutSpace(prettyJson(text)), withoutSpace(text));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a megabyte of brackets is no megabyte squared", () => {
  const text = "[".repeat(1_000_000);
  const pretty = prettyJson(text);
  assert.ok(pretty.length < 10 * text.length);
  assert.ok(withoutSpace(pretty) === text);
});
