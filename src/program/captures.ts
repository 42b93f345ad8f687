/** Captures that the user names: files and stdin → records, what cannot be read, and which exchanges are meant. */
import type { Archived, ArchiveProblem } from "../archive/archive.ts";
import type { ConnectionInfo, ExchangeRecord } from "../capture/record.ts";
import { UsageError } from "../cli/usage_error.ts";
import { reasonOf } from "../log/destination.ts";
import type { Status } from "../log/status.ts";
import { quoted } from "../net/address.ts";
import { SQLITE_MAGIC } from "../store/protocol.ts";
import { Failure } from "./failure.ts";

/** Lines that cannot be read are told one by one so far; the others are counted. */
const TOLD_PROBLEMS = 10;
/** How many exchanges may be asked for by id: they are kept until all were found. */
const MOST_IDS = 100_000;

/** What to do with what cannot be read. */
export interface CaptureReading {
  /** Whether it ends everything; else it is left out and told. */
  readonly strict: boolean;
  /** Where it is told. */
  readonly status: Pick<Status, "line">;
}

/**
 * The records of a capture, in batches.
 *
 * @param file Its path; `-`: stdin.
 * @throws {Failure} where it cannot be opened, or nothing of it can be read, or, if strict, where a part of it cannot.
 */
export async function* readCapture(
  file: string,
  { strict, status }: CaptureReading,
): AsyncGenerator<readonly Archived[]> {
  const { readArchive } = await import("../archive/archive.ts");
  const name = nameOf(file);
  let problems = 0;
  let records = 0;
  /** What is wrong with the file as a whole. */
  let wrong: string | undefined;
  const onProblem = ({ message, place, isRemark }: ArchiveProblem) => {
    if (isRemark) return status.line(`${name}: ${message}`);
    if (place === undefined) return wrong ??= message;
    if (strict) throw new Failure(`cannot read ${name}: ${message} (without --strict it is left out)`);
    if (++problems <= TOLD_PROBLEMS) status.line(`${name}: ${message}`);
  };
  const history = await isHistory(file);
  const bytes = history ? undefined : await open(file, name);
  try {
    const batches = bytes === undefined
      ? (await import("../store/read_history.ts")).readHistory(file, { onProblem })
      : readArchive(bytes, { onProblem });
    for await (const batch of batches) {
      records += batch.length;
      yield batch;
    }
  } catch (error) {
    if (history && error instanceof Error) throw new Failure(error.message);
    // What reading the file itself says, as of a folder.
    if (!(error instanceof Error && / \(os error \d+\)/.test(error.message))) throw error;
    throw new Failure(`cannot read ${name}: ${reasonOf(error)}`);
  }
  // Where nothing of it could be read, there is nothing to go on with.
  if (wrong !== undefined && (strict || records === 0)) throw new Failure(`cannot read ${name}: ${wrong}`);
  if (wrong !== undefined) status.line(`${name}: ${wrong}`);
  if (problems > TOLD_PROBLEMS) {
    status.line(`${name}: ${problems - TOLD_PROBLEMS} more of such were left out`);
  }
}

/** Whether a file is a history, which is read by other means than its bytes. */
async function isHistory(file: string): Promise<boolean> {
  // What is read of a pipe to look at it would be gone.
  if (!await isRereadable(file)) return false;
  try {
    using opened = await Deno.open(file);
    const magic = new TextEncoder().encode(SQLITE_MAGIC);
    const first = new Uint8Array(magic.length);
    return await opened.read(first) === magic.length && magic.every((byte, i) => first[i] === byte);
  } catch {
    // Who opens it next says why it cannot be had.
    return false;
  }
}

/** Whether a capture can be read more than once: a regular file; not stdin, nor a pipe such as `<(zcat …)`. */
async function isRereadable(file: string): Promise<boolean> {
  if (file === "-") return false;
  try {
    return (await Deno.stat(file)).isFile;
  } catch {
    return false;
  }
}

async function open(file: string, name: string): Promise<AsyncIterable<Uint8Array>> {
  if (file === "-") return chunksOf(Deno.stdin, () => {});
  try {
    const opened = await Deno.open(file);
    return chunksOf(opened, () => opened.close());
  } catch (error) {
    const mend = error instanceof Deno.errors.NotCapable ? ", or - for stdin" : "";
    throw new Failure(`cannot read ${name}: ${reasonOf(error)}${mend}`);
  }
}

/** How much is read at once. */
const CHUNK_BYTES = 256 * 1024;

/** What is read, in chunks that hold until the next one is asked for. */
async function* chunksOf(
  source: { read(buffer: Uint8Array): Promise<number | null> },
  close: () => void,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    for (;;) {
      const read = await source.read(buffer);
      if (read === null) return;
      yield buffer.subarray(0, read);
    }
  } finally {
    close();
  }
}

