/**
 * Texts of any characters at all, for properties. fast-check has them as unit `binary`, but makes a table of all 1,111,998
 * characters first: more than a second in each file of tests.
 */
import fc from "fast-check";

/** How many halves of surrogate pairs there are, which are no characters, and which is the first. */
const HALVES = 0x800;
const FIRST_HALF = 0xd800;

const character = fc.integer({ min: 0, max: 0x10ffff - HALVES }).map(
  (index) => String.fromCodePoint(index < FIRST_HALF ? index : index + HALVES),
  // By this fast-check knows how to make texts such as `__proto__` of them.
  (text) => {
    const point = typeof text === "string" ? text.codePointAt(0) : undefined;
    if (point === undefined || text !== String.fromCodePoint(point)) throw new Error("wanted one character");
    return point < FIRST_HALF ? point : point - HALVES;
  },
);

/** Texts of up to so many characters, each of them any that Unicode has room for. */
export function anyText(length: fc.StringSharedConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...length, unit: character });
}
