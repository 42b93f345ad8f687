import assert from "node:assert/strict";
import type { ConnectionInfo, Record } from "../../src/capture/record.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { createJsonFormat } from "../../src/log/json.ts";

const connection: ConnectionInfo = {
  id: 3,
  listener: "127.0.0.1:8081",
  client: "127.0.0.1:40112",
  target: "localhost:9080",
};
const SHARED =
  '"connection":3,"listener":"127.0.0.1:8081","client":"127.0.0.1:40112","target":"localhost:9080",' +
  '"time":"2026-11-20T10:31:06.123Z"';
const at = Date.UTC(2026, 10, 20, 10, 31, 6, 123) + 0.5;

function bodyOf(bytes: Uint8Array | string) {
  const kept = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  return { bytes: kept.length, kept };
}

function lines(...records: readonly Record[]): string[] {
  const format = createJsonFormat({ limitBytes: 1024 });
  const out = new ByteWriter(1);
  for (const record of records) format(record, out);
  const text = new TextDecoder().decode(out.view());
  assert.ok(text.endsWith("\n"));
  return text.slice(0, -1).split("\n");
}

Deno.test("a connection is written when it is opened and when it is closed", () => {
  const [opened, closed, failed] = lines(
    { type: "connection", event: "opened", connection, at, connectMs: 0.41 },
    {
      type: "connection",
      event: "closed",
      connection,
      at,
      up: 120,
      down: 2 ** 40,
      totalMs: 61000.25,
      end: "client-closed",
      exchanges: 4,
    },
    {
      type: "connection",
      event: "closed",
      connection: { id: 4, listener: "unix:/run/a.sock", client: "unix:", target: "[::1]:9" },
      at,
      up: 0,
      down: 0,
      totalMs: 1,
      end: "connect-failed",
      error: 'no "route"',
      exchanges: 0,
    },
  );
  assert.equal(opened, `{"type":"connection","event":"opened",${SHARED},"ms":{"connect":0.41}}`);
  assert.equal(
    closed,
    `{"type":"connection","event":"closed",${SHARED},"up":120,"down":1099511627776,"ms":{"total":61000.25},` +
      '"end":"client-closed","exchanges":4}',
  );
  assert.equal(
    failed,
    '{"type":"connection","event":"closed","connection":4,"listener":"unix:/run/a.sock","client":"unix:",' +
      '"target":"[::1]:9","time":"2026-11-20T10:31:06.123Z","up":0,"down":0,"ms":{"total":1},' +
      '"end":"connect-failed","exchanges":0,"error":"no \\"route\\""}',
  );
});

Deno.test("an opened connection says what is known of its TLS, with either end", () => {
  const opened = { type: "connection", event: "opened", connection, at, connectMs: 14.5 } as const;
  const [target, both, nothing] = lines(
    { ...opened, tlsMs: 12.25, targetTls: { version: "TLSv1.3", peer: 'CN="a"\u202e' } },
    { ...opened, clientTls: { serverName: "a.test" }, targetTls: { cipher: "X", alpn: "h2" } },
    { ...opened, targetTls: {} },
  );
  const open = `{"type":"connection","event":"opened",${SHARED},"ms":{"connect":14.5`;
  assert.equal(
    target,
    `${open},"tls":12.25},"tls":{"target":{"version":"TLSv1.3","peer":"CN=\\"a\\"\\u202e"}}}`,
  );
  assert.equal(
    both,
    `${open}},"tls":{"client":{"serverName":"a.test"},"target":{"cipher":"X","alpn":"h2"}}}`,
  );
  assert.equal(nothing, `${open}},"tls":{"target":{}}}`);
});

Deno.test("TLS that passes through is told of by what its client offers", () => {
  const passed = { type: "connection", event: "client-hello", connection, at } as const;
  const [full, bare] = lines(
    { ...passed, hello: { serverName: "a.test", alpn: ["h2", "\x1b"], versions: ["TLSv1.3", "TLSv1.2"] } },
    { ...passed, hello: { alpn: [], versions: [] } },
  );
  const open = `{"type":"connection","event":"client-hello",${SHARED},"tls":{`;
  assert.equal(
    full,
    `${open}"serverName":"a.test","alpn":["h2","\\u001b"],"versions":["TLSv1.3","TLSv1.2"]}}`,
  );
  assert.equal(bare, `${open}"alpn":[],"versions":[]}}`);
});

