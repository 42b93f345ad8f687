/** `tcpmon send` in scripts: what is expected of an answer, exit codes, bad usage. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { FROM_SOURCE, Program } from "./program.ts";
import { Backend, ok, tcpmon } from "./sending.ts";
import { eventually } from "./tools.ts";

const JSON_TYPE = "Content-Type: application/json";
const SOAP =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><m:price xmlns:m="urn:m" ' +
  'currency="EUR">34.50</m:price></s:Body></s:Envelope>';

/** Each row: what is expected, the exit code, what is said of it. */
async function check(
  answer: Uint8Array,
  rows: readonly (readonly [string, number, RegExp?])[],
): Promise<void> {
  await using backend = new Backend(() => answer);
  await Promise.all(rows.map(async ([expectation, code, said]) => {
    const args = ["send", `http://${backend.target}/`, "--format", "none"];
    const option = /^[\dx,]+$/.test(expectation) ? "--expect-status" : "--expect";
    const ended = await tcpmon([...args, option, expectation]);
    assert.equal(ended.code, code, `${expectation}: ${ended.stderr}`);
    assert.match(ended.stderr, said ?? /^$/, expectation);
    assert.equal(ended.text, "");
  }));
}

Deno.test("--expect-status takes statuses and their classes, and exits with 3 for another one", async () => {
  await check(ok("x"), [
    ["200", 0],
    ["404,200", 0],
    ["2xx", 0],
    ["404", 3, /^tcpmon: expected the status 404, found 200\n$/],
    ["4xx,5xx", 3, /found 200/],
  ]);
});

Deno.test("--expect takes JSONPath, also of a body that was compressed", async () => {
  const rows: readonly (readonly [string, number, RegExp?])[] = [
    ["$.id", 0],
    ["$.id = 5", 0],
    ["$.name != 'table'", 0],
    ["$.name ~ ^ch", 0],
    ["$.id = 6", 3, /^tcpmon: expected \$\.id = 6, found 5\n$/],
    ["$.none", 3, /found nothing/],
  ];
  const text = '{"id":5,"name":"chair"}';
  await check(ok(text, JSON_TYPE), rows);
  await check(ok(gzipSync(text), JSON_TYPE, "Content-Encoding: gzip"), rows);
});

Deno.test("--expect takes XPath, in a SOAP answer too", async () => {
  await check(ok(SOAP, "Content-Type: text/xml"), [
    ["//*[local-name()='price'] = 34.5", 0],
    ["//@currency = EUR", 0],
    ["count(//*) = 3", 0],
    ["//@currency = USD", 3, /^tcpmon: expected \/\/@currency = USD, found "EUR"\n$/],
  ]);
});

Deno.test("a body that is not what is expected fails the expectation, and is no failure of tcpmon", async () => {
  await check(ok(new Uint8Array([0, 255])), [[
    "$.id",
    3,
    /^tcpmon: expected \$\.id, found cannot read .*\n$/,
  ]]);
  await check(ok(""), [["//id", 3, /^tcpmon: expected .*\n$/]]);
});

Deno.test("all expectations must hold; the exchange is shown before the complaint", async () => {
  await using backend = new Backend(() => ok('{"a":1}', JSON_TYPE));
  const url = `http://${backend.target}/`;
  const ended = await tcpmon([
    "send",
    url,
    "--expect-status",
    "200",
    "--expect",
    "$.a = 1",
    "--expect",
    "$.a = 2",
  ], {
    shell: `"$@" 2>&1`,
  });
  assert.equal(ended.code, 3);
  assert.match(ended.text, /^ {4}\{"a":1\}\n[^]*\ntcpmon: expected \$\.a = 2, found 1\n$/m);
});

Deno.test("without an answer the exit code is 1, whatever was expected", async () => {
  await using backend = new Backend(() => undefined);
  const ended = await tcpmon([
    "send",
    `http://${backend.target}/`,
    "--expect-status",
    "200",
    "--format",
    "none",
  ]);
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /^tcpmon: no answer from 127\.0\.0\.1:\d+: it ended the connection\n$/);
});

