import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { ExchangeRecord, Record } from "../../src/capture/record.ts";
import { createHarExporter } from "../../src/export/har.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { get, ok, post, Script } from "../capture/connection_script.ts";
import { bodyOf, requestHead, responseHead } from "../capture/redact_samples.ts";
import { read, written } from "./archived.ts";

/** Records as tcpmon's own HAR. */
function exported(records: readonly Record[]): string {
  const exporter = createHarExporter({ note: () => {}, creatorVersion: "0" });
  const out = new ByteWriter();
  exporter.begin(out);
  for (const record of records) exporter.record(record, out);
  exporter.end(out);
  return new TextDecoder().decode(out.view());
}

Deno.test("exchanges that tcpmon exported as HAR come back as they were", async () => {
  const script = new Script({ connectMs: 2, tlsMs: 1 });
  script.step(["up", get("/a?b=c", "X: 1\r\nX: 2\r\n") + post("http://proxy.test/e", "a=b", "A: b\r\n")]);
  script.step(["down", ok("tëxt".replace("ë", "\xc3\xab")) + ok("\xff\0")]);
  script.step(["up", "OPTIONS * HTTP/1.0\r\n\r\n"]);
  script.step(["down", "HTTP/1.0 204 None\r\n\r\n"]);
  script.step(["up", get("/never")]);
  script.step(["end"]);
  const { exchanges, problems, remarks } = await read(exported(script.records));
  assert.deepEqual([problems, remarks], [[], []]);
  assert.equal(exchanges.length, 4);
  assert.equal(written(exchanges), written(script.exchanges));
});

Deno.test("of a coded response the decoded body comes back, of a cut body its size, of a coded request its bytes", async () => {
  const packed = new Uint8Array(gzipSync("hello"));
  const coded: [string, string][] = [["Content-Encoding", "gzip"], ["Content-Length", String(packed.length)]];
  const base = {
    type: "exchange" as const,
    connection: { id: 1, listener: "l:1", client: "c:1", target: "t:1" },
    at: 1795170666123,
    interim: [],
    ms: { total: 1 },
    outcome: "complete" as const,
    flags: [],
  };
  const records: ExchangeRecord[] = [
    {
      ...base,
      id: 1,
      request: { head: requestHead(coded), body: bodyOf(packed), trailers: [] },
      response: { head: responseHead(coded), body: bodyOf(packed), trailers: [] },
    },
    { ...base, id: 2, response: { head: responseHead([]), body: bodyOf("begin", 5000), trailers: [] } },
    { ...base, id: 3, response: { head: responseHead(coded), body: bodyOf("no gzip"), trailers: [] } },
  ];
  const { exchanges, problems, remarks } = await read(exported(records));
  assert.deepEqual(problems, []);
  assert.equal(remarks.length, 1);
  assert.deepEqual(exchanges[0].request?.body.kept, packed);
  assert.deepEqual(exchanges[0].request?.head.fields, [["Content-Encoding", "gzip"], [
    "Content-Length",
    String(packed.length),
  ]]);
  assert.deepEqual(exchanges[0].response?.head.fields, [["Content-Length", "5"]]);
  assert.deepEqual(exchanges[1].response?.body, { bytes: 5000, kept: new TextEncoder().encode("begin") });
  assert.equal(exchanges[1].request, undefined);
  assert.deepEqual(exchanges[2].response?.head.fields, coded);
  assert.equal(new TextDecoder().decode(exchanges[2].response?.body.kept), "no gzip");
});

Deno.test("interim responses, trailers and changed fields come back too; an odd head is told of", async () => {
  const script = new Script();
  script.step(["up", post("/e", "a=b", "Expect: 100-continue\r\n")]);
  script.step(["down", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"]);
  script.step([
    "down",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n",
  ]);
  const [exchange] = script.exchanges;
  const request = { ...exchange.request!, rewritten: [["Host", "target.test"]] as const };
  const records = [{ ...exchange, request }];
  const { exchanges, problems, remarks } = await read(exported(records));
  assert.deepEqual([problems, remarks], [[], []]);
  assert.deepEqual(exchanges[0].interim.map(({ status }) => status), [103, 100]);
  assert.equal(written(exchanges), written(records));

  const odd = new Script();
  odd.step(["up", "GET / HTTP/1.1\nHost: a\n\n"]);
  odd.step(["down", ok("")]);
  assert.deepEqual((await read(exported(odd.exchanges))).remarks, [
    "1 × exchange with an odd head (line ends, folding, spaces): written in the ordinary way",
  ]);
});