function nameOf(file: string): string {
  return file === "-" ? "stdin" : file;
}

/** Exchanges that are asked for by number or by place. */
export type Wanted =
  | { readonly kind: "ids"; readonly from: number; readonly to: number; readonly text: string }
  /** Line of a log, entry of a HAR file. */
  | { readonly kind: "place"; readonly place: number; readonly text: string };

/**
 * Reads `17`, `17-20` and `@1204`.
 *
 * @throws {UsageError} where it is none of them.
 */
export function parseWanted(text: string): Wanted {
  const [, at, first, last] = /^(@)?([0-9]{1,15})(?:-([0-9]{1,15}))?$/.exec(text) ?? [];
  if (at !== undefined && last === undefined) return { kind: "place", place: Number(first), text };
  if (at === undefined && first !== undefined) {
    const wanted = { kind: "ids", from: Number(first), to: Number(last ?? first), text } as const;
    if (wanted.from <= wanted.to && wanted.to - wanted.from < MOST_IDS) return wanted;
  }
  throw new UsageError(
    `cannot read ID: found ${
      quoted(text)
    }, wanted the number of an exchange such as 17, several such as 17-20, ` +
      "or @ and a line such as @1204",
  );
}

/** An exchange and where it stands. */
export interface Found {
  /** The exchange. */
  readonly record: ExchangeRecord;
  /** Its line or entry. */
  readonly place: number;
}

/**
 * The exchanges that are asked for, in the order of the capture.
 *
 * @throws {Failure} where one is not there, or a number stands for several (of different runs in one file).
 */
export async function findExchanges(
  file: string,
  wanted: readonly Wanted[],
  reading: CaptureReading,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  const counts = new Map<Wanted, Found[]>(wanted.map((one) => [one, []]));
  for await (const batch of readCapture(file, reading)) {
    for (const { record, place } of batch) {
      if (record.type !== "exchange") continue;
      const matching = wanted.filter((one) => matches(one, record, place));
      if (matching.length === 0) continue;
      found.push({ record, place });
      for (const one of matching) counts.get(one)?.push({ record, place });
    }
  }
  for (const [one, { length, ...exchanges }] of counts) {
    if (length === 0) throw new Failure(`found no exchange ${one.text} in ${nameOf(file)}`);
    if (one.kind === "ids" && one.from === one.to && length > 1) {
      throw new Failure(
        `found exchange ${one.text} ${length} times in ${nameOf(file)}, in lines ${exchanges[0].place} and ` +
          `${exchanges[1].place}, wanted one: name it by its line, such as @${exchanges[1].place}`,
      );
    }
  }
  return found;
}

function matches(wanted: Wanted, record: ExchangeRecord, place: number): boolean {
  return wanted.kind === "place"
    ? place === wanted.place
    : record.id >= wanted.from && record.id <= wanted.to;
}

/** Whether a record is one of the exchanges, or belongs to one: its messages, and its connection. */
export function belongsTo(found: readonly Found[]): (archived: Archived) => boolean {
  const places = new Set(found.map(({ place }) => place));
  const ids = new Set(found.map(({ record: { id, connection } }) => `${id} ${connectionKey(connection)}`));
  const connections = new Set(found.map(({ record }) => connectionKey(record.connection)));
  return ({ record, place }) => {
    switch (record.type) {
      case "exchange":
        return places.has(place);
      case "message":
        return ids.has(`${record.exchange} ${connectionKey(record.connection)}`);
      case "connection":
      case "data":
        return connections.has(connectionKey(record.connection));
      case "lost":
        return false;
    }
  };
}

/** Tells a connection from those of other runs in the same file, whose numbers repeat. */
function connectionKey({ id, client, listener, target }: ConnectionInfo): string {
  return `${id} ${client} ${listener} ${target}`;
}

/**
 * Of a capture the exchanges that are asked for, with what belongs to them. The file is read twice; of stdin and of
 * pipes, which can be read once only, it is the exchanges alone.
 *
 * @throws {Failure} as {@link findExchanges}.
 */
export async function selectCapture(
  file: string,
  wanted: readonly Wanted[],
  reading: CaptureReading,
): Promise<
  { readonly source: AsyncIterable<readonly Archived[]>; readonly belongs: (archived: Archived) => boolean }
> {
  const found = await findExchanges(file, wanted, reading);
  // What cannot be read was told the first time.
  const again = { strict: false, status: { line() {} } };
  const source = await isRereadable(file) ? readCapture(file, again) : oneBatch(found);
  return { source, belongs: belongsTo(found) };
}

async function* oneBatch(batch: readonly Archived[]): AsyncGenerator<readonly Archived[]> {
  yield batch;
}
