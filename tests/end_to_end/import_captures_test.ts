/** Captures of other programs, and of tcpmon when things went wrong, read by `tcpmon export`. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { CHROME, entry, har } from "../archive/har_samples.ts";
import { exchangeLine, exported, tcpmon } from "./exported.ts";
import { inDirectory } from "./log_of.ts";
import { type LogRecord, parseRecord } from "./program.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Exports as JSON lines. */
async function imported(capture: string | Uint8Array): Promise<{ records: LogRecord[]; said: string[] }> {
  const { text, stderr } = await exported(capture, "json");
  const lines = (all: string) => all === "" ? [] : all.trimEnd().split("\n");
  return { records: lines(text).map(parseRecord), said: lines(stderr) };
}

Deno.test("a page out of Chrome: its requests, over TLS, its WebSocket messages; what is not there is told", async () => {
  const { records, said } = await imported(CHROME);
  const exchanges = records.filter(({ type }) => type === "exchange");
  assert.equal(exchanges[0].request.target, "/list?q=a%20b&n=1");
  assert.deepEqual(exchanges[0].request.headers[0], ["Host", "shop.test"]);
  assert.equal(exchanges[0].target, "shop.test:443");
  assert.equal(exchanges[0].response.body.text, "<p>Größe</p>");
  assert.deepEqual(
    exchanges[0].response.headers.filter(([name]: [string]) => name === "set-cookie"),
    [["set-cookie", "a=1; Path=/"], ["set-cookie", "b=2; Path=/"]],
  );
  assert.deepEqual(
    records.filter(({ type }) => type === "message").map(({ direction, opcode }) => [direction, opcode]),
    [["up", "text"], ["down", "binary"]],
  );
  for (const line of said) assert.match(line, /^tcpmon: stdin: \d+ × \S/);
  assert.ok(said.some((line) => /HTTP\/2/.test(line)), said.join("\n"));
  const { text } = await exported(CHROME, "curl");
  assert.match(text, /^curl 'https:\/\/shop\.test\/list\?q=a%20b&n=1'/m);
});

Deno.test("requests out of Firefox and mitmproxy: with little that HAR asks for, with bodies and none", async () => {
  const firefox = entry(
    {
      method: "POST",
      url: "https://a.test/form",
      httpVersion: "HTTP/2",
      headers: [{ name: "Host", value: "a.test" }, {
        name: "Content-Type",
        value: "application/x-www-form-urlencoded",
      }],
      postData: {
        mimeType: "application/x-www-form-urlencoded",
        params: [{ name: "a", value: "1" }],
        text: "a=1",
      },
    },
    { status: 200, content: { mimeType: "text/html", size: 5, text: "hello" } },
    { timings: { blocked: 3, dns: 0, connect: 0, ssl: 0, send: 0, wait: 20, receive: 0 } },
  );
  const mitmproxy = entry(
    {
      method: "PUT",
      url: "http://10.0.0.7:8080/bytes",
      httpVersion: "HTTP/1.1",
      headers: [{ name: "Host", value: "10.0.0.7:8080" }],
      postData: { mimeType: "", text: "{}", params: [] },
    },
    { status: 201, content: { mimeType: "", size: 3, text: "/wAB", encoding: "base64" } },
    { serverIPAddress: "10.0.0.7", timings: { connect: 1, ssl: -1, send: 1, wait: 2, receive: 3 } },
  );
  const blocked = entry({ url: "http://ads.test/" }, { status: 0, content: {} });
  const { records } = await imported(har(firefox, mitmproxy, blocked));
  const [form, put, refused] = records.filter(({ type }) => type === "exchange");
  assert.deepEqual([form.request.body.text, form.response.body.text], ["a=1", "hello"]);
  assert.deepEqual([put.target, put.request.body.text, put.response.body.base64], [
    "10.0.0.7:8080",
    "{}",
    "/wAB",
  ]);
  assert.deepEqual([refused.outcome, refused.response], ["no-response", undefined]);
});

Deno.test("what TCPMon saved, with both kinds of line ends", async () => {
  const saved = (end: string) =>
    [
      "==============",
      "Listen Port: 8080",
      "Target Host: www.apache.org",
      "Target Port: 80",
      "==== Request ====",
      "POST /axis HTTP/1.1",
      "Host: www.apache.org",
      "Content-Length: 2",
      "",
      "hi==== Response ====",
      "HTTP/1.1 200 OK",
      "Content-Length: 5",
      "",
      "there",
      "==============",
      "",
    ].join(end);
  for (const end of ["\n", "\r\n"]) {
    const { records, said } = await imported(saved(end));
    const [exchange] = records.filter(({ type }) => type === "exchange");
    assert.equal(exchange.target, "www.apache.org:80");
    assert.deepEqual([exchange.request.body.text, exchange.response.body.text], ["hi", "there"]);
    assert.match(said.join("\n"), /no times/);
  }
});

