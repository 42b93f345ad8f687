/** Every line of the JSON log of mixed, also bad traffic is as static/record.schema.json says. */
import assert from "node:assert/strict";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";
import schema from "../../static/record.schema.json" with { type: "json" };
import { Nginx } from "./nginx.ts";
import { Peer, Server } from "./peers.ts";
import { installed, type LogRecord, Program, runProgram } from "./program.ts";
import { curl } from "./tools.ts";

const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true })
  .compile(schema as AnySchemaObject);

/** Checks each line, and gives the records. */
function validated(lines: readonly string[]): LogRecord[] {
  return lines.map((line) => {
    const record = JSON.parse(line);
    assert.ok(validate(record), `${line}\n${JSON.stringify(validate.errors, null, 1)}`);
    return record;
  });
}

/** How many records of each type there are. */
function count(records: readonly LogRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of records) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

Deno.test("the demo's log is valid: SOAP, gzip, trailers, interim responses, events, WebSocket", async () => {
  for (const more of [[], ["--redact"], ["--max-body", "40"]]) {
    const { code, stdout } = await runProgram(["demo", "--once", "--format=json", ...more]);
    assert.equal(code, 0);
    const counts = count(validated(stdout.split("\n")));
    assert.equal(counts.exchange, 10);
    assert.ok(counts.message >= 7);
    assert.ok(counts.connection >= 2);
  }
});

Deno.test({
  name: "the log of curl and nginx is valid",
  ignore: !installed("curl") || !installed("nginx"),
  async fn() {
    await using nginx = await Nginx.start();
    await Deno.writeTextFile(`${nginx.files}/a.json`, '{"a":1}');
    await Deno.writeFile(`${nginx.files}/b.bin`, Uint8Array.from({ length: 5000 }, (_, i) => i));
    await using program = Program.start(["relay", `0=http://127.0.0.1:${nginx.port}`, "--format=json"]);
    const url = `http://127.0.0.1:${await program.port()}`;
    await curl("--compressed", `${url}/a.json`, `${url}/b.bin`, `${url}/none`);
    await curl("-I", `${url}/a.json`);
    await curl("-r", "10-20", `${url}/b.bin`);
    await curl("--http1.0", `${url}/a.json`);
    await curl("-T", `${nginx.files}/b.bin`, "-H", "Expect: 100-continue", `${url}/up.bin`);
    await curl("-H", "Transfer-Encoding: chunked", "-d", "x=1", `${url}/a.json`);
    await curl("-X", "NO-SUCH_METHOD", `${url}/`);
    await program.records("exchange", 9);
    await program.stop();
    const counts = count(validated(program.log));
    assert.equal(counts.exchange, 9);
  },
});

Deno.test("the log of traffic that is broken in every way is valid", async () => {
  const requests = [
    "GET / HTTP/1.1\nHost: a\n\n",
    "\r\nGET /odd?\xff\x1b HTTP/1.1\r\nA : b\r\n folded\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: 1\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\ncut",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
    "\x16\x03\x01\x02\0\x01not HTTP at all",
    "EHLO me\r\n",
    "",
  ];
  const answers = [
    "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.0 200\r\nContent-Encoding: gzip\r\n\r\nnot gzip",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore than was announced",
    "\0\xff\xfe",
    "250 ok\r\n",
    "220 server first\r\n",
  ];
  const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  await using server = new Server(async (peer, index) => {
    if (requests[index] !== "") await peer.readSome();
    await peer.send(latin1(answers[index]));
  });
  const refusing = new Server(() => Promise.resolve());
  const refused = refusing.target;
  await refusing[Symbol.asyncDispose]();
  await using program = Program.start(["relay", `0=${server.target}`, `0=${refused}`, "--format=json"]);
  const [port, refusedPort] = await program.ports(2);
  for (const request of requests) {
    using client = await Peer.connect(port);
    await client.send(latin1(request));
    await client.over();
  }
  {
    using client = await Peer.connect(refusedPort);
    await client.send("GET / HTTP/1.1\r\n\r\n");
    await client.over();
  }
  const isClosed = (line: string) => line.includes('"event":"closed"');
  await program.logs((lines) => lines.filter(isClosed).length === requests.length + 1);
  await program.stop();
  const records = validated(program.log);
  const outcomes = new Set(records.map(({ outcome }) => outcome));
  for (const outcome of ["complete", "response-cut", "request-cut", "connect-failed"]) {
    assert.ok(outcomes.has(outcome), `${outcome} in ${[...outcomes]}`);
  }
  assert.ok(count(records).data >= 4);
  assert.ok(records.some(({ request }) => request?.head !== undefined), "a head that must be kept exactly");
});
