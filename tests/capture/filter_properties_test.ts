import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Expression,
  type FieldValue,
  filterErrorPlace,
  FilterSyntaxError,
  formatExpression,
  KEYS,
  type NumberValue,
  parseFilter,
  type TextValue,
  type Unit,
} from "../../src/capture/filter/filter.ts";
import { anyText } from "../any_text.ts";
import { closed, data, exchange, opened, response, serverSent, webSocket } from "./filter_samples.ts";

const records = [
  exchange(),
  exchange({ response: response(503) }),
  opened,
  closed,
  data,
  webSocket,
  serverSent,
];

/** Pieces of the language, right and wrong, for sources that get far into the grammar. */
const fragment = fc.constantFrom(
  ...'- ( ) | " * , = : .. > >= <= < \\ \n 5xx 404 64k 150ms 2026-11-20 a foo /api x-id ö 🙂 \ud800 AND'
    .split(" "),
  " ",
  "  ",
  '"a b"',
  ...KEYS.map((key) => `${key.name}:`),
  ...KEYS.map((key) => key.example),
);

const source = fc.oneof(
  anyText(),
  fc.string({ unit: fc.constantFrom(...'-()|"*,=:.><\\ am15kst/') }),
  fc.array(fragment, { maxLength: 12 }).map((pieces) => pieces.join("")),
);

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'aB1/.-=*"\\,|() :<>\n\tö🙂'), minLength: 1, maxLength: 6 }),
  anyText({ minLength: 1, maxLength: 6 }),
  fc.constantFrom("AND", "OR", "NOT", "&&", "!", "POST", "200", "status:5xx", "-a", "=a"),
);

const glob: fc.Arbitrary<TextValue> = fc.tuple(
  fc.oneof(text, fc.constant("")),
  fc.array(text, { maxLength: 2 }),
  fc.oneof(text, fc.constant("")),
).filter(([first, inner, last]) => first !== "" || last !== "" || inner.length !== 1)
  .map(([first, inner, last]) => ({ kind: "glob", parts: [first, ...inner, last] }));

const exact: fc.Arbitrary<TextValue> = fc.oneof(text, fc.constant("")).map((text) => ({
  kind: "exact",
  text,
}));
const contains: fc.Arbitrary<TextValue> = text.map((text) => ({ kind: "contains", text }));
const textValue = fc.oneof(exact, contains, glob);

function numbersOf(unit: Unit): fc.Arbitrary<NumberValue> {
  const number = {
    count: fc.maxSafeNat(),
    status: fc.nat(999),
    bytes: fc.oneof(fc.maxSafeNat(), fc.nat(64).map((size) => size * 2 ** 20)),
    ms: fc.oneof(fc.nat(1e9).map((micros) => micros / 1000), fc.nat(100).map((minutes) => minutes * 60_000)),
    time: fc.nat(2e9).map((seconds) => seconds * 1000 + 7),
  }[unit];
  return fc.oneof(
    fc.record({
      kind: fc.constant("compare" as const),
      operator: fc.constantFrom("=", ">", ">=", "<", "<="),
      number,
    }, { noNullPrototype: true }),
    fc.tuple(number, number).filter(([a, b]) => a !== b)
      .map(([a, b]): NumberValue => ({ kind: "between", from: Math.min(a, b), to: Math.max(a, b) })),
  );
}

const name = fc.oneof(exact, contains, glob).filter((value) => value.kind === "glob" || value.text !== "");
const fields: fc.Arbitrary<readonly FieldValue[]> = fc.tuple(
  fc.array(fc.record({ name }, { noNullPrototype: true }), { maxLength: 2 }),
  fc.array(fc.record({ name, value: textValue }, { noNullPrototype: true }), { maxLength: 2 }),
).map((lists) => lists.flat()).filter((values) => values.length > 0);

