import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { answering, ask, inDirectory, logOf, message, recordsOf } from "./log_of.ts";
import { Peer } from "./peers.ts";
import { installed, Program } from "./program.ts";

const GET = message("GET /hello HTTP/1.1", ["Host: a.test"]);
const POST = message("POST /hello HTTP/1.1", ["Host: a.test"], "AAA");
const ANSWERS = {
  "/hello": message("HTTP/1.1 200 OK", ["Content-Type: text/plain"], "hello,\nworld\n"),
  "/xml": message("HTTP/1.1 200 OK", ["Content-Type: text/xml"], "<a><b>1</b></a>"),
  "/json": message("HTTP/1.1 200 OK", ["Content-Type: application/json"], '{"a":["\\r",{"b":1}]}'),
  "/gzip": message("HTTP/1.1 200 OK", ["Content-Encoding: gzip"], gzipSync("unpacked")),
  "/large": message("HTTP/1.1 200 OK", [], "0123456789".repeat(10_000)),
};
const get = (path: string) => message(`GET ${path} HTTP/1.1`, ["Host: a.test"]);

/** A text log with what differs between runs made equal. */
function steady(text: string): string {
  return text.replace(/127\.0\.0\.1:\d+/g, "HOST").replace(/\d\d:\d\d:\d\d\.\d{3}/g, "TIME")
    .replace(/ [\d.]+ (ms|s) /g, " DURATION ").replace(/^# .*$/gm, "# DATE");
}

const BLOCK = `# DATE

#1 TIME HOST → HOST POST /hello 200 OK DURATION ↑3 B ↓13 B
> POST /hello HTTP/1.1
> Host: a.test
> Content-Length: 3
>
    AAA
< HTTP/1.1 200 OK
< Content-Type: text/plain
< Content-Length: 13
<
    hello,
    world

`;

Deno.test("text is a block an exchange, after a line with the date", async () => {
  const { text } = await logOf([], ANSWERS, [POST]);
  assert.equal(steady(text), BLOCK);
  assert.match(text, /^# \d{4}-\d\d-\d\d UTC/);
});

Deno.test("times of day and the date are those of the local zone", async () => {
  const { lines } = await logOf(["--format", "short"], ANSWERS, [GET], { env: { TZ: "Asia/Kathmandu" } });
  const local = new Date(Date.now() + 345 * 60_000).toISOString();
  assert.equal(lines[0], `# ${local.slice(0, 10)} UTC+05:45`);
  assert.equal(lines[1].slice(3, 5), local.slice(11, 13));
});

Deno.test("short is one line an exchange", async () => {
  const { text } = await logOf(["--format", "short"], ANSWERS, [POST, GET]);
  assert.equal(
    steady(text),
    `# DATE
#1 TIME HOST → HOST POST /hello 200 OK DURATION ↑3 B ↓13 B
#2 TIME HOST → HOST GET /hello 200 OK DURATION ↑0 B ↓13 B
`,
  );
});

Deno.test("json is one record a line, from the opening of the connection to its end", async () => {
  const logged = await logOf(["--format", "json"], ANSWERS, [POST, GET]);
  assert.deepEqual(
    logged.lines.map((line) => JSON.parse(line)).map(({ type, event }) => event ?? type),
    ["opened", "exchange", "exchange", "closed"],
  );
  const [first, second] = recordsOf(logged);
  assert.equal(first.id, 1);
  assert.equal(first.outcome, "complete");
  assert.deepEqual(first.request.headers, [["Host", "a.test"], ["Content-Length", "3"]]);
  assert.deepEqual(first.request.body, { bytes: 3, text: "AAA" });
  assert.deepEqual(first.response.body, { bytes: 13, text: "hello,\nworld\n" });
  assert.ok(Math.abs(Date.parse(first.time) - Date.now()) < 60_000);
  assert.ok(first.ms.connect >= 0 && second.ms.connect === undefined);
  assert.ok(first.ms.relay >= 0 && first.ms.relay <= first.ms.total);
});

Deno.test("none logs nothing, and makes no file", () =>
  inDirectory(async (directory) => {
    const output = `${directory}/a.log`;
    const { text } = await logOf(["--format", "none", "--output", output], ANSWERS, [GET]);
    assert.equal(text, "");
    await assert.rejects(Deno.stat(output), Deno.errors.NotFound);
  }));

Deno.test("--output appends to a file what else goes to stdout, - is stdout", () =>
  inDirectory(async (directory) => {
    const output = `${directory}/a.log`;
    for (const format of ["text", "short", "json"]) {
      const options = ["--format", format, "--output", output];
      for (const _ of ["created", "appended to"]) {
        assert.equal((await logOf(options, ANSWERS, [POST])).text, "");
      }
      const [written, direct] = [
        await Deno.readTextFile(output),
        await logOf(["--format", format, "-o", "-"], ANSWERS, [POST]),
      ];
      if (format !== "json") assert.equal(steady(written), steady(direct.text).repeat(2));
      else assert.equal(written.trim().split("\n").length, 2 * direct.lines.length);
      await Deno.remove(output);
    }
  }));

Deno.test("--color surrounds, and never where it is not wanted", async () => {
  const options = (when: string) => ["--color", when];
  const always = await logOf(options("always"), ANSWERS, [POST], { env: { NO_COLOR: "1" } });
  assert.ok(always.text.includes("\x1b[32m200 OK\x1b[0m"));
  // deno-lint-ignore no-control-regex -- colours are what it takes off
  assert.equal(steady(always.text.replace(/\x1b\[\d+m/g, "")), BLOCK);
  for (const when of ["auto", "never"]) {
    const { text } = await logOf(options(when), ANSWERS, [POST], { env: { NO_COLOR: "" } });
    assert.equal(steady(text), BLOCK, `--color ${when} in a pipe`);
  }
});

Deno.test({
  name:
    "on a terminal --color auto is colour unless NO_COLOR is set, no date begins the log, its end is the program's",
  ignore: !installed("script"),
  async fn() {
    // Words of the command line have neither quotes nor spaces here; stderr is not the terminal.
    const shell = `exec script -qefc 'echo pid $$ >&3; exec '"$*"' 2>&3' /dev/null 3>&2 </dev/null`;
    await using server = answering(ANSWERS);
    // A terminal that is closed sends SIGHUP.
    for (const [noColor, colour, signal] of [["", true, "SIGTERM"], ["1", false, "SIGHUP"]] as const) {
      const start = { shell, env: { NO_COLOR: noColor } };
      await using program = Program.start(["relay", `0=${server.target}`, "--format=short"], start);
      {
        using client = await Peer.connect(await program.port());
        await ask(client, GET);
      }
      const [line] = await program.logs((lines) => lines.length > 0);
      assert.match(line, /^#1 /);
      assert.equal(line.includes("\x1b[32m200 OK\x1b[0m"), colour, line);
      Deno.kill(Number((await program.says(/^pid /)).slice(4)), signal);
      assert.equal((await program.ended()).code, 0);
    }
  },
});

Deno.test("--pretty indents XML and JSON for display, the traffic stays as it is", async () => {
  const { text, bodies } = await logOf(["--pretty"], ANSWERS, [get("/xml"), get("/json")]);
  assert.ok(text.includes("    <a>\n       <b>1</b>\n    </a>\n"), text);
  assert.ok(text.includes('    {\n      "a": [\n        "\\r",\n        {\n          "b": 1\n'), text);
  assert.equal(new TextDecoder().decode(bodies[0]), "<a><b>1</b></a>");
});

Deno.test("JSON is shown as it came", async () => {
  const { text } = await logOf([], ANSWERS, [get("/json")]);
  assert.ok(text.includes('    {"a":["\\r",{"b":1}]}\n'), text);
});

Deno.test("--hex shows what was transferred, byte by byte", async () => {
  const { text } = await logOf(["--hex"], ANSWERS, [get("/gzip"), POST]);
  assert.match(text, /^ {4}00000000 {2}1f 8b 08 /m);
  assert.match(text, /^ {4}00000000 {2}41 41 41 .*\|AAA\|$/m);
  assert.doesNotMatch(text, /unpacked/);
});

Deno.test("a coded body is shown unpacked, and kept as it came in JSON", async () => {
  const { text } = await logOf([], ANSWERS, [get("/gzip")]);
  assert.match(text, /^\[gzip, \d+ B → 8 B\]\n {4}unpacked$/m);
  const [{ response }] = recordsOf(await logOf(["--format", "json"], ANSWERS, [get("/gzip")]));
  assert.deepEqual(response.body.decoded, { bytes: 8, text: "unpacked" });
  assert.equal(atob(response.body.base64).charCodeAt(0), 0x1f);
});

Deno.test("--max-body shortens the log and never the traffic", async () => {
  const options = ["--max-body", "1000"];
  const human = await logOf(options, ANSWERS, [get("/large")]);
  assert.match(human.text, /^\[99000 of 100000 B not kept, --max-body is the limit\]$/m);
  const json = await logOf([...options, "--format=json"], ANSWERS, [get("/large")]);
  const [{ response: { body } }] = recordsOf(json);
  assert.deepEqual(body, { bytes: 100_000, text: "0123456789".repeat(100), truncated: true });
  for (const { bodies } of [human, json]) {
    assert.equal(new TextDecoder().decode(bodies[0]), "0123456789".repeat(10_000));
  }
});
