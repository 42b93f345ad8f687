/** `tcpmon resend` of captures that are cut, foreign, wrong, newer, huge or not there, and with arguments that are. */
import assert from "node:assert/strict";
import { inDirectory } from "./log_of.ts";
import { Program, within } from "./program.ts";
import { Backend, exchangeLine, records, tcpmon } from "./sending.ts";
import { LINUX } from "./tools.ts";

const max = ["--speed", "max", "--format", "none"];

/** Resends a capture between two good exchanges. */
async function around(line: string | Uint8Array, strict: boolean) {
  await using backend = new Backend();
  const [before, after] = [1, 2].map((id) => exchangeLine({ id, target: backend.target, path: `/${id}` }));
  const bytes = typeof line === "string" ? new TextEncoder().encode(line) : line;
  const stdin = new Blob([before, bytes as Uint8Array<ArrayBuffer>, "\n", after]);
  const args = ["resend", "-", ...max, ...strict ? ["--strict"] : []];
  const ended = await tcpmon(args, { stdin: await stdin.bytes() });
  return { ...ended, paths: backend.paths };
}

const good = JSON.parse(exchangeLine());
const BAD: readonly (readonly [string, string | Uint8Array])[] = [
  ["is no JSON", "{bad"],
  ["is another program's JSON", '{"hello":"world"}'],
  ["is an array", "[1,2]"],
  ["has a wrong type", JSON.stringify({ ...good, request: { ...good.request, method: 5 } })],
  ["has headers that are none", JSON.stringify({ ...good, request: { ...good.request, headers: { a: 1 } } })],
  ["is of an unknown type", '{"type":"hologram"}'],
  ["is binary", new Uint8Array([0x7b, 0xff, 0xfe, 0x00, 0x80])],
  ["is deep", "[".repeat(100_000)],
];

for (const [what, line] of BAD) {
  Deno.test(`a line that ${what} is told with its number and left out, or ends it with --strict`, async () => {
    const lenient = await around(line, false);
    assert.equal(lenient.code, 0, lenient.stderr);
    assert.deepEqual(lenient.paths, ["/1", "/2"]);
    assert.match(lenient.stderr, /^tcpmon: stdin: line 2: found [^\n]*, wanted [^\n]*\n/);
    const strict = await around(line, true);
    assert.equal(strict.code, 1);
    assert.match(strict.stderr, /^tcpmon: cannot read stdin: line 2: found [^\n]*\n$/m);
    assert.doesNotMatch(strict.stderr, /please report|at file:/);
  });
}

Deno.test("fields of a newer version are passed over", async () => {
  const { code, stderr, paths } = await around(
    JSON.stringify({ ...good, request: { ...good.request, newer: [1] }, flags: ["brand-new"], newest: {} }),
    true,
  );
  assert.equal(code, 1, "its target is not there");
  assert.deepEqual(paths, ["/1", "/2"]);
  assert.doesNotMatch(stderr, /line 2/);
});

Deno.test("a last line that was cut is told, the rest is sent", async () => {
  await using backend = new Backend();
  const log = [1, 2, 3].map((id) => exchangeLine({ id, target: backend.target })).join("");
  const { code, stderr } = await tcpmon(["resend", "-", ...max], { stdin: log.slice(0, -40) });
  assert.equal(code, 0);
  assert.equal(backend.received.length, 2);
  assert.match(stderr, /^tcpmon: stdin: line 3: found the end of the file inside a record/);
});

Deno.test("many bad lines are told ten times, and counted", async () => {
  await using backend = new Backend();
  const log = "{}\n".repeat(500) + exchangeLine({ target: backend.target });
  const { code, stderr } = await tcpmon(["resend", "-", ...max], { stdin: log });
  assert.equal(code, 0);
  assert.equal(stderr.split("\n").length, 13, stderr);
  assert.match(stderr, /^tcpmon: stdin: 490 more of such were left out$/m);
});

Deno.test({
  name: "a line of 400 MB is left out, and what stands behind it is sent",
  ignore: !LINUX,
  async fn() {
    await using backend = new Backend();
    const log = exchangeLine({ target: backend.target }).trim();
    const flood = `head -c 400000000 /dev/zero | tr '\\0' x`;
    const { code, stderr } = await tcpmon(["resend", "-", ...max], {
      env: { LOG: log },
      shell: `{ echo "$LOG"; printf '{"type":"'; ${flood}; echo; echo "$LOG"; } | "$@"`,
    });
    assert.equal(code, 0, stderr);
    assert.equal(backend.received.length, 2);
    assert.match(stderr, /^tcpmon: stdin: line 2: found more than \d+ bytes/);
  },
});

