/** `tcpmon diff`: two captured exchanges side by side. */
import type { ExchangeRecord } from "../capture/record.ts";
import type { DiffCommand } from "../cli/tool_commands.ts";
import { UsageError } from "../cli/usage_error.ts";
import { compareExchanges, comparisonNotes } from "../diff/compare_exchanges.ts";
import { differencesJson } from "../diff/format.ts";
import { type TimingRow, timingsTable } from "../diff/timings.ts";
import type { Status } from "../log/status.ts";
import { type CaptureReading, findExchanges, parseWanted } from "./captures.ts";
import { colorsStdout, differencesText, readRules, titleOf } from "./differences.ts";
import { jsonLine, writeOut } from "./write_out.ts";

const EXIT_DIFFERENT = 3;

/**
 * Runs the command.
 *
 * @returns The exit code: 0 where nothing differs.
 * @throws {UsageError} and {Failure} where an exchange cannot be had.
 */
export async function runDiff(command: DiffCommand, status: Status): Promise<number> {
  const rules = readRules(command.ignore, {});
  const [before, after] = await readBoth(command, { strict: command.strict, status });
  const differences = compareExchanges(before, after, rules);
  const notes = comparisonNotes(before, after, rules);
  const timings = rules.kinds.has("timing") ? [] : timingsTable(before, after);
  const text = command.format === "json"
    ? jsonLine({
      before: before.id,
      after: after.id,
      differences: differencesJson(differences),
      timings,
      notes,
    })
    : [
      `${titleOf(before)}\n${titleOf(after)}\n\n`,
      differences.length === 0
        ? "no differences\n"
        : differencesText(differences, colorsStdout(command.color)),
      ...notes.map((note) => `[${note}]\n`),
      timings.length === 0 ? "" : `\n${timingLines(timings)}`,
    ].join("");
  await writeOut(text);
  return differences.length === 0 ? 0 : EXIT_DIFFERENT;
}

async function readBoth(
  { before, after }: DiffCommand,
  reading: CaptureReading,
): Promise<readonly [ExchangeRecord, ExchangeRecord]> {
  const [first, second] = [parseWanted(before.id), parseWanted(after.id)];
  for (const wanted of [first, second]) {
    if (wanted.kind === "ids" && wanted.from !== wanted.to) {
      throw new UsageError(`cannot compare ${wanted.text}: found several exchanges, wanted one`);
    }
  }
  if (before.file !== after.file) {
    const [one] = await findExchanges(before.file, [first], reading);
    const [other] = await findExchanges(after.file, [second], reading);
    return [one.record, other.record];
  }
  // Read once: it may be stdin.
  const found = await findExchanges(before.file, [first, second], reading);
  const is = (wanted: typeof first) =>
    found.find(({ record, place }) =>
      wanted.kind === "place" ? place === wanted.place : record.id === wanted.from
    );
  return [is(first)!.record, is(second)!.record];
}

/** The timings as a table. */
function timingLines(rows: readonly TimingRow[]): string {
  const cell = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(3)).padStart(12);
  const signed = (value: number | undefined) =>
    (value === undefined ? "" : `${value > 0 ? "+" : ""}${value.toFixed(3)}`).padStart(12);
  return [
    `${"ms".padEnd(8)}${"before".padStart(12)}${"after".padStart(12)}${"difference".padStart(12)}\n`,
    ...rows.map(({ step, beforeMs, afterMs, differenceMs }) =>
      `${step.padEnd(8)}${cell(beforeMs)}${cell(afterMs)}${signed(differenceMs)}\n`
    ),
  ].join("");
}
