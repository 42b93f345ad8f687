/** A recorder in a folder of its own, and what it left there. */
import zlib from "node:zlib";
import type { ExchangeRecord, Record } from "../../../src/capture/record.ts";
import { openRecorder, type Recorder, type RecorderSettings } from "../../../src/log/recorder/recorder.ts";
import type { Disk } from "../../../src/log/recorder/segments.ts";
import { AT, bodyOf, exchange, responseHead } from "../human_fixtures.ts";

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** What of it tests change. */
export interface Changes extends Partial<RecorderSettings> {
  readonly disk?: Disk;
  readonly transform?: (record: Record) => Record;
}

/** An open recorder. */
export interface Recording extends AsyncDisposable {
  readonly recorder: Recorder;
  readonly folder: string;
  /** What was told. */
  readonly told: string[];
  /** Its clock. */
  readonly clock: { now: number };
  /** Writes an exchange that ends now, and goes on by a ms. */
  write(id: number, more?: Partial<ExchangeRecord>, size?: number): void;
}

/** Opens a recorder with the clock at {@link AT}; a folder that it made is removed with it. */
export async function record(changes: Changes = {}): Promise<Recording> {
  const folder = changes.folder ?? await Deno.makeTempDir({ prefix: "recorder" });
  const told: string[] = [];
  const clock = { now: Math.floor(AT) };
  const { disk, transform, ...settings } = changes;
  const recorder = await openRecorder({
    folder,
    limitBytes: MIB,
    compression: "none",
    maxBodyBytes: MIB,
    queueBytes: 4 * MIB,
    dumpWindowMs: 1000,
    ...settings,
  }, { epochNow: () => clock.now, warn: (text) => told.push(text), disk, transform });
  return {
    recorder,
    folder,
    told,
    clock,
    write(id, more = {}, size = 0) {
      recorder.write(numbered(id, clock.now, { ...more }, size));
      clock.now++;
    },
    async [Symbol.asyncDispose]() {
      await recorder.close(2000);
      if (changes.folder === undefined) await Deno.remove(folder, { recursive: true });
    },
  };
}

/** An exchange with this number that ended at this time, with a body of this size. */
export function numbered(
  id: number,
  endedAt: number,
  more: Partial<ExchangeRecord>,
  size = 0,
): ExchangeRecord {
  const total = more.ms?.total ?? 2;
  const body = bodyOf("x".repeat(size));
  const response = { head: responseHead(200, "OK"), body, trailers: [] };
  return exchange({ id, at: endedAt - total, response, ms: { total }, ...more });
}

/** The response of an exchange that failed. */
export const failed = { response: { head: responseHead(503, "Busy"), body: bodyOf(""), trailers: [] } };

/** The files of a folder by their names, in order, the lock left out. */
export function files(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name !== "tcpmon.lock")
    .sort();
}

/** Those that are segments. */
export function segmentFiles(folder: string): string[] {
  return files(folder).filter((name) => /^tcpmon-.*\.jsonl/.test(name));
}

/** Those that are dumps. */
export function dumpFiles(folder: string): string[] {
  return files(folder).filter((name) => /^dump-/.test(name));
}

/** How much room the segments of a folder take, half compressed ones included. */
export function sizeOf(folder: string): number {
  let bytes = 0;
  for (const name of segmentFiles(folder)) {
    try {
      bytes += Deno.statSync(`${folder}/${name}`).size;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return bytes;
}

/** What a segment or a dump says, decompressed. */
export function textOf(path: string): string {
  const bytes = Deno.readFileSync(path);
  const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync: (bytes: Uint8Array) => Uint8Array };
  const plain = path.endsWith(".gz")
    ? zlib.gunzipSync(bytes)
    : path.endsWith(".zst")
    ? zstdDecompressSync(bytes)
    : bytes;
  return new TextDecoder("utf-8", { fatal: true }).decode(plain);
}

/** The records of a file; throws where a line is torn. */
export function recordsOf(
  path: string,
): { readonly type: string; readonly id?: number; readonly reason?: string }[] {
  const text = textOf(path);
  if (text !== "" && !text.endsWith("\n")) throw new Error(`${path} ends with a torn line`);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** The numbers of the exchanges of a file. */
export function idsOf(path: string): number[] {
  return recordsOf(path).flatMap(({ id }) => id ?? []);
}

/** The numbers of all exchanges that are recorded. */
export function recordedIds(folder: string): number[] {
  return segmentFiles(folder).flatMap((name) => idsOf(`${folder}/${name}`));
}

/** From one number to another. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Waits until something is so, for as long as a test may take. */
export async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error("it did not come to that in 10 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
