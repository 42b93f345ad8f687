/**
 * What a user expects of a response, `--expect-status` and `--expect`, read at the start and checked at its end. A regular
 * expression or a path may take minutes, in which Ctrl-C must work: all but the plainest are checked in a worker.
 */
import { displayText } from "../capture/charset.ts";
import { contentOf } from "../capture/content.ts";
import type { ExchangeRecord } from "../capture/record.ts";
import { UsageError } from "../cli/usage_error.ts";
import { fieldValue } from "../http/head.ts";
import { quoted } from "../net/address.ts";
import type { Expectation } from "../select/expectation.ts";
import { TimedWorker, TooLongError } from "./timed_worker.ts";

/** Name of the worker: a program that is its own worker file tells by it what it is to be. */
export const EXPECT_WORKER = "tcpmon-expect";
/** How long it may take to check a body for one expectation. */
const CHECK_LIMIT_MS = 10_000;
/** A JSONPath of names and indexes, alone or compared with a value, takes no longer than reading the body … */
const PLAIN = /^\s*\$(?:\.[A-Za-z_]\w*|\[\d+\]|\['[^'\\]*'\])*\s*(?:!?=[^]*)?$/;
/** … which is no time where it has no more characters. */
const PLAIN_CHARACTERS = 256 * 1024;

/** The worker's file; a program that was joined to one file is its own. */
const WORKER_URL: string = import.meta.url.endsWith("/src/program/expectations.ts")
  ? new URL("./expect_worker.ts", import.meta.url).href
  : import.meta.url;

/** What the worker is asked. */
export interface ExpectQuestion {
  /** What is expected, as written. */
  readonly expectation: string;
  /** The body; absent: only whether the expectation can be read. */
  readonly body?: string;
}

/** What it answers; nothing: all is well. */
export interface ExpectAnswer {
  /** What is not as expected, in one line. */
  readonly complaint?: string;
  /** Why the expectation cannot be read. */
  readonly unreadable?: string;
}

/** What is expected, as written. */
export interface ExpectationTexts {
  /** Statuses, such as `200,204` or `2xx`. */
  readonly expectStatus?: string;
  /** JSONPath or XPath, alone or with an operator and a value. */
  readonly expect: readonly string[];
}

/** How expectations are checked. */
export interface CheckOptions {
  /** How much of a body was kept, and is decoded. */
  readonly maxBodyBytes: number;
  /** Ends what is being checked. */
  readonly signal: AbortSignal;
  /** How long an expectation may take for a body, ms; 10 s unless told otherwise. */
  readonly limitMs?: number;
}

/**
 * Looks at an exchange. A promise is given only where a body is looked at; it rejects where the signal ended that.
 *
 * @returns What is not as expected, in one line; `undefined`: nothing.
 */
export type Check = (exchange: ExchangeRecord) => string | undefined | Promise<string | undefined>;

/** What is expected, ready to be checked. Close it once nothing more is. */
export interface Expectations extends Disposable {
  /** Checks it; absent: nothing is expected. */
  readonly check?: Check;
}

/**
 * Reads what is expected.
 *
 * @throws {UsageError} where it cannot be read (as rejection).
 */
export async function readExpectations(
  { expectStatus, expect }: ExpectationTexts,
  options: CheckOptions,
): Promise<Expectations> {
  const status = expectStatus === undefined ? undefined : statusCheck(expectStatus);
  if (expect.length === 0) return { check: status, [Symbol.dispose]() {} };
  const bodies = new BodyChecks(expect, options);
  try {
    await bodies.read();
  } catch (error) {
    bodies.close();
    throw error;
  }
  return {
    check: (exchange) => status?.(exchange) ?? bodies.check(exchange),
    [Symbol.dispose]: () => bodies.close(),
  };
}

/** Expectations of bodies. */
class BodyChecks {
  readonly #texts: readonly string[];
  readonly #options: CheckOptions;
  readonly #worker: TimedWorker<ExpectQuestion, ExpectAnswer>;
  /** Those that need no worker for a small body, by what was written. */
  readonly #plain = new Map<string, Expectation>();
  /** One took too long: in a run of many they all would, and it would take hours. */
  #givenUp: string | undefined;

  constructor(texts: readonly string[], options: CheckOptions) {
    this.#texts = texts;
    this.#options = options;
    const { limitMs = CHECK_LIMIT_MS, signal } = options;
    this.#worker = new TimedWorker({ url: WORKER_URL, name: EXPECT_WORKER, limitMs, signal });
  }

  async read(): Promise<void> {
    if (this.#texts.some((text) => PLAIN.test(text))) await this.#loadPlain();
    for (const expectation of this.#texts) {
      if (this.#plain.has(expectation)) continue;
      const { unreadable } = await this.#worker.ask({ expectation });
      if (unreadable !== undefined) throw new UsageError(unreadableLine(unreadable));
    }
  }

  check(exchange: ExchangeRecord): string | undefined | Promise<string | undefined> {
    const body = bodyText(exchange, this.#options.maxBodyBytes);
    if (this.#plain.size < this.#texts.length || body.length > PLAIN_CHARACTERS) return this.#checkAll(body);
    for (const expectation of this.#plain.values()) {
      const complaint = complaintOf(expectation, body);
      if (complaint !== undefined) return complaint;
    }
  }

  async #checkAll(body: string): Promise<string | undefined> {
    for (const expectation of this.#texts) {
      const complaint = this.#givenUp ?? await this.#checkOne(expectation, body);
      if (complaint !== undefined) return complaint;
    }
  }

  async #checkOne(expectation: string, body: string): Promise<string | undefined> {
    try {
      return (await this.#worker.ask({ expectation, body })).complaint;
    } catch (error) {
      if (this.#options.signal.aborted) throw error;
      if (this.#givenUp !== undefined) return this.#givenUp;
      const complaint = `cannot check ${expectation.trim()}: ${
        error instanceof Error ? error.message : error
      }`;
      if (error instanceof TooLongError) {
        this.#givenUp = complaint;
        this.close();
      }
      return complaint;
    }
  }

  close(): void {
    this.#worker.close();
  }

  async #loadPlain(): Promise<void> {
    const { parseExpectation } = await import("../select/expectation.ts");
    const { SelectError } = await import("../select/select_error.ts");
    for (const text of this.#texts.filter((text) => PLAIN.test(text))) {
      try {
        this.#plain.set(text, parseExpectation(text));
      } catch (error) {
        throw error instanceof SelectError ? new UsageError(unreadableLine(error.message)) : error;
      }
    }
  }
}

/** What is not as expected of a body, in one line. */
export function complaintOf(expectation: Expectation, body: string): string | undefined {
  const { ok, found } = expectation.check(body);
  return ok ? undefined : `expected ${expectation.source}, found ${found}`;
}

function unreadableLine(why: string): string {
  return `cannot read --expect: ${why}`;
}

function statusCheck(text: string): (exchange: ExchangeRecord) => string | undefined {
  const wanted = text.split(",").map((part) => part.trim().toLowerCase());
  const wrong = wanted.find((part) => !/^[0-9](?:[0-9]{2}|xx)$/.test(part));
  if (wrong !== undefined) {
    throw new UsageError(
      `cannot read --expect-status: found ${quoted(wrong)}, wanted statuses such as 200,204 or 2xx`,
    );
  }
  return ({ response }) => {
    const status = String(response?.head.status ?? "no response");
    const isFine = wanted.some((part) =>
      status.length === 3 && (part === status || (part.endsWith("xx") && part[0] === status[0]))
    );
    return isFine ? undefined : `expected the status ${wanted.join(" or ")}, found ${status}`;
  };
}

function bodyText({ response }: ExchangeRecord, maxBodyBytes: number): string {
  if (response === undefined) return "";
  const bytes = contentOf(response, maxBodyBytes)?.bytes ?? response.body.kept;
  return displayText(bytes, fieldValue(response.head.fields, "content-type")) ?? "";
}
