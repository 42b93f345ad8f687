/** What goes into an export: numbers, places, filters, redaction; and that nothing is lost of input or output. */
import assert from "node:assert/strict";
import { demoCapture, exchangeLine, exported, tcpmon } from "./exported.ts";
import { inDirectory } from "./log_of.ts";
import { parseRecord, Program, within } from "./program.ts";
import { LINUX, run } from "./tools.ts";

const capture = await demoCapture();
const FORMATS = ["har", "curl", "httpie", "text", "tcpmon", "json", "csv", "pcapng"];

/** Runs a test with the demo's log in a file. */
function withLog(test: (file: string, directory: string) => Promise<void>): Promise<void> {
  return inDirectory(async (directory) => {
    const file = `${directory}/a.log`;
    await Deno.writeFile(file, capture);
    await test(file, directory);
  });
}

Deno.test("a number brings its exchange with its connection and messages, several keep the order of the log", () =>
  withLog(async (file) => {
    const { text } = await tcpmon(["export", file, "10", "2-3"]);
    const records = text.trimEnd().split("\n").map(parseRecord);
    assert.deepEqual(records.map(({ type, id, event, index }) => `${type} ${id ?? event ?? index}`), [
      "connection opened",
      "exchange 2",
      "exchange 3",
      "exchange 10",
      "message 1",
      "message 1",
      "message 2",
      "message 2",
      "connection closed",
    ]);
    const { log } = JSON.parse((await tcpmon(["export", file, "10", "--as", "har"])).text);
    assert.equal(log.entries.length, 1);
    assert.equal(log.entries[0]._webSocketMessages.length, 4);
  }));

Deno.test("where two runs share a log a number is ambiguous, and a line brings what belongs to its own run", () =>
  inDirectory(async (directory) => {
    const text = new TextDecoder().decode(capture);
    const other = text.replaceAll(/"listener":"127\.0\.0\.1:\d+"/g, '"listener":"127.0.0.1:1"');
    const file = `${directory}/two.log`;
    await Deno.writeTextFile(file, text + other);
    const place = (text + other).split("\n").findLastIndex((line) => line.includes('"id":10,')) + 1;
    const first = text.split("\n").findIndex((line) => line.includes('"id":10,')) + 1;
    const asked = await tcpmon(["export", file, "10", "--as", "har"]);
    assert.deepEqual([asked.code, asked.text], [1, ""]);
    assert.equal(
      asked.stderr,
      `tcpmon: found exchange 10 2 times in ${file}, in lines ${first} and ${place}, wanted one: name it by its ` +
        `line, such as @${place}\n`,
    );
    const { log } = JSON.parse((await tcpmon(["export", file, `@${place}`, "--as", "har"])).text);
    assert.equal(log.entries[0]._webSocketMessages.length, 4);
    assert.equal(log.entries[0]._tcpmon.listener, "127.0.0.1:1");
  }));

Deno.test("a number or a line that is not there is an error, and leaves the output as it was", () =>
  withLog(async (file, directory) => {
    const output = `${directory}/out`;
    await Deno.writeTextFile(output, "precious");
    for (
      const [id, said] of [["99", `found no exchange 99 in ${file}`], [
        "@1",
        `found no exchange @1 in ${file}`,
      ]]
    ) {
      const { code, stderr } = await tcpmon(["export", file, id, "-o", output]);
      assert.deepEqual([code, stderr], [1, `tcpmon: ${said}\n`]);
    }
    const wrong = await tcpmon(["export", file, "x", "-o", output]);
    assert.equal(wrong.code, 2);
    assert.match(
      wrong.stderr,
      /^tcpmon: cannot read ID: found "x", wanted the number of an exchange such as 17/,
    );
    assert.equal(await Deno.readTextFile(output), "precious");
  }));

