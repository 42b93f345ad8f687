/** A history as a capture: its records one after the other, as from any other file. */
import type { Archived, ArchiveProblem } from "../archive/archive.ts";
import { HistoryIndex } from "./reader.ts";

/** What reading can be told. */
export interface HistoryReading {
  /** Told of each record that cannot be read, in the order of the file. What it throws ends the reading. */
  readonly onProblem: (problem: ArchiveProblem) => void;
}

/**
 * Reads a history, also while it is written: up to what is there when the end is come to.
 *
 * @param path The file.
 * @returns Records in batches, oldest first; their place is their id in the history.
 * @throws {Error} One line for people, where it cannot be had or is no history.
 */
export async function* readHistory(
  path: string,
  { onProblem }: HistoryReading,
): AsyncGenerator<readonly Archived[]> {
  using index = new HistoryIndex(path, { maxBodyBytes: 0, now: () => 0, epochNow: () => 0 });
  for (const batch of index.records()) {
    let archived: Archived[] = [];
    for (const { id, record } of batch) {
      if (record !== undefined) {
        archived.push({ record, place: id });
        continue;
      }
      if (archived.length > 0) yield archived;
      archived = [];
      onProblem({
        place: id,
        message: `record ${id}: found what is no record of tcpmon: the file is damaged there`,
      });
    }
    if (archived.length > 0) yield await Promise.resolve(archived);
  }
}
