/** Exchanges compared: heads, what is left out, how they ended, how that is shown. */
import assert from "node:assert/strict";
import type { ExchangeRecord } from "../../src/capture/record.ts";
import { compareExchanges } from "../../src/diff/compare_exchanges.ts";
import { differencesJson, formatDifferences } from "../../src/diff/format.ts";
import { diffRules, parseIgnore } from "../../src/diff/rules.ts";
import { timingsTable } from "../../src/diff/timings.ts";
import type { Field } from "../../src/http/head.ts";
import { differences, exchange, type Parts } from "./samples.ts";

function headDifferences(before: Parts, after: Parts, ...ignore: string[]): unknown[] {
  return differences(exchange("text/plain", before), exchange("text/plain", after), ...ignore)
    .map(({ part, where, path, kind, before, after }) => [part, where, path, kind, before, after]);
}

const fields = (...list: Field[]) => ({ fields: list });

Deno.test("start lines are compared part by part", () => {
  const [before, after] = [{}, { method: "PUT", target: "/b", status: 404, reason: "Not Found" }];
  assert.deepEqual(headDifferences(before, after), [
    ["request", "method", undefined, "changed", "POST", "PUT"],
    ["request", "target", undefined, "changed", "/a", "/b"],
    ["response", "status", undefined, "changed", "200", "404"],
    ["response", "reason", undefined, "changed", "OK", "Not Found"],
  ]);
  assert.equal(headDifferences(before, after, "status", "reason").length, 2);
});

Deno.test("fields are compared by name whatever its case, in any order, values exactly", () => {
  assert.deepEqual(headDifferences(fields(["A", "1"], ["B", "2"]), fields(["b", "2"], ["a", "1"])), []);
  assert.deepEqual(headDifferences(fields(["A", "1"], ["B", "x"]), fields(["B", "X"], ["C", "3"])), [
    ["response", "header", "A", "removed", "1", undefined],
    ["response", "header", "B", "changed", "x", "X"],
    ["response", "header", "C", "added", undefined, "3"],
  ]);
});

Deno.test("the order of fields with equal names matters", () => {
  const cookies = (...values: string[]) => fields(...values.map((value): Field => ["Set-Cookie", value]));
  assert.deepEqual(headDifferences(cookies("a", "b"), cookies("b", "a")), [
    ["response", "header", "Set-Cookie", "moved", "a | b", "b | a"],
  ]);
  assert.deepEqual(headDifferences(cookies("a", "b"), cookies("a", "b", "c")), [
    ["response", "header", "Set-Cookie", "added", undefined, "c"],
  ]);
});

Deno.test("fields may be left out by name, or by what stands in them", () => {
  const [before, after] = [fields(["X-Id", "a1"], ["X-At", "9"]), fields(["x-id", "b2"], ["X-At", "7"])];
  assert.equal(headDifferences(before, after).length, 2);
  assert.deepEqual(headDifferences(before, after, "header:x-id", "X-At"), []);
  assert.deepEqual(headDifferences(before, after, String.raw`re:[a-z]?\d`), []);
});

Deno.test("what tells of the moment and of one hop is left out, unless it is not to be", () => {
  const before = exchange("text/plain", fields(["Date", "1"], ["Age", "1"], ["Connection", "close"]));
  const after = exchange("text/plain", fields(["Date", "2"], ["Keep-Alive", "timeout=5"]));
  assert.deepEqual(compareExchanges(before, after, diffRules([])), []);
  assert.equal(compareExchanges(before, after, diffRules([], { defaults: false })).length, 4);
});

Deno.test("Content-Length is left out where the bodies are the same, but not where there is none to have", () => {
  const rules = diffRules([]);
  const json = (body: string) => exchange("application/json", { body });
  assert.deepEqual(compareExchanges(json("[1]"), json("[ 1 ]"), rules), []);
  assert.deepEqual(compareExchanges(json("[1]"), json("[22]"), rules).map(({ where }) => where), [
    "header",
    "body",
  ]);
  assert.deepEqual(compareExchanges(json("[1]"), json("[22]"), diffRules([parseIgnore("body")])), []);
  const head = (length: string): ExchangeRecord =>
    exchange("text/plain", { method: "HEAD", fields: [["Content-Length", length]] });
  assert.equal(compareExchanges(head("5"), head("6"), rules).length, 1);
});