Deno.test("a secret is in no format once it is redacted, and its tag is", () =>
  inDirectory(async (directory) => {
    const secret = "s3cr3t-t0ken";
    const line = exchangeLine({
      request: {
        method: "POST",
        target: `/?password=${secret}`,
        version: "HTTP/1.1",
        headers: [["Host", "a.test"], ["Authorization", `Bearer ${secret}`], ["Cookie", `id=${secret}`]],
        body: { bytes: 27, text: `{"password":"${secret}"}` },
      },
    });
    for (const as of FORMATS) {
      const plain = await exported(`${line}\n`, as);
      assert.ok(as === "csv" || plain.text.includes(secret), as);
      const { text } = await exported(`${line}\n`, as, "--redact");
      assert.ok(!text.includes(secret) && !text.includes(btoa(secret).slice(0, -3)), `${as}: ${text}`);
      assert.match(text, /redacted/, as);
    }
    await exported(`${line}\n`, "raw", "--redact", "-o", `${directory}/raw`);
    assert.ok(!(await Deno.readTextFile(`${directory}/raw/000001-request.http`)).includes(secret));
  }));

Deno.test(
  "the capture itself is never the output, by no name",
  { ignore: !LINUX },
  () =>
    withLog(async (file, directory) => {
      await Deno.symlink(file, `${directory}/link`);
      await Deno.link(file, `${directory}/hard`);
      for (
        const output of [
          file,
          `${directory}/link`,
          `${directory}/hard`,
          `${directory}/../${directory.split("/").at(-1)}/a.log`,
        ]
      ) {
        const { code, stderr } = await tcpmon(["export", file, "--as", "har", "-o", output]);
        assert.equal(code, 1);
        assert.equal(
          stderr,
          `tcpmon: cannot write to ${output}: it is the capture itself, wanted another file\n`,
        );
      }
      assert.deepEqual(await Deno.readFile(file), capture);
    }),
);

Deno.test("a capture that cannot be read is an error, and leaves the output as it was", () =>
  inDirectory(async (directory) => {
    const output = `${directory}/out`;
    await Deno.writeTextFile(output, "precious");
    await Deno.writeFile(`${directory}/noise`, Uint8Array.from({ length: 1000 }, (_, i) => 128 + i % 97));
    await Deno.writeTextFile(`${directory}/notes`, "Dear diary");
    await Deno.writeTextFile(`${directory}/own.json`, '{"log":\n{"lines":[]}}');
    const cases: [string, RegExp][] = [
      ["none", /no such file or directory$/],
      [".", /is a directory$/],
      ["noise", /found ".*", wanted JSON lines of tcpmon, HAR, /],
      ["notes", /found "Dear diary", wanted JSON lines of tcpmon, HAR, /],
      ["own.json", /wanted HAR/],
    ];
    for (const [name, reason] of cases) {
      const { code, stderr, text } = await tcpmon([
        "export",
        `${directory}/${name}`,
        "--as",
        "har",
        "-o",
        output,
      ]);
      assert.deepEqual([code, text], [1, ""], name);
      assert.match(stderr.trimEnd(), reason);
      assert.match(stderr, new RegExp(`^tcpmon: cannot read ${directory}/${name}: [^\n]*\n$`));
    }
    assert.equal(await Deno.readTextFile(output), "precious");
  }));

Deno.test("an empty capture is an export of nothing, and told", async () => {
  const { text, stderr } = await exported("", "har");
  assert.deepEqual(JSON.parse(text).log.entries, []);
  assert.equal(stderr, "tcpmon: found no record to export\n");
  assert.equal((await exported("", "har", "--quiet")).stderr, "");
  assert.match((await exported("", "csv")).text, /^id,time,connection,/);
});

