/**
 * Rows in the order of a column: all ids that pass a filter are put in order once, and pages are taken from that. Since
 * it has to look at every row, it works in steps, and lets others work between them.
 */
import type { DatabaseSync } from "node:sqlite";
import { BusyError } from "./busy_error.ts";
import type { Dictionary } from "./dictionary.ts";
import { rowOf } from "./history_row.ts";
import type { Matching } from "./matching.ts";
import { ORDER_COLUMNS, type OrderColumn } from "./order_column.ts";
import { OrderReader } from "./order_reader.ts";
import type { OrderedPage, OrderRequest } from "./ordering.ts";
import type { Query } from "./query.ts";
import { sortedPositions } from "./radix_sort.ts";
import type { HiddenSpans, Removals } from "./removals.ts";
import { numberOf } from "./statements.ts";
import { TextKeys } from "./text_ranks.ts";

/** How many orders are known; each has eight bytes a row. */
const KNOWN = 4;
/** How many may wait while another one is made. */
const MOST_WAITING = 4;
/** How many ids are looked at by one statement … */
const STEP_IDS = 16_384;
/** … and where their records may have to be read … */
const STEP_RECORDS = 1024;
/** … and for how long others wait at most, save for such a step. */
const STEP_MS = 15;

const encoder = new TextEncoder();

/** What orders need. */
export interface OrdersOptions {
  /** The history. */
  readonly db: DatabaseSync;
  /** Its shapes and sides. */
  readonly dictionary: Dictionary;
  /** What was removed from it. */
  readonly removals: Removals;
  /** Finds what passes. */
  readonly matching: Matching;
  /** Makes a query of a filter. */
  readonly query: (filter: string) => Query;
  /** A monotonic clock, ms. */
  readonly now: () => number;
  /** Resolves when others have worked. It throws where the history was closed meanwhile. */
  readonly pause: () => Promise<void>;
}

interface Order {
  readonly number: number;
  /** What it is an order of: key, direction, filter. */
  readonly of: string;
  readonly ids: Float64Array;
}

/** An order that is being made, or waits for that. */
interface Making {
  readonly order: Promise<Order>;
  /** How many wait for it. */
  askers: number;
  /** Ends it. */
  readonly end: AbortController;
}

type Make = (end: AbortSignal) => Promise<Float64Array>;

/** The orders that are known, and how others are made. */
export class Orders {
  readonly #options: OrdersOptions;
  /** The one that was asked for last is the last. */
  readonly #known: Order[] = [];
  readonly #underWay = new Map<string, Making>();
  #before: Promise<unknown> = Promise.resolve();
  #last = 0;

  /** None is known yet. */
  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  /**
   * A page of an order, which is made where it is not known.
   *
   * @param signal The one who asks has gone: an order that nobody waits for any more is not made.
   * @throws {FilterSyntaxError} Where the filter cannot be read.
   * @throws {BusyError} Where too many wait already.
   */
  async page(
    { key, isFalling, offset, limit, filter = "", order: wanted }: OrderRequest,
    signal?: AbortSignal,
  ): Promise<OrderedPage> {
    const of = JSON.stringify([key, isFalling, filter]);
    const make = (end: AbortSignal) => this.#make(ORDER_COLUMNS[key], isFalling, filter, end);
    const order = this.#knownAs(wanted, of) ?? await this.#made(of, make, signal);
    const { db, dictionary, matching, removals } = this.#options;
    const hidden = removals.spans();
    const ids = order.ids.subarray(offset, offset + limit);
    const rows = matching.fetch(Array.from(ids).filter((id) => !hidden.has(id)));
    dictionary.refresh(db);
    return {
      rows: rows.map((row) => rowOf(row, dictionary)),
      total: order.ids.length,
      hasMore: offset + limit < order.ids.length,
      order: order.number,
    };
  }

