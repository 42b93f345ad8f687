import assert from "node:assert/strict";
import { rawFiles } from "../../src/export/raw.ts";
import { composeResponseHead } from "../../src/http/compose_head.ts";
import { joined } from "../../src/http/joined.ts";
import { AT, bodyOf, connection, exchange, utf8 } from "../log/human_fixtures.ts";
import { requestFor } from "./received.ts";

const read = (pieces: readonly Uint8Array[]) => new TextDecoder().decode(joined(pieces));

Deno.test("each message of an exchange is a file as it crossed the wire", () => {
  const early = composeResponseHead({ version: "HTTP/1.1", status: 103, reason: "Early Hints", fields: [] });
  const head = composeResponseHead({
    version: "HTTP/1.1",
    status: 200,
    reason: "OK",
    fields: [["Transfer-Encoding", "chunked"]],
  });
  const files = rawFiles(exchange({
    request: requestFor("h", { method: "POST", body: "AAA" }),
    interim: [early],
    response: { head, body: bodyOf("hello"), trailers: [["X-Sum", "1"]] },
  }));
  assert.deepEqual(files.map(({ name, pieces, missing }) => [name, read(pieces), missing]), [
    ["000017-request.http", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nAAA", 0],
    ["000017-interim-1.http", "HTTP/1.1 103 Early Hints\r\n\r\n", 0],
    [
      "000017-response.http",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
      0,
    ],
  ]);
});

Deno.test("the response to HEAD has no body, and a missing message no file", () => {
  const head = composeResponseHead({
    version: "HTTP/1.1",
    status: 200,
    reason: "OK",
    fields: [["Transfer-Encoding", "chunked"]],
  });
  const response = { head, body: bodyOf(""), trailers: [] };
  const [, answer] = rawFiles(exchange({ request: requestFor("h", { method: "HEAD" }), response }));
  assert.equal(read(answer.pieces), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  assert.deepEqual(rawFiles(exchange({ request: undefined, response: undefined })), []);
});

Deno.test("a stream is a file a direction, its reads at their places", () => {
  const [file] = rawFiles({
    type: "data",
    connection,
    at: AT,
    direction: "down",
    offset: 1000,
    body: { bytes: 5, kept: utf8("abc") },
  });
  assert.deepEqual(file, { name: "c3-down.bin", pieces: [utf8("abc")], offset: 1000, missing: 2 });
});

Deno.test("messages are files of their own, and other records are none", () => {
  const base = { type: "message", connection, exchange: 17, at: AT, body: bodyOf("x") } as const;
  const webSocket = { ...base, protocol: "websocket", frames: 1 } as const;
  const names = [
    rawFiles({ ...webSocket, direction: "up", index: 2, opcode: "text" }),
    rawFiles({ ...webSocket, direction: "down", index: 1, opcode: "close" }),
    rawFiles({ ...base, protocol: "sse", direction: "down", index: 12, event: "../../etc/passwd" }),
    rawFiles({ type: "lost", count: 1, from: 0, to: 0, reason: "" }),
  ].flat().map(({ name }) => name);
  assert.deepEqual(names, ["000017-up-000002.txt", "000017-down-000001.bin", "000017-down-000012.txt"]);
});
