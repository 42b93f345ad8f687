/** `tcpmon resend --diff`: yesterday's log as a regression test. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { inDirectory } from "./log_of.ts";
import { Nginx } from "./nginx.ts";
import { FROM_SOURCE, installed, Program } from "./program.ts";
import { answered, Backend, type Ended, exchangeLine, ok, tcpmon } from "./sending.ts";
import { eventually, LINUX } from "./tools.ts";

const JSON_FIELDS: readonly (readonly [string, string])[] = [["Content-Type", "application/json"]];
const XML_FIELDS: readonly (readonly [string, string])[] = [["Content-Type", "text/xml"]];

/** Resends a log of one exchange, answered with `answer`, to a backend that answers otherwise. */
async function compared(
  recorded: { answer: string; fields?: readonly (readonly [string, string])[] },
  now: Uint8Array,
  ...args: readonly string[]
): Promise<Ended> {
  await using backend = new Backend(() => now);
  const stdin = exchangeLine({
    target: backend.target,
    answer: recorded.answer,
    answerHeaders: [...recorded.fields ?? [], ["Content-Length", String(recorded.answer.length)]],
  });
  return await tcpmon(["resend", "-", "--diff", ...args], { stdin });
}

Deno.test("the same answers are exit code 0, and stdout is empty", async () => {
  const { code, text, stderr } = await compared(
    { answer: "hello" },
    ok("hello", "Date: now", "Connection: keep-alive"),
  );
  assert.deepEqual([code, text], [0, ""], stderr);
  assert.match(stderr, /^tcpmon: 1 sent in [^\n]*; 200 × 1; no differences\n$/);
});