Deno.test("bad usage is one line that says what was found and what is wanted, exit code 2, and nothing is sent", async () => {
  await using backend = new Backend();
  const url = `http://${backend.target}/`;
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /found no URL, wanted tcpmon send \[METHOD\] URL/],
    [["ftp://x/"], /found the scheme "ftp"/],
    [["http://"], /found no host in the URL/],
    [[":99999/"], /found port "99999"/],
    [[url, "garbage"], /found the item "garbage", wanted Name:value/],
    [[url, "a:={"], /found what is no JSON/],
    [[url, "X-A:1\r\nEvil: 2"], /found a carriage return in the value of the header X-A/],
    [[url, "-H", "X-A: 1\nEvil: 2"], /found a line feed in the value of the header X-A/],
    [[url, "-H", "no colon"], /found the header "no colon"/],
    [[url, "--json", "--xml"], /found both --json and --xml/],
    [[url, "--offline", "--curl"], /found both --offline and --curl/],
    [[url, "--json", "-d", "{bad"], /found what is no JSON in the body at line 1, column 2/],
    [[url, "--soap", "1.1", "-d", "text"], /found the SOAP body "text", wanted XML/],
    [[url, "--soap", "2"], /cannot read --soap: found "2"/],
    [[url, "--soap", "1.1", "a=b"], /--soap and the item "a=b"/],
    [[url, "--expect-status", "ok"], /cannot read --expect-status: found "ok"/],
    [[url, "--expect", "$["], /cannot read --expect: .*"\$\["/],
    [[url, "--expect", "//a["], /cannot read --expect: .*"\/\/a\["/],
    [[url, "--via", "nonsense"], /cannot read --via: found "nonsense"/],
    [[url, "--repeat", "0"], /cannot read --repeat: found "0"/],
    [[url, "--rate", "x"], /cannot read --rate: found "x"/],
    [[url, "--bogus"], /unknown option "--bogus"/],
  ];
  await Promise.all(rows.map(async ([args, said]) => {
    const { code, text, stderr } = await tcpmon(["send", ...args]);
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, said);
    assert.match(stderr, /^tcpmon: [^\n]*\n$/);
    assert.equal(text, "");
  }));
  assert.equal(backend.received.length, 0);
});

Deno.test("a file that cannot be read is one line that names it, exit code 1", async () => {
  for (const path of ["/nonexistent/file", "/"]) {
    const { code, stderr } = await tcpmon(["send", ":1/", "-d", `@${path}`]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^tcpmon: cannot read ${path}: [^\n]*\n$`));
  }
});

const SLOW = ["--format", "none", "--expect", "$.a ~ ^(a+)+$"];
const slowAnswer = () => ok(`{"a":"${"a".repeat(40)}!"}`, JSON_TYPE);

Deno.test({
  name: "an expectation that takes too long is not met",
  ignore: !FROM_SOURCE,
  async fn() {
    await using backend = new Backend(slowAnswer);
    const { code, stderr } = await tcpmon(["send", `http://${backend.target}/`, ...SLOW]);
    assert.deepEqual(
      [code, stderr],
      [3, "tcpmon: cannot check $.a ~ ^(a+)+$: it takes longer than 10 s\n"],
    );
  },
});

Deno.test("Ctrl-C ends an expectation that takes long", async () => {
  for (const more of [[], ["--repeat", "5"]]) {
    await using backend = new Backend(slowAnswer);
    await using program = Program.start(["send", `http://${backend.target}/`, ...SLOW, ...more]);
    await eventually(() => backend.received.length > 0, "nothing was sent");
    const started = performance.now();
    program.signal("SIGINT");
    assert.equal((await program.ended()).code, 130);
    assert.ok(performance.now() - started < 5_000);
  }
});
