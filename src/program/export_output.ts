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
  const target = path === undefined ? undefined : await opened(name, () => targetOf(path));
  const out = new ByteWriter(2 * flushBytes);
  let isClosed = false;
  const flush = async () => {
    const bytes = out.view();
    try {
      for (let at = 0; at < bytes.length && !isClosed;) {
        at += await (target?.file ?? Deno.stdout).write(bytes.subarray(at));
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
      await opened(name, async () => await target?.keep());
    },
    [Symbol.asyncDispose]: async () => await target?.drop(),
  };
}

/** What an export is written to before it is whole. */
interface Target {
  readonly file: Deno.FsFile;
  /** The export is whole: it gets its name. */
  keep(): Promise<void>;
  /** Closes it; what is not whole goes. */
  drop(): Promise<void>;
}

/** A file beside the one that is wanted, whose place it takes at the end; a pipe or a device itself. */
async function targetOf(path: string): Promise<Target> {
  const place = await Deno.stat(path).catch(() => undefined);
  if (place?.isDirectory) throw new Deno.errors.IsADirectory("is a directory");
  if (place !== undefined && !place.isFile) {
    const file = await Deno.open(path, { write: true });
    return { file, keep: () => DONE, drop: () => Promise.resolve(file.close()) };
  }
  const whole = place === undefined ? path : await Deno.realPath(path);
  const part = `${whole}.part`;
  const file = await createdAnew(part);
  let isKept = false;
  return {
    file,
    async keep() {
      await Deno.rename(part, whole);
      isKept = true;
    },
    async drop() {
      file.close();
      if (!isKept) await Deno.remove(part).catch(() => {});
    },
  };
}

/** A file that was not there before; what was, a link included, goes: nothing is written through it. */
async function createdAnew(path: string): Promise<Deno.FsFile> {
  const options = { write: true, createNew: true, mode: 0o640 };
  try {
    return await Deno.open(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    await Deno.remove(path);
    return await Deno.open(path, options);
  }
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
  const names = new FreeNames();
  const written = new Set<string>();
  const streams = new Map<string, Deno.FsFile>();
  const streamFile = async (name: string) => {
    const known = streams.get(name);
    streams.delete(name);
    const file = known ??
      (written.has(name)
        ? await Deno.open(`${path}/${name}`, { write: true })
        : await createdAnew(`${path}/${name}`));
    streams.set(name, file);
    written.add(name);
    for (const [oldest, unused] of streams) {
      if (streams.size <= OPEN_FILES) break;
      unused.close();
      streams.delete(oldest);
    }
    return file;
  };
  /** The files of streams, by their names and whose they are. */
  const owned = new Map<string, string>();
  const streamName = (name: string, owner: string) => {
    const key = `${name} ${owner}`;
    let own = owned.get(key);
    if (own === undefined) owned.set(key, own = names.next(name));
    return own;
  };
  return {
    isClosed: false,
    async write(record) {
      for (const { name, pieces, offset, missing } of rawFiles(record)) {
        if (missing > 0) note("the end of bodies that were cut by --max-body");
        try {
          if (offset === undefined) {
            using file = await createdAnew(`${path}/${names.next(name)}`);
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

/** Names of which none is given twice: numbers repeat where a log was continued by another run. */
class FreeNames {
  /** How often each name was asked for. */
  readonly #runs = new Map<string, number>();

  /** The name itself, or with the number of the run: files of earlier ones are kept. */
  next(name: string): string {
    const run = (this.#runs.get(name) ?? 0) + 1;
    this.#runs.set(name, run);
    return run === 1 ? name : name.replace(/(\.[^.]*)$/, `-run${run}$1`);
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
  const names = new FreeNames();
  return (name, bytes) => {
    const path = `${folder}/${names.next(name)}`;
    try {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o750 });
      try {
        Deno.removeSync(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
      Deno.writeFileSync(path, bytes, { mode: 0o640, createNew: true });
    } catch (error) {
      throw new Failure(`cannot write to ${path}: ${reasonOf(error)}`);
    }
    return path;
  };
}
