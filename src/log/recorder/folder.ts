/**
 * The recorder's folder: made where there is none, held by one tcpmon at a time, and read once at the start. Only files
 * with the recorder's own names are looked at, and only where they are regular files, in /tmp and the like of our own.
 */
import { reasonOf } from "../destination.ts";
import { isDumpName, isPartName, parseSegmentName } from "./names.ts";
import type { Segment } from "./segments.ts";
import { fileFault, folderFault } from "./trusted_path.ts";

/** The system's lock on this file is what counts, not that it is there: it goes with its process, however that ends. */
const LOCK_NAME = "tcpmon.lock";
/** How long an older Deno, which cannot just try, waits for the lock before it takes it for held. */
const LOCK_MS = 300;

/** A folder that is this tcpmon's. */
export interface HeldFolder {
  /** What earlier runs left, oldest first. */
  readonly segments: readonly Segment[];
  /** Gives it free. */
  release(): void;
}

/**
 * Makes a folder where there is none, takes hold of it, removes what a crash left half written, and reads it.
 *
 * @param folder Its path.
 * @throws {Error} One line for people, where it cannot be had.
 */
export async function holdFolder(folder: string): Promise<HeldFolder> {
  let lock: Deno.FsFile | undefined;
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const fault = await folderFault(folder);
    if (fault !== undefined) throw new Error(fault);
    lock = await openLock(`${folder}/${LOCK_NAME}`);
    if (!await tryLock(lock)) {
      lock = undefined;
      throw new Error("another tcpmon records there; give each a folder of its own");
    }
    const segments = await readSegments(folder);
    const held = lock;
    return { segments, release: () => held.close() };
  } catch (error) {
    lock?.close();
    throw new Error(`cannot record in ${folder}: ${reasonOf(error)}`);
  }
}

/** How many bytes the dumps in a folder take together. */
export async function dumpsBytes(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && isDumpName(name)) bytes += await sizeOf(`${folder}/${name}`);
  }
  return bytes;
}

/** Opens the lock's file, never one that another user has put there for something else to be written. */
async function openLock(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const fault = await fileFault(path);
  if (fault !== undefined) throw new Error(`${LOCK_NAME}: ${fault}`);
  return await Deno.open(path, { write: true });
}

/** Takes the lock and keeps the file, or closes it. */
async function tryLock(file: Deno.FsFile): Promise<boolean> {
  // Deno 2.9 has it, 2.4 does not.
  const { tryLock } = file as { tryLock?: (exclusive: boolean) => Promise<boolean> };
  if (tryLock !== undefined) {
    const isOurs = await tryLock.call(file, true);
    if (!isOurs) file.close();
    return isOurs;
  }
  const locked = file.lock(true).then(() => true);
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), LOCK_MS);
  const isOurs = await Promise.race([locked, late.promise]);
  clearTimeout(timer);
  // The lock may still come, when the other one ends: it is not wanted any more.
  if (!isOurs) locked.then(() => file.close(), () => file.close());
  return isOurs;
}

async function readSegments(folder: string): Promise<Segment[]> {
  const found: Segment[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile) continue;
    const path = `${folder}/${name}`;
    const parsed = parseSegmentName(name);
    if (parsed === undefined && !isPartName(name) || await fileFault(path) !== undefined) continue;
    if (isPartName(name)) await Deno.remove(path);
    if (parsed === undefined) continue;
    const bytes = await sizeOf(path);
    found.push({ ...parsed, startsAt: -Infinity, path, bytes, isOpen: false, isRemoved: false });
  }
  found.sort((a, b) => a.number - b.number || a.startedAtMs - b.startedAtMs);
  const segments: Segment[] = [];
  for (const segment of found) {
    const twin = found.find((other) =>
      other !== segment && other.number === segment.number && other.startedAtMs === segment.startedAtMs
    );
    // A crash between the end of a compression and the removal of what it was made of.
    if (segment.compression === "none" && twin !== undefined) await Deno.remove(segment.path);
    else segments.push(segment);
  }
  return segments;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
