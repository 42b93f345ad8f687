import assert from "node:assert/strict";
import fc from "fast-check";
import { readArchive } from "../../src/archive/archive.ts";
import { exchangeLine, read, request, response } from "./archived.ts";

const good = exchangeLine();

/** Lines that are wrong, and what is said of each, without its place. */
const WRONG: readonly (readonly [line: string, message: string])[] = [
  ["null", "found null, wanted a record"],
  ["[1]", "found […], wanted a record"],
  ["17", "found 17, wanted a record"],
  ['"a\\u001b[2J"', 'found "a\\u001b[2J", wanted a record'],
  ["{}", 'found no "type", wanted one of exchange, connection, data, message, lost'],
  ['{"type":"later"}', 'found "type" "later", wanted one of exchange'],
  ['{"__proto__":{"type":"lost"}}', 'found no "type"'],
  ["hello", 'found "hello", which is not JSON'],
  ['{"type":"lost"', 'found "{\\"type\\":\\"lost\\"", which is not JSON'],
  [exchangeLine({ id: -1 }), 'found "id" -1, wanted a whole number from 0'],
  [exchangeLine({ id: 1.5 }), 'found "id" 1.5'],
  [exchangeLine({ connection: "1" }), 'found "connection" "1", wanted a whole number'],
  [exchangeLine({ listener: undefined }), 'found no "listener", wanted a text'],
  [exchangeLine({ time: "yesterday" }), 'found "time" "yesterday", wanted a time such as'],
  [exchangeLine({ time: "2026-13-20T10:31:06.123Z" }), 'found "time"'],
  [exchangeLine({ time: "2026-11-20T10:31:06.1x3Z" }), 'found "time"'],
  [exchangeLine({ outcome: "fine" }), 'found "outcome" "fine", wanted one of complete'],
  [exchangeLine({ flags: "odd" }), 'found "flags" "odd", wanted an array'],
  [exchangeLine({ flags: ["a\nb"] }), 'found "flags[0]" "a\\nb"'],
  [exchangeLine({ error: 1 }), 'found "error" 1, wanted a text'],
  [exchangeLine().replace('"total":1', '"total":1e999'), 'found "ms.total" Infinity, wanted a duration'],
  [exchangeLine({ ms: { total: -1 } }), 'found "ms.total" -1'],
  [exchangeLine({ ms: {} }), 'found no "ms.total"'],
  [exchangeLine({ ms: { total: 1, wait: null } }), 'found "ms.wait" null'],
  [exchangeLine({ request: "GET /" }), 'found "request" "GET /", wanted an object'],
  [exchangeLine({ request: { ...request, method: 1 } }), 'found "request.method" 1'],
  [exchangeLine({ request: { ...request, target: "/\nX: y" } }), 'found "request.target" "/\\nX: y"'],
  [exchangeLine({ request: { ...request, headers: {} } }), 'found "request.headers" {…}, wanted pairs'],
  [
    exchangeLine({ request: { ...request, headers: [["A"]] } }),
    'found "request.headers[0]" […], wanted a pair',
  ],
  [
    exchangeLine({ request: { ...request, headers: [["A", 1]] } }),
    'found "request.headers[0]" 1, wanted a text',
  ],
  [exchangeLine({ request: { ...request, headers: [["A", "b\r\nC: d"]] } }), 'found "request.headers[0]" "b'],
  [
    exchangeLine({ request: { ...request, head: "§§§§" } }),
    'found "request.head" "§§§§", wanted bytes in base64',
  ],
  [
    exchangeLine({ request: { ...request, head: btoa("GET /1 HTTP/1.1\n\nGET /2 HTTP/1.1\r\n\r\n") } }),
    'found "request.head" "R0VUIC8xIEhUVFAvMS4xCgpHRVQgLzIgSFRUUC8x…", wanted the bytes of one head',
  ],
  [
    exchangeLine({ request: { ...request, head: btoa("DELETE /all HTTP/1.1\nHost: h\n\n") } }),
    'found "request.head" "',
  ],
  [exchangeLine({ request: { ...request, body: {} } }), 'found no "request.body.bytes"'],
  [
    exchangeLine({ request: { ...request, body: { bytes: 1 } } }),
    'found no "request.body.text", wanted a text',
  ],
  [
    exchangeLine({ request: { ...request, body: { bytes: 1, base64: "YQ=" } } }),
    'found "request.body.base64" "YQ=", wanted bytes in base64',
  ],
  [
    exchangeLine({ request: { ...request, body: { bytes: 1, text: "a", base64: "YQ==" } } }),
    'found "request.body.text" "a", wanted "request.body.text" or "request.body.base64"',
  ],
  [exchangeLine({ request: { ...request, body: { bytes: -3, text: "" } } }), 'found "request.body.bytes" -3'],
  [exchangeLine({ request: { ...request, redacted: "yes" } }), 'found "request.redacted" "yes"'],
  [
    exchangeLine({ response: { ...response, status: "abc" } }),
    'found "response.status" "abc", wanted a whole number from 0 to 999',
  ],
  [exchangeLine({ response: { ...response, status: 99999 } }), 'found "response.status" 99999'],
  [exchangeLine({ interim: [{ ...response, reason: null }] }), 'found "interim[0].reason" null'],
  [exchangeLine({ faults: [{ fault: "reset", offset: 1, seed: 0.5 }] }), 'found "faults[0].seed" 0.5'],
  [exchangeLine({ type: "connection" }), 'found no "event", wanted one of opened'],
  [exchangeLine({ type: "connection", event: "closed" }), 'found no "up"'],
  [exchangeLine({ type: "data", direction: "left" }), 'found "direction" "left", wanted one of up, down'],
  [
    exchangeLine({ type: "message", protocol: "smtp" }),
    'found "protocol" "smtp", wanted one of websocket, sse',
  ],
  ['{"type":"lost","count":2}', 'found no "from", wanted a time'],
];

