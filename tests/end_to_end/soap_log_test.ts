/** SOAP wherever exchanges are shown: summary lines, JSON, filters, exports; replies found by their RelatesTo. */
import assert from "node:assert/strict";
import {
  ADDRESSING,
  addressing,
  CALL,
  envelope,
  FAULT,
  mtom,
  MTOM_TYPE,
  SOAP_12,
} from "../capture/soap_samples.ts";
import { exported } from "./exported.ts";
import { logOf, message, recordsOf } from "./log_of.ts";

const XML = "Content-Type: text/xml; charset=utf-8";
const PICTURE = Uint8Array.from({ length: 300 }, (_, i) => i % 256);
const FAULT_12 =
  `<e:Envelope xmlns:e="${SOAP_12}" xmlns:m="urn:m"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value>` +
  '<e:Subcode><e:Value>m:NoStock</e:Value></e:Subcode></e:Code><e:Reason><e:Text xml:lang="en">none left</e:Text>' +
  "</e:Reason></e:Fault></e:Body></e:Envelope>";
const NASTY = FAULT.replace("Out of stock", "no &quot;\u001b[31m&#10;way&quot; " + "x".repeat(200));

const answers = {
  "/quote": message(
    "HTTP/1.1 200 OK",
    [XML],
    envelope("<q:GetQuoteResponse xmlns:q='urn:quotes'/>", addressing("urn:id:2", "urn:id:1")),
  ),
  "/fault": message("HTTP/1.1 500 Internal Server Error", [XML], envelope(FAULT)),
  "/fault12": message("HTTP/1.1 400 Bad Request", ["Content-Type: application/soap+xml"], FAULT_12),
  "/nasty": message("HTTP/1.1 500 Oops", [XML], envelope(NASTY)),
  "/reply": message("HTTP/1.1 202 Accepted", []),
  "/plain": message("HTTP/1.1 200 OK", ["Content-Type: text/html"], "<p>not SOAP</p>"),
};

function post(path: string, body: string | Uint8Array, ...fields: string[]): Uint8Array {
  return message(`POST ${path} HTTP/1.1`, ["Host: a.test", ...fields], body);
}

const requests = [
  post("/quote", envelope(CALL, addressing("urn:id:1")), XML, 'SOAPAction: "urn:GetQuote"'),
  post("/fault", envelope(CALL), XML),
  post(
    "/fault12",
    FAULT_12.replace("e:Fault>", "m:Buy>"),
    'Content-Type: application/soap+xml; action="urn:Buy"',
  ),
  post("/nasty", envelope(CALL), XML),
  // An answer that comes as a request of its own, to the MessageID of the first.
  post("/reply", envelope("<q:QuoteReady xmlns:q='urn:quotes'/>", addressing("urn:id:9", "urn:id:1")), XML),
  post("/plain", mtom(PICTURE), `Content-Type: ${MTOM_TYPE}`),
  post("/plain", "<p>not SOAP</p>", "Content-Type: text/html"),
];

