/** `--store`: a history that other commands read, also while it is written, and that is kept within its bounds. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { tcpmon } from "./exported.ts";
import { inDirectory, message } from "./log_of.ts";
import { Server } from "./peers.ts";
import { type LogRecord, parseRecord, Program } from "./program.ts";
import { curl } from "./tools.ts";

/** A server that says hello to every request. */
function hello(...fields: string[]): Server {
  return new Server(async (peer) => {
    for (;;) {
      if (await peer.readHead().catch(() => undefined) === undefined) return;
      await peer.send(message("HTTP/1.1 200 OK", fields, "hello"));
    }
  });
}

/** Relays some requests with these options, and gives the log. */
async function relayed(requests: number, options: readonly string[]): Promise<string[]> {
  await using server = hello();
  await using program = Program.start(["relay", `0=${server.target}`, "--format", "json", ...options]);
  const port = await program.port();
  for (let i = 0; i < requests; i++) await curl(`http://127.0.0.1:${port}/${i}`);
  await program.records("exchange", requests);
  const { code } = await program.stop();
  assert.equal(code, 0);
  return [...program.log];
}

const exchanges = (lines: readonly string[]) =>
  lines.map((line) => parseRecord(line)).filter(({ type }) => type === "exchange");

const pathsOf = (records: readonly LogRecord[]) => records.map(({ request }) => request.target);

Deno.test("a history gives back the very lines of the log, and is for its owner's eyes only", () =>
  inDirectory(async (directory) => {
    const file = `${directory}/history.db`;
    const log = await relayed(5, ["--store", file]);
    const { code, text, stderr } = await tcpmon(["export", file, "--as", "json"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(text.trimEnd().split("\n"), log);
    if (Deno.build.os !== "windows") assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
  }));

Deno.test("a history is gone on with by the next run, and read while it is written", () =>
  inDirectory(async (directory) => {
    const file = `${directory}/history.db`;
    await relayed(2, ["--store", file]);
    await using server = hello();
    await using program = Program.start(["relay", `0=${server.target}`, "--format", "json", "--store", file]);
    const port = await program.port();
    await curl(`http://127.0.0.1:${port}/later`);
    await program.records("exchange");
    for (;;) {
      const { text } = await tcpmon(["export", file, "--as", "json", "--filter", "type:exchange"]);
      const paths = pathsOf(exchanges(text.trimEnd().split("\n")));
      if (paths.length < 3) continue;
      assert.deepEqual(paths, ["/0", "/1", "/later"]);
      break;
    }
  }));

Deno.test("resend and diff take a history", () =>
  inDirectory(async (directory) => {
    const file = `${directory}/history.db`;
    await relayed(2, ["--store", file]);
    await using server = hello();
    const resent = await tcpmon(["resend", file, "--to", server.target, "--speed", "max", "--diff"]);
    assert.deepEqual([resent.code, resent.text], [0, ""]);
    assert.match(resent.stderr, /2 sent .*; no differences/);
    const compared = await tcpmon(["diff", file, "1", "2"]);
    assert.equal(compared.code, 3);
    assert.match(compared.text, /request target\n {2}- \/0\n {2}\+ \/1\n/);
  }));

Deno.test("secrets are redacted in the history, too", () =>
  inDirectory(async (directory) => {
    const file = `${directory}/history.db`;
    await using server = hello("Set-Cookie: s=hush");
    await using program = Program.start(
      ["relay", `0=${server.target}`, "--format", "json", "--store", file, "--redact"],
    );
    await curl(`http://127.0.0.1:${await program.port()}/`, "-H", "Authorization: Bearer hush");
    await program.records("exchange");
    await program.stop();
    const bytes = [file, `${file}-wal`].map((name) => {
      try {
        return new TextDecoder("latin1").decode(Deno.readFileSync(name));
      } catch {
        return "";
      }
    }).join("");
    assert.doesNotMatch(bytes, /hush/);
    assert.match((await tcpmon(["export", file])).text, /\[redacted:/);
  }));

Deno.test("a history of a newer version is refused in one line, and left as it is", () =>
  inDirectory(async (directory) => {
    const file = `${directory}/history.db`;
    await relayed(1, ["--store", file]);
    {
      using db = new DatabaseSync(file);
      db.exec("PRAGMA user_version = 99");
    }
    const { code, text, stderr } = await tcpmon(["export", file]);
    assert.deepEqual([code, text], [1, ""]);
    assert.match(
      stderr,
      /^tcpmon: cannot open the history .*: found version 99, wanted 2 or older: [^\n]*\n$/,
    );
  }));

Deno.test("what is no amount to keep is refused, and so is a store that cannot be", async () => {
  const bad = await tcpmon(["relay", "0=127.0.0.1:1", "--store", "/tmp/x", "--keep", "lots"]);
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /^tcpmon: cannot read --keep: found "lots", wanted a number of records/);
  const nowhere = await tcpmon(["relay", "0=127.0.0.1:1", "--store", "/nowhere/at/all.db"]);
  assert.equal(nowhere.code, 1);
  assert.equal(nowhere.stderr.split("\n").length, 2);
  assert.match(nowhere.stderr, /\/nowhere\/at\/all\.db/);
});
