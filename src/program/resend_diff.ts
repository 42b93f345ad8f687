/**
 * `tcpmon resend --diff`: each response that came is compared with the recorded one. Most are the same or small, and
 * compared on the spot; what may take long is compared in a worker, so that Ctrl-C works and nothing goes on for ever.
 */
import { contentOf } from "../capture/content.ts";
import type { ExchangeRecord, ResponseMessage } from "../capture/record.ts";
import type { ResendCommand } from "../cli/tool_commands.ts";
import { isSameKept } from "../diff/compare_bodies.ts";
import { compareExchanges } from "../diff/compare_exchanges.ts";
import type { Difference } from "../diff/difference.ts";
import { differencesJson } from "../diff/format.ts";
import type { DiffRuleOptions, DiffRules } from "../diff/rules.ts";
import { ByteWriter } from "../log/byte_writer.ts";
import { createJsonFormat } from "../log/json.ts";
import type { ResendResult } from "../resend/run.ts";
import { type Comparer, openComparer } from "./compare.ts";
import { colorsStdout, differencesText, readRules, requestTitle, titleOf } from "./differences.ts";
import type { Outlines } from "./outlines.ts";
import { jsonLine } from "./write_out.ts";

/** How long a comparison may take. */
const COMPARE_LIMIT_MS = 10_000;
/** After so many that took longer no more is compared that may: a script is to end today. */
const GIVEN_UP_AFTER = 10;
/** Bodies that differ are compared on the spot up to this size: it takes some ms … */
const SMALL_BYTES = 256 * 1024;
/** … and with patterns, which may try each place with each other, up to this one. */
const SMALL_BYTES_WITH_PATTERNS = 16 * 1024;

const PART: DiffRuleOptions = { parts: ["response"] };

/** What comparing needs from its surroundings. */
export interface ResendDiffSurroundings {
  /** Takes what differs. */
  readonly outlines: Outlines;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
  /** Ends what is being compared. */
  readonly signal: AbortSignal;
}

/** Compares what came with what was recorded, and counts. */
export class ResendDiff implements Disposable {
  readonly #command: ResendCommand;
  readonly #surroundings: ResendDiffSurroundings;
  readonly #rules: DiffRules;
  readonly #comparer: Comparer;
  readonly #hasPatterns: boolean;
  readonly #isRisky: boolean;
  /** How many differ. */
  differing = 0;
  /** How many were compared. */
  compared = 0;
  /** How many could not be compared in time. */
  unclear = 0;
  /** How many were compared in part, as not all of a body was kept. */
  #partial = 0;
  /** What there was nothing to compare of: it was not sent, could not be, or is no exchange. */
  #left = 0;

  /**
   * Has compared nothing yet.
   *
   * @throws {UsageError} where `--ignore` cannot be read.
   */
  constructor(command: ResendCommand, surroundings: ResendDiffSurroundings) {
    this.#command = command;
    this.#surroundings = surroundings;
    this.#rules = readRules(command.ignore, PART);
    this.#comparer = openComparer(surroundings.signal, COMPARE_LIMIT_MS);
    const { patterns, jsonPaths, xpaths } = this.#rules;
    this.#hasPatterns = patterns.length + jsonPaths.length + xpaths.length > 0;
    this.#isRisky = [...patterns, ...jsonPaths, ...xpaths].some(({ source }) => mayTakeLong(source));
  }

  /** Takes a result. @returns A promise only where comparing it takes a while. */
  take(result: ResendResult): Promise<void> | undefined {
    if (result.kind !== "exchange" || result.sent === undefined) {
      this.#left++;
      return undefined;
    }
    const { recorded, sent, place } = result;
    if (this.#isLong(recorded, sent)) return this.#compareApart(recorded, sent, place);
    this.#tell(compareExchanges(recorded, sent, this.#rules), recorded, sent, place);
  }

  /** What to say at the end of how much was compared, a line each. */
  notes(): string[] {
    const not = this.unclear + this.#left;
    return [
      ...this.#partial === 0
        ? []
        : [`${this.#partial} compared in part: not all of the body was kept (--max-body)`],
      ...not === 0 ? [] : [`${not} of ${not + this.compared} not compared`],
    ];
  }

  /** Ends what is being compared. */
  [Symbol.dispose](): void {
    this.#comparer.close();
  }

  #isLong(recorded: ExchangeRecord, sent: ExchangeRecord): boolean {
    if (this.#isRisky) return true;
    const most = this.#hasPatterns ? SMALL_BYTES_WITH_PATTERNS : SMALL_BYTES;
    const [was, is] = [recorded.response, sent.response];
    if (was === undefined || is === undefined || isSameKept(was.body, is.body)) return false;
    return [was, is].some((response) => this.#bodyBytes(response) > most);
  }

  /** How large a body is, its content codings undone. */
  #bodyBytes(response: ResponseMessage): number {
    const { kept } = response.body;
    if (kept.length > SMALL_BYTES) return kept.length;
    return contentOf(response, this.#rules.decodedLimitBytes)?.bytes.length ?? kept.length;
  }

  async #compareApart(recorded: ExchangeRecord, sent: ExchangeRecord, place: number): Promise<void> {
    if (this.unclear >= GIVEN_UP_AFTER) return void this.unclear++;
    const { ignore, options: { maxBodyBytes } } = this.#command;
    const [before, after] = [recorded, sent].map((exchange) => lineOf(exchange, maxBodyBytes));
    try {
      const comparison = await this.#comparer.ask({ before, after, ignore, options: PART });
      if (comparison !== undefined) this.#tell(comparison.differences, recorded, sent, place);
    } catch (error) {
      const { signal, warn } = this.#surroundings;
      if (signal.aborted) return;
      if (++this.unclear > GIVEN_UP_AFTER) return;
      const reason = error instanceof Error ? error.message : String(error);
      warn(`${requestTitle(recorded)}: cannot compare the responses: ${reason}`);
    }
  }

  #tell(
    differences: readonly Difference[],
    recorded: ExchangeRecord,
    sent: ExchangeRecord,
    place: number,
  ): void {
    const { options: { format, color } } = this.#command;
    this.compared++;
    if (differences.length === 0) {
      if (!this.#rules.kinds.has("body") && (isCut(recorded) || isCut(sent))) this.#partial++;
      return;
    }
    this.differing++;
    this.#surroundings.outlines.write(
      format === "json"
        ? jsonLine({
          type: "diff",
          id: recorded.id,
          place,
          resent: sent.id,
          differences: differencesJson(differences),
        })
        : `${titleOf(recorded)}\n${differencesText(differences, colorsStdout(color))}\n`,
    );
  }
}

/**
 * Whether a regular expression or a path may take very long even for a small text: with a repetition of what is a choice
 * or a repetition itself, with several that have no end, with a filter.
 */
function mayTakeLong(source: string): boolean {
  const endless = source.match(/[*+]|\{\d+,|\.\.|\/\//g)?.length ?? 0;
  return endless > 1 || /[?)]|\\[1-9k]|\[[^\]]*[=<>(@]/.test(source);
}

/** Whether a part of a response could not be compared. */
function isCut({ response }: ExchangeRecord): boolean {
  return response !== undefined && response.body.kept.length < response.body.bytes;
}

/** An exchange as a line of the log. */
function lineOf(exchange: ExchangeRecord, maxBodyBytes: number): string {
  const out = new ByteWriter();
  createJsonFormat({ limitBytes: maxBodyBytes })(exchange, out);
  return new TextDecoder().decode(out.view());
}