const test: fc.Arbitrary<Expression> = fc.constantFrom(...KEYS).chain((key): fc.Arbitrary<Expression> => {
  if (key.kind === "field") return fields.map((values) => ({ kind: "field", key: key.name, values }));
  if (key.kind === "number") {
    return fc.array(numbersOf(key.unit), { minLength: 1, maxLength: 3 })
      .map((values) => ({ kind: "number", key: key.name, values }));
  }
  const { words } = key;
  const value = words === undefined
    ? textValue
    : fc.oneof(contains, glob, fc.constantFrom(...words).map((text): TextValue => ({ kind: "exact", text })));
  return fc.array(value, { minLength: 1, maxLength: 3 }).map((values) => ({
    kind: "text",
    key: key.name,
    values,
  }));
});

const search: fc.Arbitrary<Expression> = fc.oneof(
  contains,
  fc.array(text, { minLength: 2, maxLength: 3 }).map((parts): TextValue => ({
    kind: "glob",
    parts: ["", ...parts, ""],
  })),
).map((value) => ({ kind: "search", value }));

const { expression } = fc.letrec<{ expression: Expression }>((tie) => {
  const group = (kind: "and" | "or") =>
    fc.array(tie("expression"), { minLength: 2, maxLength: 3 })
      .filter((terms) => terms.every((term) => term.kind !== kind))
      .map((terms): Expression => ({ kind, terms }));
  const not = tie("expression").map((term): Expression => ({ kind: "not", term }));
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      { arbitrary: fc.oneof(test, search, fc.constant<Expression>({ kind: "all" })), weight: 2 },
      not,
      group("and"),
      group("or"),
    ),
  };
});

Deno.test("any text is read, or refused with a place inside it", () => {
  fc.assert(
    fc.property(source, (source) => {
      try {
        const { expression } = parseFilter(source);
        assert.deepEqual(parseFilter(formatExpression(expression)).expression, expression);
      } catch (error) {
        if (!(error instanceof FilterSyntaxError)) throw error;
        assert.ok(error.position >= 0 && error.length >= 0);
        assert.ok(error.position + error.length <= source.length);
        assert.match(filterErrorPlace(error), /^.*\n *\^+$/u);
        assert.match(error.message, /^.+$/u);
      }
    }),
    { numRuns: 5000 },
  );
});

Deno.test("an expression that is written and read again is the same", () => {
  fc.assert(
    fc.property(expression, (expression) => {
      const written = formatExpression(expression);
      assert.deepEqual(parseFilter(written).expression, expression, written);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("an expression is plain data that survives JSON", () => {
  fc.assert(fc.property(expression, (expression) => {
    const { expression: read } = parseFilter(formatExpression(expression));
    assert.deepEqual(JSON.parse(JSON.stringify(read)), read);
  }));
});

Deno.test("negation turns every answer round, and De Morgan's laws hold", () => {
  fc.assert(
    fc.property(expression, expression, fc.constantFrom(...records), (a, b, record) => {
      const grouped = (expression: Expression) => `(${formatExpression(expression) || "*"})`;
      const fits = (source: string) => parseFilter(source).matches(record);
      const [left, right] = [grouped(a), grouped(b)];
      assert.equal(fits(`-${left}`), !fits(left));
      assert.equal(fits(`${left} ${right}`), fits(left) && fits(right));
      assert.equal(fits(`${left}|${right}`), fits(left) || fits(right));
      assert.equal(fits(`-(${left} ${right})`), fits(`-${left} | -${right}`));
      assert.equal(fits(`-(${left}|${right})`), fits(`-${left} -${right}`));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a pattern fits what a search with backtracking finds", () => {
  const short = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
  const fitsSlowly = (pattern: string, text: string): boolean => {
    if (pattern === "") return text === "";
    if (pattern[0] !== "*") return text[0] === pattern[0] && fitsSlowly(pattern.slice(1), text.slice(1));
    return fitsSlowly(pattern.slice(1), text) || (text !== "" && fitsSlowly(pattern, text.slice(1)));
  };
  fc.assert(
    fc.property(short.filter((pattern) => pattern !== ""), short, (pattern, text) => {
      const record = { ...serverSent, event: text };
      assert.equal(parseFilter(`event:${pattern}`).matches(record), fitsSlowly(pattern, text));
    }),
    { numRuns: 3000 },
  );
});
