/** The handshake of WebSocket: what counts as one, and what was agreed about compression. */
import assert from "node:assert/strict";
import type { Field, RequestHead, ResponseHead } from "../../src/http/head.ts";
import { isWebSocketUpgrade, webSocketExtensions } from "../../src/http/websocket.ts";

const COMMON = { version: "HTTP/1.1", raw: new Uint8Array(0), exact: true, flags: [] };

function request(...fields: Field[]): RequestHead {
  return { ...COMMON, kind: "request", method: "GET", target: "/", fields };
}

function response(status: number, ...fields: Field[]): ResponseHead {
  return { ...COMMON, kind: "response", status, reason: "", fields };
}

Deno.test("an upgrade that both sides name is one, in any case and among others", () => {
  const asked = request(["Connection", "Upgrade"], ["UPGRADE", "h2c, WebSocket"]);
  const agreed = response(101, ["upgrade", "websocket"]);
  assert.equal(isWebSocketUpgrade(asked, agreed), true);
  assert.equal(isWebSocketUpgrade(asked, response(200, ["Upgrade", "websocket"])), false);
  assert.equal(isWebSocketUpgrade(asked, response(101, ["Upgrade", "h2c"])), false);
  assert.equal(isWebSocketUpgrade(request(), agreed), false);
});

Deno.test("without permessage-deflate nothing was agreed", () => {
  assert.equal(webSocketExtensions([]), undefined);
  assert.equal(webSocketExtensions([["Sec-WebSocket-Extensions", "x-webkit-deflate-frame"]]), undefined);
});

Deno.test("the parameters of permessage-deflate are read for each side", () => {
  const agreed = (value: string) => webSocketExtensions([["sec-websocket-extensions", value]]);
  const plain = { noContextTakeover: false, windowBits: 15 };
  assert.deepEqual(agreed("permessage-deflate"), { client: plain, server: plain });
  assert.deepEqual(
    agreed('foo; a=1, Permessage-Deflate; server_no_context_takeover ;client_max_window_bits="10"'),
    {
      client: { noContextTakeover: false, windowBits: 10 },
      server: { noContextTakeover: true, windowBits: 15 },
    },
  );
  assert.deepEqual(
    agreed("permessage-deflate; client_no_context_takeover; server_max_window_bits=8"),
    {
      client: { noContextTakeover: true, windowBits: 15 },
      server: { noContextTakeover: false, windowBits: 8 },
    },
  );
});

Deno.test("window sizes that cannot be are read as the default", () => {
  for (const bits of ["", "=", "=7", "=16", "=x", "=-1", "=1e9"]) {
    const agreed = webSocketExtensions([[
      "Sec-WebSocket-Extensions",
      `permessage-deflate; server_max_window_bits${bits}`,
    ]]);
    assert.equal(agreed?.server.windowBits, 15, bits);
  }
});