Deno.test("what a simulated link did to a connection stands at its end", () => {
  const [closed] = lines({
    type: "connection",
    event: "closed",
    connection,
    at,
    up: 1,
    down: 2,
    totalMs: 3,
    end: "fault",
    exchanges: 0,
    error: "reset",
    faults: [{ fault: "reset", direction: "down", offset: 1234, bytes: 3, seed: 42 }, {
      fault: "refuse",
      offset: 0,
      seed: 42,
    }],
  });
  assert.ok(
    closed.endsWith(
      '"end":"fault","exchanges":0,"error":"reset","faults":[{"fault":"reset","direction":"down","offset":1234,' +
        '"bytes":3,"seed":42},{"fault":"refuse","offset":0,"seed":42}]}',
    ),
    closed,
  );
});

Deno.test("a read of a stream is text where it is UTF-8, else base64", () => {
  const [text, binary] = lines(
    { type: "data", connection, at, direction: "up", offset: 0, body: bodyOf("héllo\0") },
    {
      type: "data",
      connection,
      at,
      direction: "down",
      offset: 2 ** 33,
      body: bodyOf(Uint8Array.of(0xff, 0, 1)),
    },
  );
  assert.equal(text, `{"type":"data",${SHARED},"direction":"up","offset":0,"bytes":7,"text":"héllo\\u0000"}`);
  assert.equal(
    binary,
    `{"type":"data",${SHARED},"direction":"down","offset":8589934592,"bytes":3,"base64":"/wAB"}`,
  );
});

Deno.test("a WebSocket message names its exchange, and what it is", () => {
  const base = { type: "message", protocol: "websocket", connection, exchange: 17, at } as const;
  const [text, close] = lines(
    { ...base, direction: "up", index: 1, opcode: "text", frames: 2, compressedBytes: 9, body: bodyOf("{}") },
    {
      ...base,
      direction: "down",
      index: 12,
      opcode: "close",
      frames: 1,
      body: bodyOf(Uint8Array.of(3, 0xe8)),
      closeCode: 1000,
      error: "cut",
    },
  );
  const open = `{"type":"message","protocol":"websocket","exchange":17,${SHARED}`;
  assert.equal(
    text,
    `${open},"direction":"up","index":1,"opcode":"text","frames":2,"bytes":2,"text":"{}","compressedBytes":9}`,
  );
  assert.equal(
    close,
    `${open},"direction":"down","index":12,"opcode":"close","frames":1,"bytes":2,"base64":"A+g=",` +
      '"closeCode":1000,"error":"cut"}',
  );
});

Deno.test("a server-sent event has its type, and id and retry where they were given", () => {
  const base = { type: "message", protocol: "sse", connection, exchange: 17, at, direction: "down" } as const;
  const [plain, full] = lines(
    { ...base, index: 1, event: "message", body: bodyOf("a\nb") },
    { ...base, index: 2, event: "tick", lastEventId: "", retry: 3000, body: bodyOf("") },
  );
  const open = `{"type":"message","protocol":"sse","exchange":17,${SHARED},"direction":"down"`;
  assert.equal(plain, `${open},"index":1,"event":"message","bytes":3,"text":"a\\nb"}`);
  assert.equal(full, `${open},"index":2,"event":"tick","lastEventId":"","retry":3000,"bytes":0,"text":""}`);
});

Deno.test("a loss says how many records, from when to when, and why", () => {
  assert.deepEqual(
    lines({ type: "lost", count: 12, from: at, to: at + 1000, reason: "the log was slow\n" }),
    [
      '{"type":"lost","count":12,"from":"2026-11-20T10:31:06.123Z","to":"2026-11-20T10:31:07.123Z",' +
      '"reason":"the log was slow\\n"}',
    ],
  );
});
