/** `tcpmon demo --once`: one exchange of each kind in the log, then the end. */
import assert from "node:assert/strict";
import { installed, type LogRecord, parseRecord, Program, runProgram } from "./program.ts";

const { code, stdout, stderr } = await runProgram(["demo", "--once"]);
const blocks = stdout.split("\n\n");

/** The block whose summary has this in it. */
function block(part: string): string {
  const found = blocks.find((candidate) => candidate.split("\n")[0].includes(part));
  assert.ok(found !== undefined, `${part} in\n${stdout}`);
  return found;
}

Deno.test("the demo ends by itself, and says on stderr what listens where", () => {
  assert.equal(code, 0);
  const lines = stderr.split("\n");
  assert.equal(lines.length, 2, stderr);
  assert.match(lines[0], /^tcpmon: demo backend on 127\.0\.0\.1:\d+: SOAP, JSON, /);
  assert.match(lines[1], /^tcpmon: relaying 127\.0\.0\.1:\d+ → 127\.0\.0\.1:\d+$/);
  for (const line of lines) assert.ok(line.length <= 80, line);
});

Deno.test("the text log shows SOAP calls, their answer and their fault", () => {
  const call = block("POST /axis/services/StockQuote getQuote 200 OK");
  assert.match(call, /^> SOAPAction: ""$/m);
  assert.match(call, /^ {4}<soapenv:Envelope .*<symbol>IBM<\/symbol>/m);
  assert.match(call, /^ {4}<soapenv:Envelope .*getQuoteReturn/m);
  assert.match(block("500 Internal Server Error fault soapenv:Receiver"), /^ {4}.*<soapenv:Fault>/m);
});

Deno.test("the text log shows JSON after 100 Continue, gzip unpacked, chunks with their trailer", () => {
  const json = block("POST /api/orders 200 OK");
  assert.match(
    json,
    /^ {4}\{"symbol":"ORCL","shares":10\}\n< HTTP\/1\.1 100 Continue\n<\n< HTTP\/1\.1 200 OK$/m,
  );
  assert.match(block("GET /api/quotes?"), /^\[gzip, \d+ B → \d+ B\]\n {4}\{"currency":"USD"/m);
  assert.match(block("GET /chunked"), /^ {4}one\n {4}two\n {4}three\n< Content-Digest: \S+$/m);
});

Deno.test("the text log shows a picture as a hex dump, 404, and HEAD without a body", () => {
  assert.match(
    block("GET /chart.png"),
    /^ {4}00000000 {2}89 50 4e 47 0d 0a 1a 0a .*\|\.PNG\.\.\.\.\.\.\.\.IHDR\|$/m,
  );
  assert.match(block("404 Not Found"), /^ {4}\{"error":"no such symbol"\}$/m);
  assert.match(block("HEAD / 200 OK"), /^< Content-Length: [1-9]\d*\n<$/m);
});

Deno.test("the text log shows events and WebSocket messages one by one, in the order of time", () => {
  const events = stdout.match(/^#6 .* sse price ↓ .*\n {4}.*$/gm);
  assert.equal(events?.length, 3);
  assert.ok(stdout.indexOf("GET /ws 101 ") < stdout.indexOf(" ws text ↑ 23 B"));
  assert.match(stdout, / ws text ↑ 23 B\n {4}hello through the relay\n\n.* ws text ↓ 23 B\n/);
  assert.match(stdout, / ws close ↓ 0 B code 1000$/m);
});

Deno.test("as JSON it is ten exchanges and the messages of two of them", async () => {
  const json = await runProgram(["demo", "--once", "--format", "json"]);
  assert.equal(json.code, 0);
  const records = json.stdout.split("\n").map(parseRecord);
  const exchanges = records.filter(({ type }) => type === "exchange");
  assert.deepEqual(exchanges.map(({ id }) => id), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(
    exchanges.map(({ outcome }) => outcome),
    [...Array(9).fill("complete"), "upgraded"],
  );
  for (const { flags } of exchanges) assert.deepEqual(flags, [], "nothing is odd about the demo");
  const messages = (protocol: string) =>
    records.filter((record: LogRecord) => record.type === "message" && record.protocol === protocol);
  assert.deepEqual(
    messages("sse").map(({ exchange, event }) => [exchange, event]),
    Array(3).fill([6, "price"]),
  );
  assert.deepEqual(
    messages("websocket").map(({ exchange, opcode, direction }) => `${exchange} ${opcode} ${direction}`),
    ["10 text up", "10 text down", "10 close up", "10 close down"],
  );
});

Deno.test({
  name: "the JSON log goes through jq as the hints say",
  ignore: !installed("jq"),
  async fn() {
    await using program = Program.start(["demo", "--once", "--format", "json"], {
      shell: `"$@" | jq -c '[.type, .request.target, .response.status]'`,
    });
    assert.equal((await program.ended()).code, 0);
    assert.ok(program.log.includes('["exchange","/chunked",200]'), program.log.join("\n"));
    assert.ok(program.log.includes('["message",null,null]'));
  },
});