Deno.test("a line that is no record is one problem that names line, field, found and wanted, and the rest is read", async () => {
  for (const [line, message] of WRONG) {
    const { problems, records, order } = await read(`${good}\n${line}\n${good}\n`);
    assert.equal(problems.length, 1, line);
    assert.ok(problems[0].startsWith(`line 2: ${message}`), `${problems[0]} for ${line}`);
    assert.doesNotMatch(problems[0], /[^ -~§…]/);
    assert.equal(records.length, 2);
    assert.deepEqual(order, ["record 1", "problem 2", "record 3"]);
  }
});

Deno.test("fields that are not known yet are ignored, flags of a newer version are kept", async () => {
  const line = exchangeLine({
    later: { x: [1] },
    request: { ...request, later: 1, body: { ...request.body, later: null } },
    flags: ["a-newer-flag"],
  });
  const { exchanges, problems } = await read(line);
  assert.deepEqual(problems, []);
  assert.deepEqual(exchanges[0].flags, ["a-newer-flag"]);
});

Deno.test("keys of prototypes are keys like any other", async () => {
  const line = good.replace("{", '{"__proto__":{"error":"polluted"},"constructor":1,"toString":2,');
  const { exchanges, problems } = await read(line);
  assert.deepEqual(problems, []);
  assert.equal(exchanges[0].error, undefined);
  assert.equal(({} as { error?: string }).error, undefined);
});

Deno.test("a byte order mark, CRLF and blank lines are fine, and an empty file has no records", async () => {
  const { records, archived, problems } = await read(`\ufeff\r\n${good}\r\n\r\n  \n${good}`);
  assert.deepEqual([records.length, problems], [2, []]);
  assert.deepEqual(archived.map(({ place }) => place), [2, 5]);
  for (const nothing of ["", "\n", " \r\n\n", "\ufeff"]) {
    const outcome = await read(nothing);
    assert.deepEqual([outcome.records.length, outcome.problems], [0, []]);
  }
  assert.equal((await read(`\ufeff${good}`, { pieceBytes: 2 })).records.length, 1);
});

Deno.test("a last line that is cut, anywhere, is one problem", async () => {
  const line = new TextEncoder().encode(exchangeLine({ error: "é\u{1f600}" }));
  const first = new TextEncoder().encode(`${good}\n`);
  for (let to = 1; to < line.length; to++) {
    const file = new Uint8Array([...first, ...line.subarray(0, to)]);
    const { records, problems } = await read(file, { pieceBytes: 97 });
    assert.equal(records.length, 1);
    assert.equal(problems.length, 1);
    assert.match(problems[0], /^line 2: found the end of the file inside a record/);
  }
});

Deno.test("bytes that are not UTF-8 spoil their own line only; NUL bytes are no JSON", async () => {
  const encoder = new TextEncoder();
  const file = new Uint8Array([
    ...encoder.encode(`${good}\n${good.slice(0, 40)}`),
    0xff,
    ...encoder.encode(`${good.slice(40)}\n${good}\n\0\0\0\n${good}\n`),
  ]);
  const { archived, problems } = await read(file);
  assert.deepEqual(archived.map(({ place }) => place), [1, 3, 5]);
  assert.deepEqual(problems, [
    "line 2: found bytes that are not UTF-8, wanted a record of tcpmon",
    'line 4: found "\\u0000\\u0000\\u0000", which is not JSON, wanted a record of tcpmon',
  ]);
});