  #knownAs(number: number | undefined, of: string): Order | undefined {
    const at = this.#known.findIndex((order) => order.number === number && order.of === of);
    if (at < 0) return undefined;
    const [order] = this.#known.splice(at, 1);
    this.#known.push(order);
    return order;
  }

  /** One after the other: each takes memory while it is made. Who asks for the same meanwhile gets the same. */
  async #made(of: string, make: Make, signal: AbortSignal | undefined): Promise<Order> {
    signal?.throwIfAborted();
    const making = this.#underWay.get(of) ?? this.#begin(of, make);
    making.askers++;
    const { promise: gone, reject } = Promise.withResolvers<never>();
    const leave = () => {
      reject(signal?.reason);
      if (--making.askers > 0) return;
      making.end.abort(signal?.reason);
      // Its place is free at once, and who asks for the same from now on gets another one.
      if (this.#underWay.get(of) === making) this.#underWay.delete(of);
    };
    signal?.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([making.order, gone]);
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  #begin(of: string, make: Make): Making {
    if (this.#underWay.size > MOST_WAITING) {
      throw new BusyError(
        `the history is putting other rows in order, and ${MOST_WAITING} more orders wait: try again soon`,
      );
    }
    const end = new AbortController();
    const order = this.#before.then(async () => {
      end.signal.throwIfAborted();
      const ids = await make(end.signal);
      const order = { number: ++this.#last, of, ids };
      this.#known.push(order);
      if (this.#known.length > KNOWN) this.#known.shift();
      return order;
    }).finally(() => {
      if (this.#underWay.get(of) === making) this.#underWay.delete(of);
    });
    this.#before = order.catch(() => {});
    const making: Making = { order, askers: 0, end };
    this.#underWay.set(of, making);
    return making;
  }

  async #make(
    column: OrderColumn,
    isFalling: boolean,
    filter: string,
    end: AbortSignal,
  ): Promise<Float64Array> {
    const { db, dictionary, removals, query: queryOf } = this.#options;
    const query = queryOf(filter);
    const reader = new OrderReader(db, column, query.sql);
    await this.#inSteps(this.#read(reader, query, removals.spans()), end);
    const { ids } = reader;
    if (column.kind === "none") return isFalling ? ids.slice() : ids.slice().reverse();
    dictionary.refresh(db);
    const values = column.kind === "number"
      ? reader.values
      : column.kind === "text"
      ? await this.#inSteps(reader.texts.ranks(), end)
      : await this.#inSteps(this.#ranked(column, reader.values), end);
    const positions = await this.#inSteps(sortedPositions(values, isFalling), end);
    return Float64Array.from(positions, (position) => ids[position]);
  }

  *#read(reader: OrderReader, query: Query, hidden: HiddenSpans): Generator<void, void> {
    const { db, matching } = this.#options;
    const [least, greatest] = [
      numberOf(db, "SELECT min(id) FROM records"),
      numberOf(db, "SELECT max(id) FROM records"),
    ];
    const passes = (id: number, isSure: boolean) => !hidden.has(id) && (isSure || matching.passes(id, query));
    const step = query.sql.may === query.sql.sure ? STEP_IDS : STEP_RECORDS;
    for (const span of matching.candidates(query, false, greatest + 1)) {
      const lowest = Math.max(span.first, least);
      for (let last = span.last; last >= lowest; last -= step) {
        reader.read(Math.max(lowest, last - step + 1), last, passes);
        yield;
      }
    }
  }

  /** The ranks of what shapes or sides say. */
  *#ranked(
    column: OrderColumn & { readonly kind: "shape" | "side" },
    values: Float64Array,
  ): Generator<void, Float64Array> {
    const { dictionary } = this.#options;
    const at = new Map<number, number>();
    const texts = new TextKeys();
    const add = (id: number, text: string) => {
      at.set(id, texts.count);
      const bytes = encoder.encode(text);
      texts.add(bytes, 0, bytes.length);
    };
    if (column.kind === "shape") {
      for (const [id, shape] of dictionary.shapes) {
        add(id, column.textOf(shape));
      }
    } else for (const [id, side] of dictionary.sides) add(id, column.textOf(side));
    const ranks = yield* texts.ranks();
    yield;
    return values.map((id) => ranks[at.get(id) ?? -1] ?? NaN);
  }

  /** Does some work, and pauses where it has gone on for long. @throws The reason of `end`, where that comes before. */
  async #inSteps<Result>(work: Generator<void, Result>, end: AbortSignal): Promise<Result> {
    const { now, pause } = this.#options;
    let begin = now();
    for (let step = work.next();; step = work.next()) {
      if (step.done) return step.value;
      if (now() - begin < STEP_MS) continue;
      await pause();
      end.throwIfAborted();
      begin = now();
    }
  }
}