Deno.test(
  "an output that cannot be had or is full is one line and exit code 1",
  { ignore: !LINUX },
  () =>
    withLog(async (file, directory) => {
      const cases = [
        [`${directory}/none/out`, "no such file or directory"],
        [directory, "is a directory"],
      ];
      for (const [output, reason] of cases) {
        const { code, stderr } = await tcpmon(["export", file, "-o", output]);
        assert.deepEqual([code, stderr], [1, `tcpmon: cannot write to ${output}: ${reason}\n`]);
      }
      await using full = Program.start(["export", file], { shell: 'exec "$@" >/dev/full' });
      assert.equal((await full.ended()).code, 1);
      assert.deepEqual(full.said, ["tcpmon: cannot write to stdout: no space left on device"]);
      await Deno.writeTextFile(`${directory}/file`, "");
      const raw = await tcpmon(["export", file, "--as", "raw", "-o", `${directory}/file`]);
      assert.deepEqual([raw.code, raw.stderr], [
        1,
        `tcpmon: cannot write to ${directory}/file: file exists\n`,
      ]);
      const nowhere = await tcpmon(["export", file, "--as", "raw"]);
      assert.equal(nowhere.code, 2);
      assert.match(nowhere.stderr, /^tcpmon: found --as raw without a folder, wanted --output DIR/);
    }),
);

Deno.test(
  "a reader that has seen enough ends the export, which is no failure",
  { ignore: !LINUX },
  async () => {
    const line = exchangeLine({ listener: `unix:/${"x".repeat(1000)}` });
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(file, `${line}\n`.repeat(5000));
      await using program = Program.start(["export", file, "--as", "json"], {
        shell: '{ "$@"; echo $? >&2; } | head -n 1',
      });
      await within(program.ended(), "the export did not end");
      assert.deepEqual(program.log, [line]);
      assert.deepEqual(program.said, ["0"]);
    } finally {
      await Deno.remove(file);
    }
  },
);

Deno.test("streams of two runs, whose numbers repeat, are files of their own, with gaps where bytes are missing", () =>
  inDirectory(async (directory) => {
    const data = (client: string, offset: number, text: string) =>
      JSON.stringify({
        type: "data",
        connection: 1,
        listener: "127.0.0.1:1",
        client,
        target: "127.0.0.1:2",
        time: "2026-11-20T10:31:06.123Z",
        direction: "up",
        offset,
        bytes: text.length,
        text,
      });
    const lines = [
      data("127.0.0.1:3", 0, "one"),
      data("127.0.0.1:4", 0, "OTHER"),
      data("127.0.0.1:3", 5, "two"),
      "",
    ];
    await exported(lines.join("\n"), "raw", "-o", `${directory}/raw`);
    assert.equal(await Deno.readTextFile(`${directory}/raw/c1-up.bin`), "one\0\0two");
    assert.equal(await Deno.readTextFile(`${directory}/raw/c1-up-run2.bin`), "OTHER");
  }));

Deno.test("compressed logs and a log on stdin are read as the plain file is", () =>
  withLog(async (file) => {
    await run("gzip", ["-k", file]);
    assert.deepEqual((await tcpmon(["export", `${file}.gz`])).stdout, capture);
    assert.deepEqual((await exported(capture, "json")).stdout, capture);
  }));

Deno.test("an export has its name only once it is whole, and nothing is written through links that stand there", () =>
  withLog(async (file, directory) => {
    const output = `${directory}/o.json`;
    await Deno.writeTextFile(output, "what was there");
    const cut = `${directory}/cut.log`;
    await Deno.writeTextFile(cut, `${exchangeLine()}\nno record\n`);
    const { code } = await tcpmon(["export", cut, "--strict", "-o", output]);
    assert.equal(code, 1);
    assert.equal(await Deno.readTextFile(output), "what was there");
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["a.log", "cut.log", "o.json"]);

    const victim = `${directory}/victim`;
    await Deno.writeTextFile(victim, "untouched");
    await Deno.mkdir(`${directory}/raw`);
    await Deno.symlink(victim, `${directory}/raw/000001-request.http`);
    assert.equal((await tcpmon(["export", file, "1", "--as", "raw", "-o", `${directory}/raw`])).code, 0);
    assert.equal(await Deno.readTextFile(victim), "untouched");
    assert.match(await Deno.readTextFile(`${directory}/raw/000001-request.http`), /^POST /);
  }));
