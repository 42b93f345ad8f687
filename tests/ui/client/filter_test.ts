import assert from "node:assert/strict";
import fc from "fast-check";
import { KEYS } from "../../../src/capture/filter/keys.ts";
import { parseFilter } from "../../../src/capture/filter/filter.ts";
import { CHIP_GROUPS, hasTerm, quotedValue, toggleTerm } from "../../../src/ui/client/filter/chips.ts";
import { complete, withSuggestion } from "../../../src/ui/client/filter/completion.ts";
import { hitsOf } from "../../../src/ui/client/filter/hits.ts";
import { readFilter } from "../../../src/ui/client/filter/reading.ts";

const HELP = KEYS.map(({ name, description }) => ({ key: name, help: description }));

function texts(source: string, caret = source.length): readonly string[] {
  return complete(source, caret, HELP)?.suggestions.map(({ text }) => text) ?? [];
}

Deno.test("a filter that cannot be read tells what is wrong, and where", () => {
  const reading = readFilter("status:5xx statsu:3");
  assert.ok(reading.kind === "wrong");
  assert.equal("status:5xx statsu:3".slice(reading.from, reading.to), "statsu");
  assert.match(reading.message, /did you mean "status"/);
  assert.equal(readFilter("status:5xx").kind, "fine");
});

Deno.test("a quick filter is put in, joined with those of its kind, and taken out", () => {
  const one = toggleTerm("", "status:5xx");
  const two = toggleTerm(one, "status:4xx");
  const three = toggleTerm(two, "method:POST");
  assert.deepEqual([one, two, three], ["status:5xx", "status:5xx,4xx", "status:5xx,4xx method:POST"]);
  assert.equal(toggleTerm(three, "status:5xx"), "status:4xx method:POST");
  assert.equal(toggleTerm("status:5xx", "status:5xx"), "");
});

Deno.test("a quick filter leaves what else was asked for", () => {
  assert.equal(toggleTerm("a | b", "method:GET"), "(a | b) method:GET");
  assert.equal(toggleTerm("-path:/health foo", "status:5xx"), "-path:/health foo status:5xx");
});

Deno.test("a quick filter does nothing to a filter that cannot be read", () => {
  assert.equal(toggleTerm("status:", "method:GET"), "status:");
  assert.equal(hasTerm("status:", "method:GET"), false);
});

Deno.test("a term counts as in only where it must be true", () => {
  assert.equal(hasTerm("method:GET,POST foo", "method:GET"), true);
  assert.equal(hasTerm("method:GET | foo", "method:GET"), false);
  assert.equal(hasTerm("-method:GET", "method:GET"), false);
});

Deno.test("any quick filters, put in and out in any order, leave a filter that can be read", () => {
  const terms = CHIP_GROUPS.flatMap(({ chips }) => chips.map(({ term }) => term));
  fc.assert(fc.property(fc.array(fc.constantFrom(...terms), { maxLength: 20 }), (clicks) => {
    let source = "foo";
    const isIn = new Map<string, boolean>();
    for (const term of clicks) {
      source = toggleTerm(source, term);
      isIn.set(term, !isIn.get(term));
    }
    parseFilter(source);
    for (const [term, expected] of isIn) {
      assert.equal(hasTerm(source, term), expected, `${term} in ${source}`);
    }
  }));
});

Deno.test("an address becomes a value that means itself", () => {
  for (const address of ["127.0.0.1:8081", "[::1]:80", 'unix:/a b"c\\d', "*:1"]) {
    assert.deepEqual(parseFilter(`listener:${quotedValue(address)}`).expression, {
      kind: "text",
      key: "listener",
      values: [{ kind: "exact", text: address }],
    });
  }
});

Deno.test("keys are offered by their beginning, then by what they hold", () => {
  assert.deepEqual(texts("sta"), ["status:"]);
  assert.deepEqual(texts("method:GET -pa"), ["path:"]);
  assert.deepEqual(texts("(mime"), ["mime:", "request-mime:", "response-mime:"]);
  assert.ok(texts("").includes("method:"));
});

Deno.test("the values of a key are offered where they are known", () => {
  assert.deepEqual(texts("outcome:req"), ["request-cut", "unrequested"]);
  assert.deepEqual(texts("method:GET,P"), ["POST", "PUT", "PATCH"]);
  assert.deepEqual(texts("path:/"), []);
});

Deno.test("nothing is offered inside quotes, or for what is complete", () => {
  assert.deepEqual(texts('body:"sta'), []);
  assert.deepEqual(texts("method:GET"), []);
});

Deno.test("a suggestion takes the place of what was begun", () => {
  const source = "method:GET sta foo";
  const completion = complete(source, 14, HELP)!;
  assert.deepEqual(withSuggestion(source, completion, "status:"), {
    source: "method:GET status: foo",
    caret: 18,
  });
});

Deno.test("whatever is written, completion never fails and every suggestion can be put in", () => {
  const written = fc.string({ unit: fc.constantFrom(...'sta:x,-(|) "*é'), maxLength: 12 });
  fc.assert(fc.property(written, fc.nat(12), (source, place) => {
    const caret = Math.min(place, source.length);
    const completion = complete(source, caret, HELP);
    for (const { text } of completion?.suggestions ?? []) {
      const next = withSuggestion(source, completion!, text);
      assert.ok(next.source.slice(0, next.caret).trimEnd().endsWith(text));
    }
  }));
});

Deno.test("what is searched for is marked; what must not be there is not", () => {
  assert.deepEqual(hitsOf("Foo path:/api/*.xml -bar status:200 header:x-id=Abc"), [
    "foo",
    "/api/",
    ".xml",
    "abc",
  ]);
  assert.deepEqual(hitsOf("method:GET"), []);
  assert.deepEqual(hitsOf("status:"), []);
});