Deno.test("logs that were compressed, joined, or cut inside of that: what is whole is read", async () => {
  const log =
    Array.from({ length: 200 }, (_, i) => exchangeLine({ id: i + 1, target: `h${i * 7919}:1` })).join("\n") +
    "\n";
  const packed = new Uint8Array(gzipSync(log));
  assert.equal((await imported(packed)).records.length, 200);
  const twice = new Uint8Array([...packed, ...packed]);
  assert.equal((await imported(twice)).records.length, 400);
  const { records, said } = await imported(packed.subarray(0, packed.length / 2));
  assert.ok(records.length > 20 && records.length < 200, `${records.length}`);
  assert.ok(said.length >= 1 && said.every((line) => line.startsWith("tcpmon: stdin: ")), said.join("\n"));
});

/** Lines that are no records: what each is told as. */
const ODD: readonly (readonly [line: string, told: RegExp])[] = [
  ["{}", /^line 2: found no "type"/],
  ["[1,2]", /^line 2: found \[…\], wanted a record/],
  ["plain words", /^line 2: found "plain words", which is not JSON, wanted a record of tcpmon$/],
  ['{"type":"from-the-future","x":1}', /^line 2: found "type" "from-the-future"/],
  [exchangeLine({ id: "7" }), /^line 2: found "id" "7", wanted /],
  [exchangeLine({ ms: { total: -1 } }), /^line 2: found "ms\.total" -1, wanted /],
  [exchangeLine({ ms: { total: 1e308 } }), /^line 2: found "ms\.total" 1e\+308, wanted a duration in ms/],
  [exchangeLine({ request: 5 }), /^line 2: found "request" 5, wanted /],
  [
    exchangeLine().replace('"status":200', '"status":99999'),
    /^line 2: found "response\.status" 99999, wanted /,
  ],
  [exchangeLine().slice(0, 300), /^line 2: found .*, which is not JSON/],
  ["[".repeat(100_000), /^line 2: /],
  ["\0\0\0", /^line 2: found "\\u0000\\u0000\\u0000", which is not JSON/],
];

Deno.test("each odd line costs itself, is told by its number, and ends the export as --strict says", () =>
  inDirectory(async (directory) => {
    const file = `${directory}/a.log`;
    for (const [line, told] of ODD) {
      await Deno.writeTextFile(file, `${exchangeLine()}\n${line}\n${exchangeLine({ id: 3 })}\n`);
      const lax = await tcpmon(["export", file]);
      assert.deepEqual([lax.code, lax.text.trimEnd().split("\n").map((found) => parseRecord(found).id)], [0, [
        1,
        3,
      ]]);
      const said = lax.stderr.trimEnd();
      assert.ok(!said.includes("\n") && said.startsWith(`tcpmon: ${file}: `) && said.length < 400, said);
      assert.match(said.slice(`tcpmon: ${file}: `.length), told);
      const strict = await tcpmon(["export", file, "--strict"]);
      assert.equal(strict.code, 1, line.slice(0, 40));
      assert.match(
        strict.stderr,
        /^tcpmon: cannot read .*: line 2: .* \(without --strict it is left out\)\n$/,
      );
    }
  }));

Deno.test("what a newer version adds is passed over, a torn last line is told, blank lines and marks are nothing", async () => {
  const newer = exchangeLine({ id: 2, mood: "good", response: undefined, outcome: "no-response" });
  const log = `\ufeff${exchangeLine()}\r\n\r\n${newer}\n${exchangeLine({ id: 3 }).slice(0, 100)}`;
  const { records, said } = await imported(log);
  assert.deepEqual(records.map(({ id }) => id), [1, 2]);
  assert.deepEqual(said, [
    "tcpmon: stdin: line 4: found the end of the file inside a record, wanted a whole line",
  ]);
});

Deno.test("of a thousand odd lines ten are told and the others counted", async () => {
  const { records, said } = await imported(
    encode(`${exchangeLine()}\n${"nonsense\n".repeat(1000)}${exchangeLine()}\n`),
  );
  assert.equal(records.length, 2);
  assert.deepEqual([said.length, said.at(-1)], [11, "tcpmon: stdin: 990 more of such were left out"]);
});

Deno.test("half a character that only JSON can spell becomes U+FFFD, so that every reader takes what is written", async () => {
  const line = exchangeLine({ outcome: "response-cut", error: "a\ud800b \ud83d\ude00 \udc00" });
  assert.match(line, /\\ud800/);
  for (const as of ["json", "har", "csv", "text"]) {
    const { text } = await exported(`${line}\n`, as);
    assert.match(text, /a\ufffdb 😀 \ufffd/, as);
    assert.ok(!/\\ud[89a-f]/.test(text), as);
  }
});
