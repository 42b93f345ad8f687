/** The folder of a flight recorder, as a user finds it. */
import assert from "node:assert/strict";
import { type LogRecord, parseRecord } from "./program.ts";
import { tcpmon } from "./exported.ts";

/** The names of the segments, oldest first; those that are being compressed left out. */
export function segments(folder: string): string[] {
  return namesOf(folder).filter((name) => /^tcpmon-.*\.jsonl(?:\.gz|\.zst)?$/.test(name));
}

/** The names of the dumps, oldest first. */
export function dumps(folder: string): string[] {
  return namesOf(folder).filter((name) => /^dump-.*\.jsonl$/.test(name));
}

function namesOf(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** How many bytes the segments take together; one that goes meanwhile takes none. */
export function segmentBytes(folder: string): number {
  return namesOf(folder).filter((name) => name.startsWith("tcpmon-")).reduce((sum, name) => {
    try {
      return sum + Deno.statSync(`${folder}/${name}`).size;
    } catch {
      return sum;
    }
  }, 0);
}

/** The numbers of the exchanges in a file of the recorder, as `tcpmon export` reads it, which must find nothing wrong. */
export async function idsIn(path: string): Promise<number[]> {
  const { code, text, stderr } = await tcpmon(["export", path]);
  assert.deepEqual([code, stderr], [0, ""], path);
  return exchangesOf(text).map(({ id }) => id);
}

/** The exchanges of a log. */
export function exchangesOf(text: string): LogRecord[] {
  return text.split("\n").filter((line) => line !== "").map(parseRecord).filter(({ type }) =>
    type === "exchange"
  );
}

/** The numbers from one to another. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
