import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import {
  ALIASES,
  type Expression,
  formatExpression,
  KEYS,
  parseFilter,
} from "../../src/capture/filter/filter.ts";
import { closed, data, exchange, openedWithTls, serverSent, struck, webSocket } from "./filter_samples.ts";
import { soapOf } from "../../src/capture/soap.ts";
import { addressing, CALL, call, envelope, failed } from "./soap_samples.ts";

/** The key of a term, or of the term that it negates. */
function keyOf(expression: Expression): string | undefined {
  if (expression.kind === "not") return keyOf(expression.term);
  return "key" in expression ? expression.key : undefined;
}

Deno.test("the example of each key can be read and is of that key", () => {
  for (const key of KEYS) {
    const { expression } = parseFilter(key.example);
    assert.equal(keyOf(expression), key.name);
    assert.deepEqual(parseFilter(formatExpression(expression)).expression, expression);
  }
});

Deno.test("each key has a name of its own, a line of help, and words that it accepts", () => {
  const names = [...KEYS.map((key) => key.name), ...ALIASES.map((alias) => alias.name)];
  assert.equal(new Set(names).size, names.length);
  for (const key of KEYS) {
    assert.match(key.name, /^[a-z]+(-[a-z]+)*$/);
    assert.match(key.description, /^[A-Z][^\n]{10,80}[^.\n]$/);
    if (key.kind !== "text") continue;
    for (const word of key.words ?? []) {
      const values = [{ kind: "exact", text: word }];
      assert.deepEqual(parseFilter(`${key.name}:${word.toUpperCase()}`).expression, {
        kind: "text",
        key: key.name,
        values,
      });
    }
  }
});

Deno.test("each key reads something from some record", () => {
  const broken = exchange({ error: "it broke" });
  const called = failed({ request: call(envelope(CALL, addressing("urn:uuid:1"))) });
  const records = [broken, called, openedWithTls, struck, closed, data, webSocket, serverSent];
  for (const key of KEYS) {
    const value = key.kind !== "number" ? "*" : key.unit === "time" ? ">=1970-01-01" : ">=0";
    const filter = parseFilter(`${key.name}:${value}`, { soapOf: (message) => soapOf(message, 1000) });
    assert.ok(records.some((record) => filter.matches(record)), key.name);
  }
});

Deno.test("each alias means its key", () => {
  for (const { name, key, operator } of ALIASES) {
    const info = KEYS.find((one) => one.name === key)!;
    const value = info.kind === "number" ? (info.unit === "time" ? "2026-11-20" : "200") : "x";
    assert.deepEqual(
      parseFilter(`${name}:${value}`).expression,
      parseFilter(`${key}:${operator ?? ""}${value}`).expression,
    );
  }
});

Deno.test("the language needs nothing that a browser lacks", () => {
  const folder = new URL("../../src/capture/filter/", import.meta.url);
  for (const name of readdirSync(folder)) {
    // The one that gives it the bodies, decoded.
    if (name === "record_filter.ts") continue;
    const source = readFileSync(new URL(name, folder), "utf8");
    assert.doesNotMatch(source, /\bDeno\.|"node:|\bprocess\.|\bBuffer\b/, name);
    for (const [, type, from] of source.matchAll(/^(?:import|export)( type)?\s[^;"]*\bfrom "([^"]+)"/gm)) {
      if (type === undefined) {
        assert.match(from, /^\.\/|^\.\.\/\.\.\/http\/head\.ts$/, `${name} imports ${from}`);
      }
    }
  }
});