Deno.test("trailers are compared as fields are", () => {
  assert.deepEqual(headDifferences({ trailers: [["X-Sum", "1"]] }, { trailers: [["X-Sum", "2"]] }), [
    ["response", "trailer", "X-Sum", "changed", "1", "2"],
  ]);
});

Deno.test("of the messages only those asked for are compared", () => {
  const [before, after] = [
    exchange("text/plain", { target: "/a" }),
    exchange("text/plain", { target: "/b" }),
  ];
  assert.deepEqual(compareExchanges(before, after, diffRules([], { parts: ["response"] })), []);
  assert.equal(compareExchanges(before, after, diffRules([], { parts: ["request"] })).length, 1);
  const asked = exchange("text/plain", { requestBody: "x" });
  assert.deepEqual(compareExchanges(before, asked, diffRules([])).map(({ part, where }) => [part, where]), [
    ["request", "body"],
  ]);
});

Deno.test("an exchange that ended otherwise differs in that", () => {
  const { response: _, ...rest } = exchange("text/plain");
  const failed: ExchangeRecord = { ...rest, outcome: "connect-failed", error: "connection refused" };
  assert.deepEqual(differences(exchange("text/plain"), failed), [{
    part: "response",
    where: "outcome",
    kind: "changed",
    before: "complete",
    after: "connect-failed: connection refused",
  }]);
  assert.deepEqual(differences(failed, failed), []);
});

Deno.test("rules are read, and what is none is refused on one line", () => {
  const kind = (text: string) => parseIgnore(text).kind;
  assert.deepEqual(["X-A", "header:status", "$.a", "//a", "/a/@b", "re:/x/", "status", "timing"].map(kind), [
    "header",
    "header",
    "json",
    "xml",
    "xml",
    "pattern",
    "status",
    "timing",
  ]);
  for (const text of ["", "a b", "header:", "re:", "re:(", "$.[", "//[", "a\nb"]) {
    assert.throws(() => parseIgnore(text), /^SelectError: cannot read \P{Cc}*$/u, text);
  }
});

Deno.test("differences are shown one below the other, escaped by whoever shows them", () => {
  const [before, after] = ['{"a":[1,2,3],"b":"\u001b[31m","c":0}', '{"a":[3,1,2],"b":"y"}'].map((body) =>
    exchange("text/plain", { body, fields: [["X", body.length > 30 ? "\x1b" : "2"]] })
  );
  const found = differences(before, after);
  const text = formatDifferences(found, { escape: (text) => text.replaceAll("\x1b", "ESC") });
  assert.equal(
    text,
    "response header X\n  - ESC\n  + 2\n" +
      'response body line 1\n  - {"a":[1,2,3],"b":"ESC[31m","c":0}\n  + {"a":[3,1,2],"b":"y"}\n',
  );
  const json = differences(
    exchange("application/json", { body: "[1,2,3]" }),
    exchange("application/json", { body: "[3,1,2,4]" }),
  );
  const paint = {
    before: (text: string) => `<${text}>`,
    after: (text: string) => `(${text})`,
    place: String,
  };
  assert.equal(
    formatDifferences(json, { escape: String, paint }),
    "response body $[2] moved to $[0]\nresponse body $[3] added\n  (+ 4)\n",
  );
  assert.deepEqual(JSON.parse(JSON.stringify(differencesJson(json))), [
    { part: "response", where: "body", path: "$[2]", kind: "moved", before: "$[2]", after: "$[0]" },
    { part: "response", where: "body", path: "$[3]", kind: "added", after: "4" },
  ]);
});

Deno.test("times stand side by side", () => {
  const before = { ...exchange("text/plain"), ms: { connect: 0.5, wait: 1.1, total: 2 } };
  const after = { ...exchange("text/plain"), ms: { wait: 1.3, total: 1.5, relay: 0.1 } };
  assert.deepEqual(timingsTable(before, after), [
    { step: "connect", beforeMs: 0.5 },
    { step: "wait", beforeMs: 1.1, afterMs: 1.3, differenceMs: 0.2 },
    { step: "total", beforeMs: 2, afterMs: 1.5, differenceMs: -0.5 },
    { step: "relay", afterMs: 0.1 },
  ]);
});
