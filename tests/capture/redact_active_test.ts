/** What is under way is redacted as the record of it will be. */
import assert from "node:assert/strict";
import type { Active } from "../../src/capture/active.ts";
import type { ExchangeRecord } from "../../src/capture/record.ts";
import { redactActive } from "../../src/capture/redact/active.ts";
import { redactor, requestHead } from "./redact_samples.ts";

const CONNECTION = { id: 1, listener: "127.0.0.1:1", client: "127.0.0.1:2", target: "t:3" };
const EXCHANGE: Active = {
  type: "exchange",
  id: 7,
  connection: CONNECTION,
  at: 5,
  method: "GET",
  url: "/a?token=secret&b=1",
  host: "h",
  status: 200,
  mime: "text/xml",
  up: 3,
  down: 4,
};
const STREAM: Active = { type: "stream", connection: CONNECTION, at: 5, up: 1, down: 2 };

Deno.test("a URL is redacted by the tags that its record has, and all else stays", () => {
  const redact = redactor();
  const shown = redactActive(EXCHANGE, redact);
  const record: ExchangeRecord = {
    type: "exchange",
    id: 7,
    connection: CONNECTION,
    at: 5,
    request: {
      head: requestHead([["Host", "h"]], EXCHANGE.url, "GET"),
      body: { bytes: 0, kept: new Uint8Array() },
      trailers: [],
    },
    interim: [],
    ms: { total: 1 },
    outcome: "complete",
    flags: [],
  };
  const redacted = redact(record) as ExchangeRecord;
  assert.deepEqual(shown, { ...EXCHANGE, url: redacted.request?.head.target });
  assert.match(shown.url!, /^\/a\?token=(?!secret).+&b=1$/);
});

Deno.test("what holds no secret is the same object", () => {
  const redact = redactor();
  for (const active of [STREAM, { ...EXCHANGE, url: "/a" }, { ...EXCHANGE, url: "/a", mime: undefined }]) {
    assert.equal(redactActive(active, redact), active);
  }
});

Deno.test("fields that are listed by name, userinfo and a stream's URL are redacted, too", () => {
  const redact = redactor({ list: "host,content-type" });
  const { host, mime } = redactActive(EXCHANGE, redact);
  assert.ok(host !== "h" && mime !== "text/xml" && host !== undefined && mime !== undefined);
  const asked: Active = { ...STREAM, method: "CONNECT", url: "user:word@b:443" };
  assert.doesNotMatch(redactActive(asked, redactor()).url!, /word/);
  const named = redactActive({ ...EXCHANGE, url: "/", host: "user:word@b:443" }, redactor());
  assert.match(named.host!, /^\[redacted:\w+\]@b:443$/);
});