Deno.test("a summary line has the operation behind the target, the Fault behind the status, and a reply's request", async () => {
  const { lines } = await logOf(["--format", "short"], answers, requests);
  const at = (id: number) => lines.find((line) => line.startsWith(`#${id} `))!;
  assert.match(at(1), / POST \/quote GetQuote 200 OK /);
  assert.match(at(2), / POST \/fault GetQuote 500 Internal Server Error fault soap:Server "Out of stock" /);
  assert.match(at(3), / 400 Bad Request fault e:Sender\/m:NoStock "none left" /);
  assert.match(at(4), / fault soap:Server "no \\x22\\x1b\[31m way\\x22 x+…" /);
  assert.match(at(5), / POST \/reply QuoteReady 202 Accepted .*reply to #1/);
  assert.match(at(6), / POST \/plain upload 200 OK /);
  assert.match(at(7), / POST \/plain 200 OK /);
  for (const line of lines) assert.ok(!line.includes("\u001b"), line);
});

Deno.test("JSON lines have what SOAP says as fields, and nothing where there is none", async () => {
  const logged = await logOf(["--format", "json"], answers, requests);
  const soap = recordsOf(logged).map((record) => record.soap);
  assert.deepEqual(soap[0], {
    operation: "GetQuote",
    version: "1.1",
    action: "urn:GetQuote",
    messageId: "urn:id:1",
    relatesTo: ["urn:id:1"],
  });
  assert.deepEqual(soap[1].fault, { code: "soap:Server", string: "Out of stock" });
  assert.deepEqual(soap[2].fault, { code: "e:Sender", subcodes: ["m:NoStock"], string: "none left" });
  assert.equal(soap[4].repliesTo, 1);
  assert.equal(soap[5].operation, "upload");
  assert.equal(soap[6], undefined);
});

Deno.test("filters find operations, Faults and messages by their ids, in the log and in an export of it", async () => {
  const whole = (await logOf(["--format", "json"], answers, requests)).text;
  const cases: [string, number[]][] = [
    ["soap:GetQuote", [1, 2, 4]],
    ["soap:*", [1, 2, 3, 4, 5, 6]],
    ["fault:*", [2, 3, 4]],
    ["fault:soap:Server", [2, 4]],
    ['fault:"none left"', [3]],
    ["message-id:urn:id:9", [5]],
    ["soap:GetQuote -fault:*", [1]],
  ];
  for (const [filter, ids] of cases) {
    const logged = await logOf(["--format", "json", "--filter", filter], answers, requests);
    assert.deepEqual(recordsOf(logged).map(({ id }) => id), ids, filter);
    const { text } = await exported(whole, "csv", "--filter", filter);
    assert.deepEqual(text.trimEnd().split("\r\n").slice(1).map((row) => parseInt(row)), ids, filter);
  }
});

Deno.test("an MTOM message shows its envelope as text, and of each other part what it is", async () => {
  const { text } = await logOf([], answers, [requests[5]]);
  assert.match(text, /^ {4}<soap:Envelope .*<xop:Include .*cid:photo%40example\.org/m);
  assert.match(text, /image\/png.*300 B|300 B.*image\/png/);
  assert.match(text, /text\/plain/);
  assert.ok(!/^ {4}00000000 {2}/m.test(text), "no hex dump");
});

Deno.test("what is redacted in an envelope does not come back through the fields for SOAP", async () => {
  const secret = "hunter2-secret";
  const fault = FAULT.replace("Out of stock", "bad login").replace(
    "</soap:Fault>",
    `<detail><password>${secret}</password></detail></soap:Fault>`,
  );
  const { text } = await logOf(["--format", "json", "--redact"], {
    "/login": message("HTTP/1.1 500 Oops", [XML], envelope(fault)),
  }, [
    post("/login", envelope(`<Login><password>${secret}</password></Login>`), XML, `SOAPAction: "urn:Login"`),
  ]);
  assert.ok(!text.includes(secret), text);
  assert.match(text, /"soap":\{"operation":"Login"/);
});

Deno.test("a Fault is found behind gzip too, and the namespace of addressing may be the older one", async () => {
  const { gzipSync } = await import("node:zlib");
  const older = ADDRESSING.replace("2005/08", "2004/08").replace(
    "http://www.w3.org/2004/08",
    "http://schemas.xmlsoap.org/ws/2004/08",
  );
  const body = new Uint8Array(gzipSync(envelope(FAULT)));
  const logged = await logOf(["--format", "json"], {
    "/gz": message("HTTP/1.1 500 Oops", [XML, "Content-Encoding: gzip"], body),
  }, [post("/gz", envelope(CALL, addressing("urn:old")).replace(ADDRESSING, older), XML)]);
  const [{ soap }] = recordsOf(logged);
  assert.equal(soap.fault.code, "soap:Server");
  assert.equal(soap.messageId, "urn:old");
});
