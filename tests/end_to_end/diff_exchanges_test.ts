/** `tcpmon diff`: two captured exchanges side by side. */
import assert from "node:assert/strict";
import { inDirectory } from "./log_of.ts";
import { exchangeLine, tcpmon } from "./sending.ts";
import { LINUX } from "./tools.ts";

const JSON_FIELDS: readonly (readonly [string, string])[] = [["Content-Type", "application/json"]];

const LOG = [
  exchangeLine({ id: 1, path: "/a", answer: '{"id":1,"n":[1,2]}', answerHeaders: JSON_FIELDS }),
  exchangeLine({ id: 2, path: "/a", answer: '{"n":[1,2],"id":1}', answerHeaders: JSON_FIELDS, ms: 9 }),
  exchangeLine({
    ...{ id: 3, path: "/b", method: "POST", body: "x", answer: '{"id":7,"n":[1,2]}', status: 404 },
    answerHeaders: [...JSON_FIELDS, ["X-New", "\x1b[31m"]],
    more: { ms: { send: 1, wait: 3, receive: 0.5, total: 4.5 } },
  }),
  exchangeLine({ id: 4, answer: "<a><b>1</b></a>", answerHeaders: [["Content-Type", "text/xml"]] }),
  exchangeLine({ id: 5, answer: "<a>\n <b>2</b></a>", answerHeaders: [["Content-Type", "text/xml"]] }),
].join("");

const diff = (...args: string[]) => tcpmon(["diff", "-", ...args], { stdin: LOG });

