/**
 * Asks the signatures of blocks what the blocks may hold: of many at once, since each question is one
 * statement.
 */
import type { DatabaseSync } from "node:sqlite";
import { signatureSql } from "./signature.ts";

/**
 * How many blocks are asked first, since what is found often is found soon; then twice as many each time …
 */
const FIRST_BLOCKS = 16;
/** … up to so many. */
const MOST_BLOCKS = 1024;

interface Answer {
  /** The blocks that may hold the sequences, of those before {@link until}. */
  readonly blocks: ReadonlySet<number>;
  /** Index of the first block that was not asked. */
  readonly until: number;
  readonly asked: number;
}

/** The signatures of some blocks, in the order in which they are looked through. */
export class Signatures {
  readonly #db: DatabaseSync;
  readonly #blocks: readonly { readonly first: number }[];
  readonly #answers = new Map<readonly number[], Answer>();

  /** Nothing is asked yet. */
  constructor(db: DatabaseSync, blocks: readonly { readonly first: number }[]) {
    this.#db = db;
    this.#blocks = blocks;
  }

  /** Whether the block of that index may hold all these sequences. Indexes rise from call to call. */
  hold(index: number, grams: readonly number[]): boolean {
    let answer = this.#answers.get(grams);
    if (answer === undefined || index >= answer.until) {
      answer = this.#ask(index, grams, Math.min((answer?.asked ?? FIRST_BLOCKS / 2) * 2, MOST_BLOCKS));
      this.#answers.set(grams, answer);
    }
    return answer.blocks.has(this.#blocks[index].first);
  }

  #ask(index: number, grams: readonly number[], asked: number): Answer {
    const until = Math.min(index + asked, this.#blocks.length);
    const [a, b] = [this.#blocks[index].first, this.#blocks[until - 1].first];
    const { sql, parameters } = signatureSql(grams);
    const rows = this.#db.prepare(`SELECT block FROM signatures WHERE block BETWEEN ? AND ? AND ${sql}`)
      .all(Math.min(a, b), Math.max(a, b), ...parameters);
    return { blocks: new Set(rows.map(({ block }) => block as number)), until, asked };
  }
}
