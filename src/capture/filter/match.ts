/**
 * Turns an expression into a predicate over records.
 *
 * All that can be known beforehand is worked out once, since the predicate runs for every record. Texts are compared in
 * lower case, part by part from left to right without backtracking, so no filter takes more than a pass over a text
 * per part.
 */
import type { Body, RequestMessage, ResponseMessage } from "../record.ts";
import type { Expression, NumberValue, TextValue } from "./expression.ts";
import {
  BODIES,
  type BodyKey,
  FIELDS,
  type LowerText,
  NUMBERS,
  type SoapKey,
  type SoapOf,
  SOAPS,
  type Subject,
  testEveryText,
  TEXTS,
} from "./subject.ts";
import { KEYS, type TextKey } from "./keys.ts";

/** The text of a message's body. It never throws. */
export type BodyText = (message: RequestMessage | ResponseMessage) => string;

/** Says whether a record fits. */
export type Predicate = (of: Subject) => boolean;

/** A predicate, and how dear it is: within a group the cheap ones are asked first. */
interface Compiled {
  readonly test: Predicate;
  readonly cost: number;
}

/** What gives the contents of messages. */
interface Contents {
  readonly lower: LowerText;
  readonly soapOf: SoapOf;
}

/** Orders of cost: looks at one value; at all fields; at bodies, which have to be decoded. */
const COST = { value: 0, fields: 1, bodies: 2 };

const ADDRESSES: ReadonlySet<string> = new Set(
  KEYS.filter((key) => key.kind === "text" && key.match === "address").map((key) => key.name),
);

/**
 * A predicate for an expression.
 *
 * @param expression What to ask of a record.
 * @param bodyText Gives the text of a message's body; asked at most once per body and record.
 * @param soapOf Gives what a message says, if it is SOAP.
 */
export function compileExpression(expression: Expression, bodyText: BodyText, soapOf: SoapOf): Predicate {
  const texts = new BodyTexts(bodyText);
  const { test } = compile(expression, { lower: texts.lower, soapOf });
  return (of) => {
    const fits = test(of);
    texts.forget();
    return fits;
  };
}

function compile(expression: Expression, contents: Contents): Compiled {
  switch (expression.kind) {
    case "all":
      return { test: () => true, cost: COST.value };
    case "and": {
      const { tests, cost } = compileTerms(expression.terms, contents);
      return { test: (of) => tests.every((test) => test(of)), cost };
    }
    case "or": {
      const { tests, cost } = compileTerms(expression.terms, contents);
      return { test: (of) => tests.some((test) => test(of)), cost };
    }
    case "not": {
      const { test, cost } = compile(expression.term, contents);
      return { test: (of) => !test(of), cost };
    }
    case "search": {
      const fits = textTest(expression.value);
      const fitsAnyCase = anyCase(fits);
      return {
        test: (of) => testEveryText(of, fitsAnyCase) || BODIES.body(of, fits, contents.lower),
        cost: COST.bodies,
      };
    }
    case "text":
      return compileText(expression.key, expression.values, contents);
    case "number": {
      const read = NUMBERS[expression.key];
      const fits = anyOf(expression.values.map(numberTest));
      return {
        test: (of) => {
          const number = read(of);
          return number !== undefined && fits(number);
        },
        cost: COST.value,
      };
    }
    case "field": {
      const tests = expression.values.map(({ name, value }) => ({
        name: textTest(name),
        value: value === undefined ? undefined : textTest(value),
      }));
      const test = (name: string, value: string) => {
        const lowerName = name.toLowerCase();
        return tests.some((one) =>
          one.name(lowerName) && (one.value === undefined || one.value(value.toLowerCase()))
        );
      };
      const ask = FIELDS[expression.key];
      return { test: (of) => ask(of, test), cost: COST.fields };
    }
  }
}

function compileTerms(
  terms: readonly Expression[],
  contents: Contents,
): { tests: Predicate[]; cost: number } {
  const compiled = terms.map((term) => compile(term, contents)).sort((a, b) => a.cost - b.cost);
  return { tests: compiled.map(({ test }) => test), cost: compiled.at(-1)?.cost ?? COST.value };
}

