/**
 * The two files of the CA: `ca.pem`, which anybody may read, and `ca-key.pem`, which nobody else may.
 *
 * Several processes may start at once and must end with one pair that fits. Who creates the key file (O_EXCL)
 * has won; `ca.pem` appears by a rename and only after the key is whole, so where `ca.pem` is, the pair is
 * complete. The others wait for it.
 */
import { join } from "node:path";
import { escaped } from "../address.ts";
import type { PemPair } from "./authority_certificate.ts";
import { AuthorityError } from "./authority_error.ts";

/** A pair as it stands in the folder. */
export interface StoredPair extends PemPair {
  /** Whether it was made just now. */
  readonly made: boolean;
}

const CERT_FILE = "ca.pem";
const KEY_FILE = "ca-key.pem";
const CERT_MODE = 0o644;
const KEY_MODE = 0o600;
/** For folders that have to be made: the mode that the XDG specification asks for. */
const FOLDER_MODE = 0o700;
const OTHERS = 0o077;
/** How long to wait for another process between its key and its certificate: two small writes. */
const WAIT_MS = 3_000;
const WAIT_STEP_MS = 20;

/** The path of the CA's certificate in a folder. */
export function certPathIn(folder: string): string {
  return join(folder, CERT_FILE);
}

/** The path of the CA's private key in a folder. */
export function keyPathIn(folder: string): string {
  return join(folder, KEY_FILE);
}

/**
 * Reads the CA's files, or makes them where there are none.
 *
 * @param make Makes a new pair.
 * @param now The time, in ms since 1970.
 * @throws {AuthorityError} where one file is missing, others may read the key, or the folder cannot be used.
 */
export async function readOrMakePair(
  folder: string,
  make: () => Promise<PemPair>,
  now: () => number,
): Promise<StoredPair> {
  try {
    return await readPair(folder) ?? await makePair(folder, make) ?? await waitForPair(folder, now);
  } catch (error) {
    if (error instanceof AuthorityError || !(error instanceof Error)) throw error;
    throw new AuthorityError(
      `cannot use the CA folder ${shown(folder)}: ${
        escaped(reason(error))
      }; make it readable and writable, or ` +
        "name another with --ca-dir",
    );
  }
}

/** What the folder holds: a pair, or undefined where there is neither file, or the key alone. */
async function readPair(folder: string): Promise<StoredPair | undefined> {
  // The certificate first: it comes last, so where it is, the key must be.
  const certPem = await readIfThere(certPathIn(folder));
  if (certPem === undefined) return undefined;
  const keyPath = keyPathIn(folder);
  const info = await statIfThere(keyPath);
  if (info === undefined) throw halfThere(folder, CERT_FILE, KEY_FILE);
  // Null on Windows, where the user's folders are the user's.
  if (info.mode !== null && (info.mode & OTHERS) !== 0) {
    const mode = (info.mode & 0o777).toString(8).padStart(4, "0");
    throw new AuthorityError(
      `cannot use the CA key ${
        shown(keyPath)
      }: others may read or change it (mode ${mode}, wanted 0600); if nobody ` +
        `did, run chmod 600 on it, else remove it and ${CERT_FILE}, and a new CA is made`,
    );
  }
  return { certPem, keyPem: await Deno.readTextFile(keyPath), made: false };
}

/** Makes the pair; undefined where somebody else's key is there already. */
async function makePair(folder: string, make: () => Promise<PemPair>): Promise<StoredPair | undefined> {
  const keyPath = keyPathIn(folder);
  if (await statIfThere(keyPath) !== undefined) return undefined;
  await Deno.mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  const pair = await make(); // before the key file is there, so that others wait for two writes only
  try {
    await writeNew(keyPath, pair.keyPem, KEY_MODE);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  }
  const temporary = join(folder, `${CERT_FILE}.${crypto.randomUUID()}.tmp`);
  try {
    await writeNew(temporary, pair.certPem, CERT_MODE);
    await Deno.rename(temporary, certPathIn(folder));
  } catch (error) {
    await removeIfThere(temporary);
    await removeIfThere(keyPath);
    throw error;
  }
  return { ...pair, made: true };
}

async function waitForPair(folder: string, now: () => number): Promise<StoredPair> {
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += WAIT_STEP_MS) {
    // Looked at first: if it is whole meanwhile, the pair is.
    const key = await statIfThere(keyPathIn(folder));
    const pair = await readPair(folder);
    if (pair !== undefined) return pair;
    // Nobody is about to complete what has been there for longer than that takes.
    if (key?.mtime != null && now() - key.mtime.getTime() > WAIT_MS) break;
    await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
  }
  throw halfThere(folder, KEY_FILE, CERT_FILE);
}

/** Writes a file that must not be there yet, whole and down to the disk; a failed one is taken away again. */
async function writeNew(path: string, text: string, mode: number): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode });
  try {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
  } catch (error) {
    await removeIfThere(path);
    throw error;
  }
}

function readIfThere(path: string): Promise<string | undefined> {
  return ifThere(Deno.readTextFile(path));
}

function statIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  return ifThere(Deno.stat(path));
}

async function removeIfThere(path: string): Promise<void> {
  await ifThere(Deno.remove(path));
}

async function ifThere<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function halfThere(folder: string, found: string, missing: string): AuthorityError {
  return new AuthorityError(
    `cannot use the CA in ${
      shown(folder)
    }: ${found} is there without ${missing}; put that back, or remove ${found}, ` +
      "and a new CA is made",
  );
}

function shown(path: string): string {
  return escaped(path);
}

/** The system's reason in few words, without the path, which the message has already. */
function reason(error: Error): string {
  // The runtime keeps devices and /proc from programs that were not given every permission.
  if (error instanceof Deno.errors.NotCapable) return "tcpmon has no access to it";
  return error.message.replace(/ \(os error \d+\).*$/s, "").toLowerCase();
}
