/** Where an export goes: stdout, a file, or a folder of files. */
import type { Record } from "../capture/record.ts";
import type { Exporter, Note } from "../export/exporter.ts";
import { rawFiles } from "../export/raw.ts";
import { ByteWriter } from "../log/byte_writer.ts";
import { reasonOf } from "../log/destination.ts";
import { Failure } from "./failure.ts";

/** What records are exported to. */
export interface ExportOutput extends AsyncDisposable {
  /** Whether nobody reads any more. */
  readonly isClosed: boolean;
  /** Takes a record. @returns When it may take the next one; `undefined`: at once, as nearly always. */
  write(record: Record): Promise<void> | undefined;
  /** There are no more. */
  end(): Promise<void>;
}

/**
 * A file, which is made anew, or stdout.
 *
 * @param path `undefined`: stdout.
 * @param flushBytes How much is written at once.
 * @throws {Failure} where it cannot be opened.
 */
export async function openOutput(
  path: string | undefined,
  exporter: Exporter,
  flushBytes: number,
): Promise<ExportOutput> {
  const name = path ?? "stdout";
  const file = path === undefined
    ? undefined
    : await opened(name, () => Deno.open(path, { write: true, create: true, truncate: true, mode: 0o640 }));
  const out = new ByteWriter(2 * flushBytes);
  let isClosed = false;
  const flush = async () => {
    const bytes = out.view();
    try {
      for (let at = 0; at < bytes.length && !isClosed;) {
        at += await (file ?? Deno.stdout).write(bytes.subarray(at));
      }
    } catch (error) {
      // A reader that has seen enough (head, less) is no failure.
      if (!(error instanceof Deno.errors.BrokenPipe)) {
        throw new Failure(`cannot write to ${name}: ${reasonOf(error)}`);
      }
      isClosed = true;
    }
    out.reset();
  };
  exporter.begin(out);
  return {
    get isClosed() {
      return isClosed;
    },
    write(record) {
      if (isClosed) return undefined;
      exporter.record(record, out);
      return out.length < flushBytes ? undefined : flush();
    },
    async end() {
      if (!isClosed) exporter.end(out);
      await flush();
    },
    [Symbol.asyncDispose]() {
      file?.close();
      return DONE;
    },
  };
}

const DONE = Promise.resolve();

/** Streams whose files are open at once. */
const OPEN_FILES = 64;

/**
 * A folder with one file for each message, one for each direction of a stream.
 *
 * @throws {Failure} where it cannot be made.
 */
export async function openFolderOutput(path: string, note: Note): Promise<ExportOutput> {
  await opened(path, () => Deno.mkdir(path, { recursive: true, mode: 0o750 }));
  const written = new Set<string>();
  const streams = new Map<string, Deno.FsFile>();
  const streamFile = async (name: string) => {
    const known = streams.get(name);
    streams.delete(name);
    const file = known ??
      await Deno.open(`${path}/${name}`, {
        write: true,
        create: true,
        truncate: !written.has(name),
        mode: 0o640,
      });
    streams.set(name, file);
    written.add(name);
    for (const [oldest, unused] of streams) {
      if (streams.size <= OPEN_FILES) break;
      unused.close();
      streams.delete(oldest);
    }
    return file;
  };
  /** Whose stream a file holds. */
  const owners = new Map<string, string>();
  const streamName = (name: string, owner: string) => {
    const own = nameOfRun(name, (tried) => (owners.get(tried) ?? owner) === owner);
    owners.set(own, owner);
    return own;
  };
  return {
    isClosed: false,
    async write(record) {
      for (const { name, pieces, offset, missing } of rawFiles(record)) {
        if (missing > 0) note("the end of bodies that were cut by --max-body");
        try {
          if (offset === undefined) {
            const free = nameOfRun(name, (tried) => !written.has(tried));
            written.add(free);
            using file = await Deno.open(`${path}/${free}`, {
              write: true,
              create: true,
              truncate: true,
              mode: 0o640,
            });
            await writeAll(file, pieces);
          } else {
            const file = await streamFile(streamName(name, ownerOf(record)));
            await file.seek(offset, Deno.SeekMode.Start);
            await writeAll(file, pieces);
          }
        } catch (error) {
          throw new Failure(`cannot write to ${path}/${name}: ${reasonOf(error)}`);
        }
      }
    },
    end: () => DONE,
    [Symbol.asyncDispose]() {
      for (const file of streams.values()) file.close();
      return DONE;
    },
  };
}

/** Numbers repeat where a log was continued by another run: the file of an earlier one is kept. */
function nameOfRun(name: string, isFree: (name: string) => boolean): string {
  for (let run = 2, tried = name;; run++) {
    if (isFree(tried)) return tried;
    tried = name.replace(/(\.[^.]*)$/, `-run${run}$1`);
  }
}

/** What tells a connection from one of another run. */
function ownerOf(record: Record): string {
  if (record.type === "lost") return "";
  const { client, listener, target } = record.connection;
  return `${client} ${listener} ${target}`;
}

async function writeAll(file: Deno.FsFile, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
  }
}

async function opened<T>(name: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw new Failure(`cannot write to ${name}: ${reasonOf(error)}`);
  }
}

/**
 * Keeps the bodies that commands send in files beside those commands, in a folder that is made when there is one.
 *
 * @param output The file of the commands.
 */
export function bodyFiles(output: string): (name: string, bytes: Uint8Array) => string {
  const folder = `${output}.bodies`;
  const written = new Set<string>();
  return (name, bytes) => {
    const free = nameOfRun(name, (tried) => !written.has(tried));
    written.add(free);
    const path = `${folder}/${free}`;
    try {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o750 });
      Deno.writeFileSync(path, bytes, { mode: 0o640 });
    } catch (error) {
      throw new Failure(`cannot write to ${path}: ${reasonOf(error)}`);
    }
    return path;
  };
}