function compileText(key: TextKey, values: readonly TextValue[], contents: Contents): Compiled {
  const fits = anyOf(values.map(textTest));
  if (isBodyKey(key)) {
    const ask = BODIES[key];
    return { test: (of) => ask(of, fits, contents.lower), cost: COST.bodies };
  }
  if (isSoapKey(key)) {
    const ask = SOAPS[key];
    const test = anyCase(fits);
    return { test: (of) => ask(of, test, contents.soapOf), cost: COST.bodies };
  }
  const ask = TEXTS[key];
  const test = anyCase(ADDRESSES.has(key) ? addressTest(fits) : fits);
  return { test: (of) => ask(of, test), cost: COST.value };
}

function isBodyKey(key: TextKey): key is BodyKey {
  return Object.hasOwn(BODIES, key);
}

function isSoapKey(key: TextKey): key is SoapKey {
  return Object.hasOwn(SOAPS, key);
}

/** A test of text in lower case. */
function textTest(value: TextValue): (text: string) => boolean {
  switch (value.kind) {
    case "exact": {
      const wanted = value.text.toLowerCase();
      return (text) => text === wanted;
    }
    case "contains": {
      const wanted = value.text.toLowerCase();
      return (text) => text.includes(wanted);
    }
    case "glob":
      return globTest(value.parts.map((part) => part.toLowerCase()));
  }
}

/**
 * Whether a text is these parts with anything between. Taking each part at its first place never rules out a match
 * that another choice would find, so there is nothing to go back to.
 */
function globTest(parts: readonly string[]): (text: string) => boolean {
  const [first, last] = [parts[0], parts[parts.length - 1]];
  const inner = parts.slice(1, -1);
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const part of inner) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= end;
  };
}

/** Whether an address, its host or its port fits. An IPv6 host may stand without its brackets. */
function addressTest(fits: (text: string) => boolean): (address: string) => boolean {
  return (address) => {
    if (fits(address)) return true;
    const bracket = address.startsWith("[") ? address.indexOf("]") : -1;
    if (bracket > 0 && (fits(address.slice(1, bracket)) || fits(address.slice(0, bracket + 1)))) return true;
    const colon = address.indexOf(":", bracket + 1);
    return colon >= 0 && (fits(address.slice(0, colon)) || fits(address.slice(colon + 1)));
  };
}

function numberTest(value: NumberValue): (number: number) => boolean {
  if (value.kind === "between") {
    const { from, to } = value;
    return (number) => number >= from && number <= to;
  }
  const wanted = value.number;
  switch (value.operator) {
    case "=":
      return (number) => number === wanted;
    case ">":
      return (number) => number > wanted;
    case ">=":
      return (number) => number >= wanted;
    case "<":
      return (number) => number < wanted;
    case "<=":
      return (number) => number <= wanted;
  }
}

function anyOf<Value>(tests: readonly ((value: Value) => boolean)[]): (value: Value) => boolean {
  return tests.length === 1 ? tests[0] : (value) => tests.some((test) => test(value));
}

function anyCase(test: (text: string) => boolean): (text: string) => boolean {
  return (text) => test(text.toLowerCase());
}

/** Body texts in lower case, made when first asked for and kept while one record is looked at. */
class BodyTexts {
  readonly #bodyText: BodyText;
  readonly #decoder = new TextDecoder();
  readonly #known = new Map<RequestMessage | ResponseMessage | Body, string>();

  constructor(bodyText: BodyText) {
    this.#bodyText = bodyText;
  }

  readonly lower: LowerText = (body, message) => {
    // Two empty bodies may be one object, so a message is told apart by itself.
    const owner = message ?? body;
    let text = this.#known.get(owner);
    if (text === undefined) {
      text = (message === undefined ? this.#decoder.decode(body.kept) : this.#bodyText(message))
        .toLowerCase();
      this.#known.set(owner, text);
    }
    return text;
  };

  forget(): void {
    if (this.#known.size > 0) this.#known.clear();
  }
}