Deno.test("an empty file, a binary one, a folder, a missing one: one clear line, exit code 1", () =>
  inDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/empty`, "");
    await Deno.writeFile(`${directory}/binary`, crypto.getRandomValues(new Uint8Array(50_000)));
    const rows: readonly (readonly [string, RegExp])[] = [
      [`${directory}/empty`, /nothing to send/],
      [`${directory}/binary`, /binary: found .*, wanted JSON lines of tcpmon, HAR/],
      [directory, /cannot read \S+: is a directory\n$/],
      [`${directory}/none`, /cannot read \S+: no such file or directory\n$/],
    ];
    for (const [file, said] of rows) {
      const { code, text, stderr } = await tcpmon(["resend", file, ...max]);
      assert.deepEqual([code, text], [1, ""], file);
      assert.match(stderr, said);
      // deno-lint-ignore no-control-regex -- control characters are what it looks for
      assert.doesNotMatch(stderr, /please report|[\x00-\x09\x0b-\x1f]/);
    }
  }));

Deno.test("bad usage is one line and exit code 2, and nothing is sent", async () => {
  await using backend = new Backend();
  const stdin = exchangeLine({ target: backend.target });
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /found no FILE, wanted tcpmon resend FILE/],
    [["-", "x"], /cannot read ID: found "x"/],
    [["-", "5-2"], /cannot read ID: found "5-2"/],
    [["-", "--to", "nonsense"], /cannot read --to: found no port in "nonsense"/],
    [["-", "--speed", "0"], /cannot read --speed: found "0"/],
    [["-", "--speed", "fast"], /cannot read --speed: found "fast"/],
    [["-", "--set", "foo"], /cannot read --set: found "foo", wanted header:NAME=VALUE/],
    [
      ["-", "--set", "header:A=b\r\nEvil: 1"],
      /cannot read --set: found .*, wanted a value of one line for A/,
    ],
    [["-", "--set", "target=/a b"], /cannot read --set: found .*, wanted a target without white space/],
    [["-", "--set", "json:id=5"], /cannot read --set: found .*, wanted a JSONPath/],
    [["-", "--ignore", "Date"], /found --ignore without --diff/],
    [["-", "--diff", "--ignore", "$["], /cannot read the JSONPath/],
    [["-", "--diff", "--ignore", "re:["], /cannot read what to ignore/],
    [["-", "--filter", "nonsense:"], /--filter/],
    [["-", "--keep-connections", "--concurrency", "2"], /found both --keep-connections and --concurrency/],
  ];
  await Promise.all(rows.map(async ([args, said]) => {
    const { code, stderr } = await tcpmon(["resend", ...args], { stdin });
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /please report/);
  }));
  assert.equal(backend.received.length, 0);
});

Deno.test("Ctrl-C ends a resend within a pause of an hour, with what was sent so far and exit code 130", () =>
  inDirectory(async (directory) => {
    const here = Promise.withResolvers<void>();
    await using backend = new Backend(() => {
      here.resolve();
      return "HTTP/1.1 204 No\r\n\r\n";
    });
    const log = [0, 3_600_000].map((ms) => exchangeLine({ id: ms + 1, target: backend.target, ms })).join("");
    await Deno.writeTextFile(`${directory}/log`, log);
    await using program = Program.start(["resend", `${directory}/log`, "--format", "json"]);
    await within(here.promise, "nothing came");
    await program.records("exchange");
    program.signal("SIGINT");
    assert.equal((await program.ended()).code, 130);
    assert.match(program.said.join("\n"), /^tcpmon: 1 sent in /m);
  }));

Deno.test({
  name: "a named pipe is read from its first byte, whole or by number",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inDirectory(async (directory) => {
      const stdin = exchangeLine({ id: 1, path: "/a" }) + exchangeLine({ id: 2, path: "/b" });
      const pipe = `${directory}/pipe`;
      const shell = `mkfifo '${pipe}' && { cat <&3 > '${pipe}' & } 3<&0 && "$@"; rm '${pipe}'`;
      const exported = (...ids: readonly string[]) =>
        tcpmon(["export", pipe, ...ids, "--as", "json"], { stdin, shell });
      const all = await exported();
      assert.deepEqual([records(all).map(({ id }) => id), all.stderr], [[1, 2], ""]);
      assert.deepEqual(records(await exported("2")).map(({ id }) => id), [2]);
    }),
});
