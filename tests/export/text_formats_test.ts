/** TCPMon's saved text, and the log's own formats as exports. */
import assert from "node:assert/strict";
import { createJsonExporter } from "../../src/export/json.ts";
import { createTcpmonTextExporter } from "../../src/export/tcpmon_text.ts";
import { createTextExporter } from "../../src/export/text.ts";
import { composeResponseHead } from "../../src/http/compose_head.ts";
import { createJsonFormat } from "../../src/log/json.ts";
import { createTextFormat } from "../../src/log/text.ts";
import { bodyOf, exchange, utc, utf8, written } from "../log/human_fixtures.ts";
import { exported, requestFor } from "./received.ts";

const head = composeResponseHead({ version: "HTTP/1.1", status: 200, reason: "OK", fields: [] });
const whole = exchange({
  request: requestFor("h", { method: "POST", body: "AAA" }),
  response: { head, body: bodyOf("hello\n"), trailers: [] },
});

Deno.test("TCPMon's text has its layout, byte for byte", () => {
  assert.equal(
    exported(createTcpmonTextExporter(), whole),
    "\n==============\nListen Port: 8081\nTarget Host: localhost\nTarget Port: 9080\n==== Request ====\n" +
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nAAA==== Response ====\n" +
      "HTTP/1.1 200 OK\r\n\r\nhello\n\n==============\n",
  );
});

Deno.test("TCPMon's text names sockets and IPv6 addresses, and leaves missing messages empty", () => {
  const text = (target: string) =>
    exported(
      createTcpmonTextExporter(),
      exchange({ connection: { ...whole.connection, target }, request: undefined, response: undefined }),
    );
  assert.match(text("[::1]:80"), /^Target Host: \[::1\]\nTarget Port: 80\n/m);
  assert.match(text("https://a.example"), /^Target Host: a.example\nTarget Port: 443\n/m);
  assert.match(text("unix:/run/a.sock"), /^Target Host: unix:\/run\/a.sock\nTarget Port: 0\n/m);
  assert.match(text("h:1"), /==== Request ====\n==== Response ====\n\n==============\n$/);
});

Deno.test("what TCPMon's text cannot tell apart, or does not have, is told", () => {
  const notes: string[] = [];
  const exporter = createTcpmonTextExporter((reason) => notes.push(reason));
  const cut = { ...whole.response!, body: { bytes: 10, kept: utf8("x") } };
  exported(
    exporter,
    { ...whole, request: requestFor("h", { method: "POST", body: "\n==== Response ====\n" }) },
    { ...whole, response: cut },
    { type: "data", connection: whole.connection, at: 0, direction: "up", offset: 0, body: bodyOf("x") },
  );
  assert.deepEqual(notes, [
    "messages that hold a line of TCPMon's own layout",
    "bodies cut by --max-body: only their beginning is there",
    "data that is not HTTP",
  ]);
});

Deno.test("JSON lines and text are those of the log", () => {
  const limits = { limitBytes: 1000 };
  assert.equal(
    exported(createJsonExporter(limits), whole, whole),
    written(createJsonFormat(limits), whole, whole),
  );
  const options = { color: false, pretty: false, hex: false, limitBytes: 1000, zoneOffset: utc };
  assert.equal(exported(createTextExporter(options), whole), written(createTextFormat(options), whole));
});
