/** Expectations about bodies. */
import assert from "node:assert/strict";
import { parseExpectation } from "../../src/select/expectation.ts";
import { SOAP } from "./samples.ts";

const DOCUMENT =
  '{"id":9007199254740993,"name":"Bob","e":{"b":1,"a":2.0},"list":[1,1,2],"none":null,"code":"200"}';

function holds(expectation: string, document = DOCUMENT): boolean {
  return parseExpectation(expectation).check(document).ok;
}

Deno.test("a JSON value is compared as JSON, or as a string", () => {
  const right = [
    "$.id = 9007199254740993",
    "$.id=9007199254740993",
    "$.id != 9007199254740992",
    "$.name = Bob",
    '$.name = "Bob"',
    "$.name = 'Bob'",
    '$.e = {"a":2,"b":1}',
    "$.none = null",
    '$.code = "200"',
    "$.code != 200",
    "$.list[?@ == 2] = 2",
    "$.list[?@ != 2] = 1",
  ];
  for (const expectation of right) assert.ok(holds(expectation), expectation);
  for (const expectation of ["$.id = 9007199254740992", "$.name = bob", "$.code = 200", "$.e = {}"]) {
    assert.ok(!holds(expectation), expectation);
  }
});

Deno.test("all that is selected must be as expected, and something must be selected", () => {
  assert.ok(!holds("$.list[*] = 1"));
  assert.ok(holds("$.list[0:2] = 1"));
  assert.ok(!holds("$.list[*] != 1"));
  for (const expectation of ["$.nope = 1", "$.nope != 1", "$.nope ~ .", "$.nope"]) {
    assert.deepEqual(parseExpectation(expectation).check(DOCUMENT), { ok: false, found: "nothing" });
  }
});

Deno.test("a bare path holds where something is there, a bare XPath where it is true", () => {
  assert.ok(holds("$.none"));
  assert.ok(holds("//price", SOAP));
  assert.ok(!holds("//fault", SOAP));
  assert.ok(holds("not(//fault)", SOAP));
  assert.ok(holds("count(//price) >= 1", SOAP));
  assert.ok(!holds("count(//price) > 1", SOAP));
  assert.ok(holds("(//symbol = 'AAA' and //price > 34)", SOAP));
});

Deno.test("XML texts are compared as texts, and as numbers where both are", () => {
  for (
    const expectation of [
      "//symbol = AAA",
      "//symbol = 'AAA'",
      "//price = 34.5",
      "count(//price) = 1",
      "//price[@currency = 'EUR'] = 34.50",
      "//price/@currency != USD",
      "boolean(//fault) = false",
      "//symbol ~ ^A+$",
    ]
  ) assert.ok(holds(expectation, SOAP), expectation);
  assert.ok(!holds("//price = 34.51", SOAP));
  assert.ok(!holds("//symbol ~ ^B", SOAP));
});

Deno.test("what was found is told on one line", () => {
  const found = (expectation: string, document = DOCUMENT) =>
    parseExpectation(expectation).check(document).found;
  assert.equal(found("$.name = x"), '"Bob"');
  assert.equal(found("$.list[*] = x"), "1, 1, 2");
  assert.equal(found("$ = 1", '[1,\n "\u202e"]'), '[1, "\\u202e"]');
  assert.equal(found("$[*] = 1", `[${"7,".repeat(9)}7]`), "7, 7, 7, 7, 7 and 5 more");
  assert.match(found("$.a = 1", "<a/>"), /^cannot read the document as JSON/);
  assert.match(found("//a = 1", "{}"), /^cannot read the document as XML/);
});

Deno.test("an expectation that cannot be read is refused", () => {
  assert.throws(() => parseExpectation("= 5"), /found no path/);
  assert.throws(() => parseExpectation("$.a ~ ("), /regular expression/);
  assert.throws(() => parseExpectation("$.["), /JSONPath/);
  assert.throws(() => parseExpectation(""), /found nothing/);
});
