/** A capture of real traffic in every format that `tcpmon export` writes, looked at by programs that read them. */
import assert from "node:assert/strict";
import { decodeBase64Text, demoCapture, exported, tcpmon } from "./exported.ts";
import { inDirectory } from "./log_of.ts";
import { installed, parseRecord } from "./program.ts";
import { run } from "./tools.ts";
import { bytesOf } from "./capture.ts";

const capture = await demoCapture();
const lines = new TextDecoder().decode(capture).trimEnd().split("\n");
const exchanges = lines.map(parseRecord).filter(({ type }) => type === "exchange");
const paths = exchanges.map(({ request }) => request.target);

Deno.test("as JSON it is the same log, byte for byte, and filters as the log does", async () => {
  const { stdout, stderr } = await exported(capture, "json");
  assert.deepEqual(stdout, capture);
  assert.equal(stderr, "");
  const errors = await exported(capture, "json", "--filter", "status:4xx,5xx");
  assert.deepEqual(
    errors.text.trimEnd().split("\n"),
    lines.filter((line) => /"status":[45]\d\d/.test(line)),
  );
});

Deno.test("as HAR it has each exchange, what was coded decoded, pictures in base64, and its messages", async () => {
  const { text, stderr } = await exported(capture, "har");
  const { log } = JSON.parse(text);
  assert.equal(log.version, "1.2");
  assert.deepEqual(log.entries.map(({ request }: HarEntry) => new URL(request.url).pathname), [
    ...paths.map((path: string) => path.split("?")[0]),
  ]);
  const entry = (path: string): HarEntry =>
    log.entries.find(({ request }: HarEntry) => request.url.includes(path));
  assert.match(entry("/api/quotes?").response.content.text, /^\{"currency":"USD"/);
  assert.deepEqual(
    decodeBase64Text(entry("/chart.png").response.content.text),
    bytesOf(exchanges.find(({ request }) => request.target === "/chart.png").response.body),
  );
  assert.deepEqual(
    entry("/ws")._webSocketMessages.map((
      { type, opcode }: { type: string; opcode: number },
    ) => [type, opcode]),
    [["send", 1], ["receive", 1], ["send", 8], ["receive", 8]],
  );
  assert.equal(entry("/events")._eventSourceMessages.length, 3);
  assert.match(stderr, /^tcpmon: not in the export: content codings: .* \(1\)\n$/);
});

Deno.test("as CSV it is a table of numbers and texts that other programs read", {
  ignore: !installed("python3"),
}, async () => {
  const { stdout } = await exported(capture, "csv");
  const script = "import csv,io,json,sys;" +
    "print(json.dumps(list(csv.DictReader(io.StringIO(sys.stdin.buffer.read().decode(),newline='')))))";
  const rows = JSON.parse((await run("python3", ["-c", script], stdout)).text);
  assert.deepEqual(
    rows.map(({ id, method, status }: { [name: string]: string }) => [id, method, status]),
    exchanges.map(({ id, request, response }) => [String(id), request.method, String(response.status)]),
  );
  assert.deepEqual(
    rows.map(({ response_bytes }: { [name: string]: string }) => Number(response_bytes)),
    exchanges.map(({ response }) => response.body.bytes),
  );
});

Deno.test("as text it is the log that people read", async () => {
  const { text } = await exported(capture, "text");
  assert.match(text, /^#2 .* POST \/axis\/services\/StockQuote getQuote 500 .* fault soapenv:Receiver/m);
  assert.match(text, /^> GET \/api\/quotes\?symbol=IBM,SAP HTTP\/1\.1$/m);
  assert.match(text, /^\[gzip, \d+ B → \d+ B\]\n {4}\{"currency"/m);
});

Deno.test("as raw it is a file a message, in each what crossed the wire", () =>
  inDirectory(async (directory) => {
    const folder = `${directory}/raw`;
    await exported(capture, "raw", "-o", folder);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.equal(names.filter((name) => /^0000\d\d-request\.http$/.test(name)).length, 10);
    assert.ok(
      names.includes("000003-interim-1.http") && names.includes("000010-up-000001.txt"),
      names.join(" "),
    );
    const request = await Deno.readTextFile(`${folder}/000003-request.http`);
    assert.match(
      request,
      /^POST \/api\/orders HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)+\r\n\{"symbol":"ORCL","shares":10\}$/,
    );
    const chunked = await Deno.readTextFile(`${folder}/000005-response.http`);
    assert.match(chunked, /\r\n\r\ne\r\none\ntwo\nthree\n\r\n0\r\nContent-Digest: \S+\r\n\r\n$/);
    assert.equal(await Deno.readTextFile(`${folder}/000010-up-000001.txt`), "hello through the relay");
  }));

Deno.test(
  "as pcapng tshark finds each request, each response and each WebSocket frame, and nothing malformed",
  {
    ignore: !installed("tshark"),
  },
  () =>
    inDirectory(async (directory) => {
      const file = `${directory}/a.pcapng`;
      await exported(capture, "pcapng", "-o", file);
      const fields = async (filter: string, field: string) =>
        (await run("tshark", ["-r", file, "-Y", filter, "-T", "fields", "-e", field])).text.trimEnd().split(
          "\n",
        );
      assert.deepEqual(await fields("http.request", "http.request.uri"), paths);
      const statuses = exchanges.flatMap(({ interim, response }) =>
        [...interim ?? [], response].map(({ status }) => status)
      );
      assert.deepEqual(
        (await fields("http.response", "http.response.code")).flatMap((codes) => codes.split(",")),
        [
          ...statuses.map(String),
        ],
      );
      assert.deepEqual(await fields("websocket", "websocket.opcode"), ["1", "1", "8", "8"]);
      assert.deepEqual(await fields("_ws.malformed || tcp.analysis.flags", "frame.number"), [""]);
    }),
);

Deno.test("HAR, TCPMon's text and pcapng are captures again: the same requests, answered the same", async () => {
  const outline = (log: string) =>
    log.trimEnd().split("\n").map(parseRecord).filter(({ type }) => type === "exchange")
      .map(({ request, response }) => `${request.method} ${request.target} ${response?.status}`);
  const wanted = outline(new TextDecoder().decode(capture));
  for (const as of ["har", "tcpmon", "pcapng"]) {
    const { stdout } = await exported(capture, as);
    const back = await exported(stdout, "json");
    assert.deepEqual(outline(back.text), wanted, as);
  }
});

Deno.test(
  "a HAR goes through jq as it is streamed to it",
  { ignore: !installed("jq") },
  () =>
    inDirectory(async (directory) => {
      const file = `${directory}/a.log`;
      await Deno.writeFile(file, capture);
      const { stdout } = await tcpmon(["export", file, "--as", "har"]);
      const found = await run("jq", ["-r", ".log.entries[] | .request.method"], stdout);
      assert.deepEqual(found.text.trimEnd().split("\n"), exchanges.map(({ request }) => request.method));
    }),
);

// deno-lint-ignore no-explicit-any -- foreign JSON, each test asserts the shape that it needs
type HarEntry = any;
