/**
 * Chance that repeats. A decision hashes what it is about (seed, connection, direction, kind, index) instead of taking the
 * next number of a shared stream: so it is the same in each run, whatever else happens in between.
 *
 * The mixing is that of a counter-based generator: each word is added by a multiplication with an odd constant, and the
 * state is then avalanched (shift, multiply, shift) until every bit of input has changed half of the output.
 */
import type { Direction } from "../../capture/record.ts";

/** What decisions of one connection and direction are drawn from. */
export interface Chance {
  /** Seed of the run, a whole number from 0. */
  readonly seed: number;
  /** Number of the connection. */
  readonly connectionId: number;
  /** Direction; `both` for a decision that holds for both. */
  readonly direction: Direction | "both";
}

const LANES = [0x9e3779b1, 0x85ebca77] as const;
const DIRECTIONS: Readonly<Record<Chance["direction"], number>> = { both: 0, up: 1, down: 2 };

/**
 * A number from 0, up to but not 1, evenly spread, that depends on nothing but what is given.
 *
 * @param kind What is decided.
 * @param index The how manyth decision of that kind, a whole number from 0.
 */
export function draw(chance: Chance, kind: string, index: number): number {
  const [first, second] = LANES.map((lane) => {
    let state = add(lane, chance.seed);
    state = add(state, chance.connectionId);
    state = add(state, DIRECTIONS[chance.direction]);
    for (let i = 0; i < kind.length; i++) state = addWord(state, kind.charCodeAt(i));
    return add(state, index);
  });
  return ((first >>> 5) * 2 ** 26 + (second >>> 6)) / 2 ** 53;
}

/** Adds a whole number of up to 53 bits. */
function add(state: number, value: number): number {
  return addWord(addWord(state, value >>> 0), Math.floor(value / 2 ** 32) >>> 0);
}

function addWord(state: number, word: number): number {
  let mixed = Math.imul(state ^ word, 0xcc9e2d51) + 0x6d2b79f5 | 0;
  mixed = Math.imul(mixed ^ mixed >>> 16, 0x21f0aaad);
  mixed = Math.imul(mixed ^ mixed >>> 15, 0x735a2d97);
  return (mixed ^ mixed >>> 15) >>> 0;
}
