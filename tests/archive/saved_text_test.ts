import assert from "node:assert/strict";
import fc from "fast-check";
import type { Record } from "../../src/capture/record.ts";
import { createTcpmonTextExporter } from "../../src/export/tcpmon_text.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { get, ok, Script } from "../capture/connection_script.ts";
import { read, written } from "./archived.ts";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** A row as TCPMon saves it. */
function row(
  request: string,
  response: string,
  ports: readonly [listen: number, target: number] = [8081, 8080],
): string {
  return `\n==============\nListen Port: ${ports[0]}\nTarget Host: localhost\nTarget Port: ${ports[1]}\n` +
    `==== Request ====\n${request}==== Response ====\n${response}\n==============\n`;
}

const soap = "<soapenv:Envelope/>";
const request =
  `POST /axis/services/echo HTTP/1.0\nHost: localhost:8081\nContent-Length: ${soap.length}\nSOAPAction: ""\n\n${soap}`;
const response = `HTTP/1.1 200 OK\r\nContent-Length: ${soap.length}\r\n\r\n${soap}`;

Deno.test("rows become exchanges, with the line on which each begins", async () => {
  const { exchanges, archived, problems, remarks } = await read(
    row(request, response) + row(request, response, [1, 2]),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(remarks, ["2 × row of TCPMon's text, which has no times: those of 1970 stand for them"]);
  assert.deepEqual(
    exchanges.map(({ id, connection }) => [id, connection.id, connection.listener, connection.target]),
    [
      [1, 1, "0.0.0.0:8081", "localhost:8080"],
      [2, 2, "0.0.0.0:1", "localhost:2"],
    ],
  );
  assert.deepEqual(archived.map(({ place }) => place), [2, 19]);
  const [first] = exchanges;
  assert.equal(first.request?.head.method, "POST");
  assert.equal(first.request?.head.exact, true);
  assert.equal(text(first.request?.body.kept), soap);
  assert.equal(text(first.response?.body.kept), soap);
  assert.equal(first.outcome, "complete");
  assert.deepEqual((await read(written(exchanges))).problems, []);
});

Deno.test("early versions save one row without lines of equals signs", async () => {
  const file = row(request, response).replaceAll("\n==============\n", "");
  const { exchanges, problems } = await read(file);
  assert.deepEqual(problems, []);
  assert.equal(text(exchanges[0].response?.body.kept), soap);
});

Deno.test("a row may hold all exchanges of a kept connection, and a chunked body", async () => {
  const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  const { exchanges } = await read(row(request + request, chunked + response));
  assert.deepEqual(exchanges.map(({ id, outcome, response }) => [id, outcome, text(response?.body.kept)]), [
    [1, "complete", "abc"],
    [2, "complete", soap],
  ]);
});

Deno.test("where the text is longer than its head says, as after XML Format, the head is corrected, and told", async () => {
  const pretty = "<a>\n   <b/>\n</a>\n";
  const { exchanges, remarks } = await read(
    row(request.replace(soap, pretty), response.replace(soap, pretty)),
  );
  assert.equal(exchanges.length, 1);
  assert.equal(exchanges[0].request?.head.fields.find(([name]) => name === "Content-Length")?.[1], "17");
  assert.equal(text(exchanges[0].response?.body.kept), pretty);
  assert.deepEqual(remarks, [
    "1 × row of TCPMon's text with another length than its head says: the head was corrected",
  ]);
});

Deno.test("a request without a response, and bytes that are no HTTP, are shown as what they are", async () => {
  const unanswered = await read(row(request, ""));
  assert.deepEqual(unanswered.exchanges.map(({ outcome }) => outcome), ["no-response"]);
  const other = await read(row("EHLO a\r\n", "250 b\r\n"));
  assert.deepEqual(
    other.records.map((record) => record.type === "data" && [record.direction, text(record.body.kept)]),
    [
      ["up", "EHLO a\r\n"],
      ["down", "250 b\r\n"],
    ],
  );
  assert.match(other.remarks[0], /is not whole HTTP/);
});

Deno.test("a row that is cut before its response is a problem with its line", async () => {
  const whole = row(request, response);
  const { exchanges, problems } = await read(whole + whole.slice(0, whole.indexOf("==== Response")));
  assert.equal(exchanges.length, 1);
  assert.deepEqual(problems, ['line 19: found no "==== Response ====" behind a request, wanted both']);
});

Deno.test("CRLF line ends and a file over the limit", async () => {
  const { exchanges } = await read(row(request, response).replaceAll(/\r?\n/g, "\r\n"));
  assert.equal(text(exchanges[0].response?.body.kept), soap);
  const long = await read(row(request, response), { lineLimitBytes: 100 });
  assert.deepEqual(long.problems, [
    "found more than 100 bytes of text saved by TCPMon, which is read whole, wanted less",
  ]);
});

Deno.test("whatever stands in the texts, reading never throws", async () => {
  const piece = fc.constantFrom(
    request,
    response,
    "\n",
    "==============\n",
    "Listen Port: 1\n",
    "==== Request ====\n",
    "\xff\0",
    "GET / HTTP/1.1\n\n",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 6 }),
      fc.array(piece, { maxLength: 6 }),
      async (up, down) => {
        await read(row(up.join(""), down.join("")));
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("the text that tcpmon exports in TCPMon's layout comes back, but for times and numbers of connections", async () => {
  const script = new Script();
  script.step(["up", get("/a") + request.replaceAll("\n", "\r\n")]);
  script.step(["down", `HTTP/1.1 100 Continue\r\n\r\n${ok("one")}${response}`]);
  script.step(["end"]);
  const exporter = createTcpmonTextExporter();
  const out = new ByteWriter();
  for (const record of script.records) exporter.record(record, out);
  const { exchanges, problems } = await read(out.copy());
  assert.deepEqual(problems, []);
  const timeless = (records: readonly Record[]) =>
    written(records).replaceAll(/"(?:connection|client|listener|time|ms)":(?:\d+|"[^"]*"|\{[^}]*\})/g, "");
  assert.equal(timeless(exchanges), timeless(script.exchanges));
});
