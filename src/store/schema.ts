/**
 * The file of a history: an SQLite database, its tables, its version, and how an older one is brought up to
 * date.
 *
 * Records stand twice: as the line of the JSON log, many lines to a block, from which they are read back
 * exactly; and as a short row of what tables show and filters ask. What repeats (methods, hosts,
 * connections) stands once, in `shapes` and `sides`. A block tells what is in it (`summary`, `signatures`),
 * so that a search reads few of them.
 */
import { DatabaseSync } from "node:sqlite";
import { numberOf } from "./statements.ts";

/** Version of the tables that this tcpmon writes. */
export const SCHEMA_VERSION = 2;

/** `tcpm` in ASCII, in the header of every file: it tells a history from another program's database. */
export const APPLICATION_ID = 0x7463706d;

/** How long to wait for another process that writes. */
const BUSY_MS = 5000;
/** Larger than the default: lines and signatures are read and written in long runs. */
const PAGE_BYTES = 8192;
/** How much is written ahead before it goes to its place … */
const CHECKPOINT_PAGES = 2048;
/** … and what is left of that file at most, once it was larger while somebody read. */
const JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * STEPS[n] brings version n to n + 1. What was released is never changed, only added to: readers ask older versions the same
 * as the latest one.
 */
const STEPS: readonly string[] = [
  `
  CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('last', 0), ('epoch', 0), ('run', 0);
  CREATE TABLE shapes(id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, method TEXT, scheme TEXT, host TEXT,
    request_version TEXT, response_version TEXT, status INTEGER, reason TEXT, request_mime TEXT, response_mime TEXT,
    outcome TEXT, flags TEXT, error TEXT, end TEXT, direction TEXT, protocol TEXT, event TEXT, opcode TEXT, tls TEXT,
    soap TEXT);
  CREATE TABLE sides(id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, connection INTEGER NOT NULL,
    listener TEXT NOT NULL, client TEXT NOT NULL, target TEXT NOT NULL);
  CREATE TABLE records(id INTEGER PRIMARY KEY, shape INTEGER NOT NULL, side INTEGER, at REAL NOT NULL, exchange INTEGER,
    path TEXT, query TEXT, url TEXT, size INTEGER, request_size INTEGER, duration REAL, connect REAL, handshake REAL,
    send REAL, wait REAL, receive REAL, relay REAL);
  CREATE TABLE blocks(first INTEGER PRIMARY KEY, last INTEGER NOT NULL, count INTEGER NOT NULL, bytes INTEGER NOT NULL,
    newest REAL NOT NULL, sealed INTEGER NOT NULL, summary TEXT NOT NULL);
  CREATE INDEX unsealed ON blocks(first) WHERE sealed = 0;
  CREATE TABLE signatures(block INTEGER PRIMARY KEY, bits BLOB NOT NULL);
  CREATE TABLE lines(block INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(block, part));
  CREATE TABLE removals(id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL);
  CREATE TABLE removed(removal INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
  CREATE INDEX removed_by_removal ON removed(removal);
`,
  // Lines may be packed.
  "",
];

/**
 * Opens a history to write to it; makes the file where there is none, readable by its owner alone. One of an older version
 * is brought up to date: who writes such ones cannot go on with it.
 *
 * @param onMigrated Told of the version that it had then.
 * @throws {Error} One line for people, where it cannot be had, is something else, or is of a newer version.
 */
export function openToWrite(path: string, onMigrated: (from: number) => void = () => {}): DatabaseSync {
  return opened(path, (db) => {
    db.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA page_size = ${PAGE_BYTES}`);
    const version = checkedVersion(db, path);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    db.exec(
      `PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${JOURNAL_LIMIT_BYTES}`,
    );
    if (version === SCHEMA_VERSION) return;
    migrate(db);
    if (version > 0) onMigrated(version);
  });
}

/**
 * Opens a history to read it, also while another process writes to it. Older versions are read as they are.
 *
 * @throws {Error} One line for people, where it cannot be had, is no history, or is of a newer version.
 */
export function openToRead(path: string): DatabaseSync {
  try {
    // SQLite would make the file.
    Deno.statSync(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : reasonOf(error);
    throw new Error(`cannot open the history ${path}: ${reason}`);
  }
  return opened(path, (db) => {
    // Bringing what is written ahead to its place is up to the writer: it takes room, which there may not be.
    db.exec("PRAGMA wal_autocheckpoint = 0");
    if (checkedVersion(db, path) === 0) {
      throw new Error(`cannot read ${path}: found an empty SQLite database, wanted a history of tcpmon`);
    }
  });
}

function opened(path: string, prepare: (db: DatabaseSync) => void): DatabaseSync {
  // SQLite gives its companion files (-wal, -shm) the permissions of the file itself.
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(path);
  } catch (error) {
    throw new Error(`cannot open the history ${path}: ${reasonOf(error)}`);
  }
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    prepare(db);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof Error && error.message.includes(path)) throw error;
    throw new Error(`cannot open the history ${path}: ${reasonOf(error)}`);
  }
}

/** The version of the file's tables; 0: it is new. */
function checkedVersion(db: DatabaseSync, path: string): number {
  const application = numberOf(db, "PRAGMA application_id");
  const version = numberOf(db, "PRAGMA user_version");
  if (application === 0 && version === 0 && numberOf(db, "SELECT count(*) FROM sqlite_schema") === 0) {
    return 0;
  }
  if (application !== APPLICATION_ID) {
    throw new Error(
      `cannot open the history ${path}: found another program's SQLite database, wanted one of tcpmon`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new Error(
      `cannot open the history ${path}: found version ${version}, wanted ${SCHEMA_VERSION} or older: ` +
        "it was written by a newer tcpmon, take that or another file",
    );
  }
  return version;
}

/** Whoever comes first does it; who waited for that finds it done. */
function migrate(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    const version = numberOf(db, "PRAGMA user_version");
    for (const step of STEPS.slice(version)) db.exec(step);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

/** What SQLite says, in words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
