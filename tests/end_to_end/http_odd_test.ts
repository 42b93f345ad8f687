/** Traffic on which HTTP recipients are known to disagree: forwarded as it is, and flagged (RFC 9112 §11.2). */
import assert from "node:assert/strict";
import { joinData } from "./capture.ts";
import { wire } from "./wire.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/** Requests, and what is odd about them. */
const REQUESTS: [string, string, readonly string[]][] = [
  [
    "CL.TE",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ["cl-and-te"],
  ],
  [
    "TE with a space before its colon",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    ["space-before-colon"],
  ],
  [
    "TE that is not quite chunked",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n",
    ["odd-transfer-encoding"],
  ],
  [
    "one length twice",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
    ["duplicate-length"],
  ],
  [
    "two lengths",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!",
    ["conflicting-length"],
  ],
  ["a length with a sign", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nhi", ["bad-length"]],
  ["TE in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ["te-in-http10"]],
  ["bare LF", "GET / HTTP/1.1\nHost: a\n\n", ["bare-lf"]],
  ["bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", ["bare-cr"]],
  ["a folded field", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", ["obs-fold"]],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", ["no-host"]],
  ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", ["duplicate-host"]],
  ["NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", ["control-in-field"]],
  ["a line without colon", "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", ["no-colon"]],
  ["empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ["leading-blank-line"]],
  [
    "a chunk size with a prefix",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
    [],
  ],
  [
    "a chunk size too large to be",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\na\r\n0\r\n\r\n",
    [],
  ],
];

for (const [name, request, flags] of REQUESTS) {
  Deno.test(`${name}: arrives as it is and is flagged`, async () => {
    await using test = await wire();
    await test.up(request);
    await test.down(OK);
    await test.client.end();
    test.server.close();
    await test.program.records("connection", 2);
    const [exchange] = await test.exchanges(1);
    assert.equal(exchange.request.headers.length > 0 || name === "no Host", true);
    for (const flag of flags) assert.ok(exchange.flags.includes(flag), `${flag} in ${exchange.flags}`);
    assert.ok(exchange.flags.length > 0);
  });
}

Deno.test("a smuggled second request passes, and is shown as what the RFC makes of it", async () => {
  await using test = await wire();
  const smuggled = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
  await test.up(
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length + 5}\r\n` +
      `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  );
  await test.down(OK + OK);
  const records = await test.exchanges(2);
  assert.deepEqual(records.map(({ request }) => request.target), ["/", "/admin"]);
  assert.deepEqual(records[0].flags, ["cl-and-te"]);
});

Deno.test("a response that is longer than it says: the rest passes, is flagged, and stands in the log", async () => {
  await using test = await wire();
  await test.up("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await test.down("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef");
  const [{ response, flags }] = await test.exchanges(1);
  assert.equal(response.body.text, "abc");
  assert.ok(flags.includes("bytes-after-end"), flags);
  test.client.close();
  await test.server.over();
  test.server.close();
  await test.program.records("connection", 2);
  const data = await test.program.records("data", 1);
  assert.deepEqual([data[0].direction, data[0].text], ["down", "def"]);
});

Deno.test("a head larger than any server takes passes, and is shown as a stream", async () => {
  await using test = await wire();
  const head = `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(400_000)}\r\n\r\n`;
  const bytes = new TextEncoder().encode(head);
  const [, got] = await Promise.all([
    test.client.sendInPieces(bytes, [10, 100, 1000, 100_000]),
    test.server.read(bytes.length),
  ]);
  assert.deepEqual(got, bytes);
  await test.client.end();
  await test.server.end();
  await test.program.records("connection", 2);
  const data = await test.program.records("data", 1);
  assert.equal(new TextDecoder().decode(joinData(data, "up")), head);
});

Deno.test("escape sequences on the wire never reach the text log raw", async () => {
  await using test = await wire(["--format", "text"]);
  await test.up("GET /\x1b[2J\u009b HTTP/1.1\r\nHost: a\r\nX: \x1b]0;title\x07\r\n\r\n");
  await test.down("HTTP/1.1 200 \x1b[31mOK\r\nContent-Length: 6\r\n\r\n\x1b[1mhi");
  const lines = await test.program.logs((lines) => lines.some((line) => line.includes("[1mhi")));
  // deno-lint-ignore no-control-regex -- controls are what it looks for
  assert.doesNotMatch(lines.join("\n"), /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
});