Deno.test("what is the same is said so, with both timings, exit code 0", async () => {
  const { code, text, stderr } = await diff("1", "2");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(text, /^#1 GET \/a 200 OK\n#2 GET \/a 200 OK\n\nno differences\n/);
  assert.match(text, /^total +1\.200 +1\.200 +0\.000$/m);
});

Deno.test("heads, bodies and timings are compared, each place named once, exit code 3", async () => {
  const { code, text } = await diff("1", "3");
  assert.equal(code, 3);
  assert.match(text, /^request method\n {2}- GET\n {2}\+ POST\nrequest target\n {2}- \/a\n {2}\+ \/b$/m);
  assert.match(text, /^request body added\n {2}\+ x$/m);
  assert.match(text, /^response status\n {2}- 200\n {2}\+ 404$/m);
  assert.match(text, /^response header X-New added\n {2}\+ \\x1b\[31m$/m);
  assert.match(text, /^response body \$\.id\n {2}- 1\n {2}\+ 7$/m);
  assert.match(text, /^wait +1\.000 +3\.000 +\+2\.000$/m);
  assert.ok(!text.includes("\x1b"));
});

Deno.test("XML differs at its place; --ignore holds as for resend", async () => {
  const { code, text } = await diff("4", "5");
  assert.equal(code, 3);
  assert.match(text, /^response body \/a\S*\/b\S*\n {2}- 1\n {2}\+ 2$/m);
  for (const rule of ["//b", "body", "re:\\d"]) {
    assert.equal((await diff("4", "5", "--ignore", rule)).code, 0, rule);
  }
});

Deno.test("--format json is one object for scripts", async () => {
  const { code, text } = await diff("1", "3", "--format", "json");
  assert.equal(code, 3);
  const { before, after, differences, timings } = JSON.parse(text);
  assert.deepEqual([before, after], [1, 3]);
  assert.ok(differences.some((one: Record<string, string>) => one.path === "$.id" && one.after === "7"));
  assert.ok(
    timings.some(({ step, differenceMs }: Record<string, unknown>) => step === "wait" && differenceMs === 2),
  );
});

Deno.test("what could drive a terminal is escaped in JSON, too", async () => {
  const stdin = exchangeLine({ id: 1, answerHeaders: [["X-A", "a"]] }) +
    exchangeLine({ id: 2, answerHeaders: [["X-A", "b\u009b2J\u202e\u007f"]] });
  const { text } = await tcpmon(["diff", "-", "1", "2", "--format", "json"], { stdin });
  assert.match(text, /"after":"b\\u009b2J\\u202e\\u007f"/);
  assert.equal(JSON.parse(text).differences[0].after, "b\u009b2J\u202e\u007f");
});

Deno.test("--color always paints, auto does not in a pipe", async () => {
  const { text } = await diff("1", "3", "--color", "always");
  assert.ok(text.includes("\x1b[31m- GET\x1b[0m\n  \x1b[32m+ POST\x1b[0m\n"), JSON.stringify(text));
});

Deno.test("exchanges of two files, and of a file and stdin, named by number or line", () =>
  inDirectory(async (directory) => {
    const file = `${directory}/monday.log`;
    await Deno.writeTextFile(file, LOG);
    assert.equal((await tcpmon(["diff", file, "1", file, "3"])).code, 3);
    assert.equal((await tcpmon(["diff", file, "1", "-", "@2"], { stdin: LOG })).code, 0);
    assert.equal((await tcpmon(["diff", "-", "1", file, "2"], { stdin: LOG })).code, 0);
    assert.equal((await tcpmon(["diff", file, "3", "3"])).code, 0);
  }));

Deno.test("a number that stands for two exchanges has to be named by its line", async () => {
  const stdin = exchangeLine() + exchangeLine({ path: "/other" });
  const twice = await tcpmon(["diff", "-", "1", "1"], { stdin });
  assert.equal(twice.code, 1);
  assert.match(
    twice.stderr,
    /^tcpmon: found exchange 1 2 times in stdin, in lines 1 and 2, wanted one: [^\n]*@2\n$/,
  );
  assert.equal((await tcpmon(["diff", "-", "@1", "@2"], { stdin })).code, 3);
});

Deno.test("bodies that were not kept whole are compared as far as they go, and that is said", async () => {
  const cut = (id: number, text: string) => {
    const line = JSON.parse(exchangeLine({ id, answerHeaders: [["Content-Length", "100"]] }));
    line.response.body = { bytes: 100, text, truncated: true };
    return `${JSON.stringify(line)}\n`;
  };
  const { code, text, stderr } = await tcpmon(["diff", "-", "1", "2"], {
    stdin: cut(1, "same") + cut(2, "same"),
  });
  assert.equal(code, 0, stderr);
  assert.match(text, /^no differences\n\[[^\n]+\]$/m);
});

Deno.test("what cannot be had is one line: bad usage 2, a file or an exchange that is not there 1", async () => {
  const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[], 2, /found no FILE, wanted tcpmon diff FILE ID \[FILE\] ID/],
    [["-"], 2, /found no ID, wanted two/],
    [["-", "1"], 2, /found only one ID, wanted two/],
    [["-", "1", "-", "2"], 2, /found - twice/],
    [["-", "1", "x"], 2, /cannot read ID: found "x"/],
    [["-", "1-2", "3"], 2, /cannot compare 1-2: found several exchanges, wanted one/],
    [["-", "1", "2", "3", "4"], 2, /"?4"?/],
    [["-", "1", "2", "--format", "short"], 2, /cannot read --format: found "short"/],
    [["-", "1", "2", "--ignore", "//["], 2, /cannot read the XPath/],
    [["-", "1", "77"], 1, /found no exchange 77 in stdin/],
    [["-", "1", "@77"], 1, /found no exchange @77 in stdin/],
    [["/nonexistent", "1", "2"], 1, /cannot read \/nonexistent: no such file or directory/],
    [["/", "1", "2"], 1, /cannot read \/: is a directory/],
  ];
  await Promise.all(rows.map(async ([args, code, said]) => {
    const ended = await tcpmon(["diff", ...args], { stdin: LOG });
    assert.equal(ended.code, code, `${args.join(" ")}: ${ended.stderr}`);
    assert.match(ended.stderr, said);
    assert.match(ended.stderr, /^tcpmon: [^\n]*\n$/);
    assert.equal(ended.text, "");
  }));
});

Deno.test("a bad line elsewhere in the capture is told, or ends it with --strict", async () => {
  const stdin = `${LOG}{bad\n`;
  const lenient = await tcpmon(["diff", "-", "1", "2"], { stdin });
  assert.equal(lenient.code, 0);
  assert.match(lenient.stderr, /^tcpmon: stdin: line 6: found /);
  const strict = await tcpmon(["diff", "-", "1", "2", "--strict"], { stdin });
  assert.deepEqual([strict.code, strict.text], [1, ""]);
  assert.match(strict.stderr, /^tcpmon: cannot read stdin: line 6: found /);
});

Deno.test({
  name: "a full disk is told, a reader that has seen enough is no failure",
  ignore: !LINUX,
  async fn() {
    const full = await tcpmon(["diff", "-", "1", "3"], { stdin: LOG, shell: `"$@" > /dev/full` });
    assert.equal(full.code, 1);
    assert.equal(full.stderr, "tcpmon: cannot write to stdout: no space left on device\n");
    const head = await tcpmon(["diff", "-", "1", "3"], { stdin: LOG, shell: `"$@" | head -n 1` });
    assert.deepEqual([head.text, head.stderr], ["#1 GET /a 200 OK\n", ""]);
  },
});
