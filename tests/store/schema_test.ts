import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { APPLICATION_ID, openToRead, openToWrite, SCHEMA_VERSION } from "../../src/store/schema.ts";

function withFile(work: (path: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "tcpmon-test-" });
  try {
    work(`${folder}/history`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a new file gets the tables and their version, and is opened again", () => {
  withFile((path) => {
    for (let i = 0; i < 2; i++) {
      const db = openToWrite(path);
      assert.deepEqual({ ...db.prepare("PRAGMA user_version").get() }, { user_version: SCHEMA_VERSION });
      assert.deepEqual({ ...db.prepare("PRAGMA journal_mode").get() }, { journal_mode: "wal" });
      assert.deepEqual({ ...db.prepare("PRAGMA auto_vacuum").get() }, { auto_vacuum: 2 });
      db.close();
    }
    openToRead(path).close();
  });
});

Deno.test("a file of a newer version is refused in one line", () => {
  withFile((path) => {
    const db = openToWrite(path);
    db.exec("PRAGMA user_version = 99");
    db.close();
    for (const open of [openToWrite, openToRead]) {
      assert.throws(() => open(path), (error: Error) => {
        assert.match(
          error.message,
          /^cannot open the history .*: found version 99, wanted 2 or older: .*newer tcpmon/,
        );
        return !error.message.includes("\n");
      });
    }
  });
});

Deno.test("an older version is read as it is, and brought up to date by who writes to it, who is told", () => {
  withFile((path) => {
    const version = () => {
      const db = new DatabaseSync(path);
      const { user_version: found } = db.prepare("PRAGMA user_version").get()!;
      db.close();
      return found;
    };
    const db = openToWrite(path);
    db.exec("PRAGMA user_version = 1");
    db.close();
    openToRead(path).close();
    assert.equal(version(), 1);
    const told: number[] = [];
    for (let i = 0; i < 2; i++) openToWrite(path, (from) => told.push(from)).close();
    assert.deepEqual([version(), told], [2, [1]]);
  });
});

Deno.test("what is another program's database, or none, is refused and left as it was", () => {
  withFile((path) => {
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE t(x)");
    other.close();
    const before = Deno.readFileSync(path);
    assert.throws(() => openToWrite(path), /another program's SQLite database/);
    assert.throws(() => openToRead(path), /another program's SQLite database/);
    assert.deepEqual(Deno.readFileSync(path), before);
    const text = "no database at all ".repeat(100);
    Deno.writeTextFileSync(path, text);
    assert.throws(() => openToWrite(path), /^Error: cannot open the history .*not a database/);
    assert.equal(Deno.readTextFileSync(path), text);
  });
});

Deno.test("reading makes no file, and says that there is none", () => {
  withFile((path) => {
    assert.throws(() => openToRead(path), /there is no such file/);
    assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
    assert.throws(() => openToWrite(`${path}/no/folder`), /^Error: cannot open the history/);
    new DatabaseSync(path).close();
    Deno.writeFileSync(path, new Uint8Array());
    assert.throws(() => openToRead(path), /empty SQLite database, wanted a history/);
  });
});

Deno.test("the header says whose file it is", () => {
  withFile((path) => {
    openToWrite(path).close();
    const header = new DataView(Deno.readFileSync(path).buffer);
    assert.equal(header.getUint32(68), APPLICATION_ID);
  });
});