Deno.test("a log that has lost the beginning of its first line is read from the second on", async () => {
  const { archived, problems } = await read(`ders":[]}}\n${good}\n`);
  assert.deepEqual(archived.map(({ place }) => place), [2]);
  assert.equal(problems.length, 1);
});

Deno.test("a line over the limit is passed over, however its pieces fall", async () => {
  const long = exchangeLine({ error: "x".repeat(5000) });
  for (const pieceBytes of [1, 100, 4096, 1e6]) {
    const { archived, problems } = await read(`${good}\n${long}\n${good}\n${long}`, {
      pieceBytes,
      lineLimitBytes: 1000,
    });
    assert.deepEqual(archived.map(({ place }) => place), [1, 3]);
    assert.deepEqual(problems, [
      "line 2: found more than 1000 bytes, wanted a record of tcpmon",
      "line 4: found more than 1000 bytes, wanted a record of tcpmon",
    ]);
  }
});

Deno.test("a line of hundreds of megabytes over the limit costs no memory", async () => {
  const piece = new Uint8Array(1024 * 1024).fill(0x61);
  let most = 0;
  async function* file() {
    yield new TextEncoder().encode(`${good}\n{"type":"`);
    for (let i = 0; i < 300; i++) {
      yield await Promise.resolve(piece);
      most = Math.max(most, Deno.memoryUsage().external);
    }
    yield new TextEncoder().encode(`"}\n${good}\n`);
  }
  const before = Deno.memoryUsage().external;
  const problems: string[] = [];
  let records = 0;
  const options = {
    lineLimitBytes: 4e6,
    onProblem: ({ message }: { message: string }) => problems.push(message),
  };
  for await (const batch of readArchive(file(), options)) records += batch.length;
  assert.equal(records, 2);
  assert.deepEqual(problems, ["line 2: found more than 4000000 bytes, wanted a record of tcpmon"]);
  assert.ok(most - before < 60e6, `${most - before} bytes`);
});

Deno.test("nesting and values without end are a problem, not memory", async () => {
  const nested = `{"type":"exchange","x":${"[".repeat(3e6)}`;
  const values = `{"type":"exchange","x":[${"{},".repeat(2e6)}0]}`;
  const deep = `{"type":"exchange","x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  const { archived, problems } = await read(`${nested}\n${values}\n${deep}\n${good}\n`);
  assert.deepEqual(archived.map(({ place }) => place), [4]);
  assert.match(problems[0], /^line 1: found far more values than a record has/);
  assert.match(problems[1], /^line 2: found far more values than a record has/);
  assert.match(problems[2], /^line 3: found no "connection"/);
});

Deno.test("a large body full of quotes, brackets and backslashes is no reason to refuse a record", async () => {
  const text = '[{,"\\"}]'.repeat(300_000);
  const line = exchangeLine({ request: { ...request, body: { bytes: text.length, text } } });
  const { exchanges, problems } = await read(line);
  assert.deepEqual(problems, []);
  assert.equal(exchanges[0].request?.body.kept.length, text.length);
});

Deno.test("what is no archive is one problem that says what it seems to be", async () => {
  const files: readonly (readonly [file: string | Uint8Array, found: string])[] = [
    ["<html>\n".repeat(20_000), 'found "<html>\\n<html>'],
    [Uint8Array.of(0xff, 0xfe, 0x7b, 0), "found text in UTF-16"],
    ["SQLite format 3\0...", "found an SQLite database"],
    ["PK\x03\x04", "found a ZIP archive"],
  ];
  for (const [file, found] of files) {
    const { problems, records } = await read(file);
    assert.deepEqual([problems.length, records.length], [1, 0]);
    assert.ok(problems[0].startsWith(found), problems[0]);
    assert.match(problems[0], /wanted JSON lines of tcpmon, HAR, pcap, or the text that TCPMon saves$/);
  }
});

Deno.test("random bytes, and records with random changes, never throw", async () => {
  const line = exchangeLine({ request, response });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(line.length * 2), fc.nat(255)), { maxLength: 4 }),
      fc.uint8Array({ maxLength: 60 }),
      async (changes, tail) => {
        const bytes = new Uint8Array([...new TextEncoder().encode(`${line}\n${line}`), ...tail]);
        for (const [at, byte] of changes) bytes[at] = byte;
        const { records, problems } = await read(bytes, { pieceBytes: 50 });
        assert.ok(records.length + problems.length > 0);
        for (const record of records) {
          if (record.type !== "exchange") continue;
          for (const message of [record.request, record.response]) {
            assert.ok(message === undefined || message.body.kept.length >= 0 && message.head.raw.length > 0);
          }
        }
        await read(tail);
      },
    ),
    { numRuns: 300 },
  );
});