Deno.test("what differs stands on stdout, with the place in JSON, and the exit code is 3", async () => {
  const recorded = { answer: '{"id":1,"items":[{"price":34.5}],"old":true}', fields: JSON_FIELDS };
  const now = '{"items":[{"price":35}], "id":1, "new":null}';
  const { code, text, stderr } = await compared(recorded, ok(now, "Content-Type: application/json"));
  assert.equal(code, 3);
  assert.match(text, /^#1 GET \/(?: 200 OK)?\n/);
  assert.match(text, /^response body \$\.items\[0\]\.price\n {2}- 34\.5\n {2}\+ 35$/m);
  assert.match(text, /^response body \$\.old removed\n {2}- true$/m);
  assert.match(text, /^response body \$\.new added\n {2}\+ null$/m);
  assert.doesNotMatch(text, /\$\.id/);
  assert.match(stderr, /; 1 differ\n$/);
});

Deno.test("the order of JSON members, white space and content codings are no differences", async () => {
  const recorded = { answer: '{"a":1,"b":[1.0,2]}', fields: JSON_FIELDS };
  const same = '{\n "b": [1.0, 2],\n "a": 1\n}';
  for (const now of [ok(same, "Content-Type: application/json"), zipped(same, "application/json")]) {
    const { code, text } = await compared(recorded, now);
    assert.equal(code, 0, text);
  }
});

function zipped(text: string, type: string): Uint8Array {
  return ok(gzipSync(text), `Content-Type: ${type}`, "Content-Encoding: gzip");
}

Deno.test("XML is compared by what it means: prefixes and the order of attributes do not matter, texts do", async () => {
  const recorded = { answer: '<a:x xmlns:a="urn:a" p="1" q="2"><a:y>5</a:y></a:x>', fields: XML_FIELDS };
  const type = "Content-Type: text/xml";
  const same = await compared(recorded, ok('<x xmlns="urn:a" q="2" p="1">\n  <y>5</y>\n</x>', type));
  assert.equal(same.code, 0, same.text);
  const other = await compared(recorded, ok('<x xmlns="urn:a" q="2" p="1"><y>6</y></x>', type));
  assert.equal(other.code, 3);
  assert.match(other.text, /^response body \S*y\S*\n {2}- 5\n {2}\+ 6$/m);
});

Deno.test("--ignore leaves out fields, JSONPaths, XPaths, regular expressions, the status and the body", async () => {
  const json = {
    answer: '{"id":1,"at":"2026-01-01T00:00:00Z"}',
    fields: [...JSON_FIELDS, ["ETag", "1"]] as const,
  };
  const now = (status: string) =>
    answered(status, '{"id":2,"at":"2026-02-02T02:02:02Z"}', "Content-Type: application/json", "ETag: 2");
  const rows: readonly (readonly [readonly string[], number])[] = [
    [[], 3],
    [["etag", "$.id"], 3],
    [["etag", "$.id", "$.at"], 0],
    [["header:ETag", "$.id", "re:\\d{4}-[0-9T:-]+Z"], 0],
    [["etag", "body"], 0],
  ];
  for (const [rules, code] of rows) {
    const ended = await compared(json, now("200 OK"), ...rules.flatMap((rule) => ["--ignore", rule]));
    assert.equal(ended.code, code, `${rules.join(" ")}: ${ended.text}${ended.stderr}`);
  }
  const failing = ["--ignore", "etag", "--ignore", "body"];
  assert.equal((await compared(json, now("500 Oh"), ...failing)).code, 3);
  assert.equal(
    (await compared(json, now("500 Oh"), ...failing, "--ignore", "status", "--ignore", "reason")).code,
    0,
  );
  const xml = { answer: '<a t="1"><b>x</b></a>', fields: XML_FIELDS };
  const other = ok('<a t="2"><b>x</b></a>', "Content-Type: text/xml");
  assert.equal((await compared(xml, other)).code, 3);
  assert.equal((await compared(xml, other, "--ignore", "//@t")).code, 0);
});

Deno.test("Date is left out unless --ignore none", async () => {
  const recorded = { answer: "x", fields: [["Date", "then"]] as const };
  assert.equal((await compared(recorded, ok("x", "Date: now"))).code, 0);
  const strict = await compared(recorded, ok("x", "Date: now"), "--ignore", "none");
  assert.equal(strict.code, 3);
  assert.match(strict.text, /^response header Date\n {2}- then\n {2}\+ now$/m);
});

Deno.test("--format json is one line an exchange, for scripts; --output takes the exchanges themselves", async () => {
  const file = await Deno.makeTempFile();
  try {
    const { code, text } = await compared(
      { answer: "hello" },
      answered("404 No", "bye"),
      ...["--format", "json", "--output", file],
    );
    assert.equal(code, 3);
    const { type, id, place, resent, differences } = JSON.parse(text);
    assert.deepEqual([type, id, place, resent], ["diff", 1, 1, 1]);
    assert.deepEqual(differences[0], {
      ...{ part: "response", where: "status", kind: "changed", before: "200", after: "404" },
    });
    const lines = (await Deno.readTextFile(file)).trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.find((line) => line.type === "exchange").response.status, 404);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("no answer where there was one is a failure, an answer that is cut a difference", async () => {
  await using silent = new Backend(() => undefined);
  const stdin = exchangeLine({ target: silent.target });
  const none = await tcpmon(["resend", "-", "--diff"], { stdin });
  assert.notEqual(none.code, 0);
  const gone = await tcpmon(["resend", "-", "--diff", "--to", "127.0.0.1:1"], { stdin });
  assert.equal(gone.code, 1);
  assert.doesNotMatch(gone.stderr, /no differences/);
  await using cut = new Backend(() => "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhel");
  const half = await tcpmon(["resend", "-", "--diff", "--to", cut.target, "--timeout", "500ms"], { stdin });
  assert.equal(half.code, 3);
  assert.match(half.text, /^response outcome\n {2}- complete\n {2}\+ response-cut: /m);
});

Deno.test("what came from the wire is escaped in differences", async () => {
  const { text } = await compared({ answer: "a" }, answered("200 OK", "\x1b[31mred\x07", "X-A: \x1b[2J"));
  assert.ok(!text.includes("\x1b"), JSON.stringify(text));
  assert.match(text, /^response header X-A added\n {2}\+ \\x1b\[2J$/m);
  assert.match(text, / {2}\+ 9 bytes, 1b 5b 33 31 6d /, "a body that is no text is shown in hex");
});

Deno.test({
  name: "a log of thousands goes against nginx with differences found where they are",
  ignore: !installed("nginx"),
  async fn() {
    await using nginx = await Nginx.start();
    const target = `127.0.0.1:${nginx.port}`;
    const log = Array.from({ length: 5000 }, (_, at) =>
      exchangeLine({
        ...{
          id: at + 1,
          connection: at % 32,
          target,
          path: "/host",
          ms: at,
          answer: at === 4321 ? "else" : target,
        },
        answerHeaders: [["Server", "nginx"]],
      })).join("");
    const args = [
      "resend",
      "-",
      "--diff",
      "--speed",
      "max",
      "--ignore",
      "Server",
      "--ignore",
      "Content-Type",
    ];
    for (const way of [["--concurrency", "32"], ["--keep-connections"], []]) {
      const { code, text, stderr } = await tcpmon([...args, ...way], { stdin: log });
      assert.equal(code, 3, stderr);
      assert.match(text, /^#4322 GET \/host\b[^\n]*\n/);
      assert.equal(text.match(/^#/gm)?.length, 1, text.slice(0, 1000));
      assert.match(stderr, /^tcpmon: 5000 sent in [^\n]*; 200 × 5000; 1 differ\n/);
    }
  },
});

Deno.test({
  name: "a full disk behind stdout is told",
  ignore: !LINUX,
  async fn() {
    await using backend = new Backend(() => ok("other"));
    const stdin = exchangeLine({ target: backend.target });
    for (const more of [["--diff"], []]) {
      const { code, stderr } = await tcpmon(["resend", "-", ...more], { stdin, shell: `"$@" > /dev/full` });
      assert.equal(code, more.length > 0 ? 3 : 1, stderr);
      assert.match(stderr, /^tcpmon: cannot write to stdout: no space left on device/m);
    }
  },
});

Deno.test("answers of which the log has a part only are compared as far as it goes, and that is said", async () => {
  await using backend = new Backend(() => ok("hello, world"));
  const line = JSON.parse(exchangeLine({ target: backend.target, answer: "hello, there" }));
  line.response.body = { bytes: 12, text: "hello,", truncated: true };
  const { code, text, stderr } = await tcpmon(["resend", "-", "--diff"], { stdin: JSON.stringify(line) });
  assert.deepEqual([code, text], [0, ""], stderr);
  assert.match(
    stderr,
    /; no differences\ntcpmon: 1 compared in part: not all of the body was kept \(--max-body\)\n$/,
  );
});

Deno.test("what was not compared is counted on the last line; where nothing was, the exit code is 3", async () => {
  await using backend = new Backend(() => ok("hello"));
  const { target } = backend;
  const cut = JSON.parse(exchangeLine({ id: 2, target, method: "POST", ms: 1 }));
  cut.request.headers.push(["Content-Length", "9"]);
  cut.request.body = { bytes: 9, text: "cut", truncated: true };
  const skipped = `${JSON.stringify(cut)}\n`;
  const some = await tcpmon(["resend", "-", "--diff"], { stdin: exchangeLine({ target }) + skipped });
  assert.deepEqual([some.code, some.text], [0, ""], some.stderr);
  assert.match(some.stderr, /; no differences\ntcpmon: 1 not sent: [^\n]*\ntcpmon: 1 of 2 not compared\n$/);
  const none = await tcpmon(["resend", "-", "--diff", "--quiet"], { stdin: skipped });
  assert.equal(none.code, 3, none.stderr);
  assert.match(none.stderr, /^tcpmon: nothing was compared: wanted at least one exchange [^\n]*\n$/);
});

const SLOW = ["--ignore", "re:(a+)+$"];
const SLOW_ANSWER = `{"a":"${"a".repeat(40)}!"}`;
const slowAnswer = () => ok(`{"a":"${"a".repeat(40)}?"}`, "Content-Type: application/json");

Deno.test({
  name: "a pattern that takes too long ends by itself",
  ignore: FROM_SOURCE,
  async fn() {
    const { code, stderr } = await compared(
      { answer: SLOW_ANSWER, fields: JSON_FIELDS },
      slowAnswer(),
      ...SLOW,
    );
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^tcpmon: #1 GET \/: cannot compare the responses: it takes longer than 10 s\n/);
  },
});

Deno.test("Ctrl-C ends a pattern that takes long", async () => {
  await using backend = new Backend(slowAnswer);
  await inDirectory(async (directory) => {
    const file = `${directory}/log`;
    const { target } = backend;
    await Deno.writeTextFile(
      file,
      exchangeLine({ target, answer: SLOW_ANSWER, answerHeaders: JSON_FIELDS }),
    );
    await using program = Program.start(["resend", file, "--diff", ...SLOW]);
    await eventually(() => backend.received.length === 1, "nothing was sent");
    const started = performance.now();
    program.signal("SIGINT");
    assert.equal((await program.ended()).code, 130);
    assert.ok(performance.now() - started < 5_000);
  });
});
