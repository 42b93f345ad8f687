/** Secrets in the short texts beside messages: close reasons, names and ids of events, field lines without a colon. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ServerSentEventRecord, WebSocketRecord } from "../../src/capture/record.ts";
import type { Redacted } from "../../src/capture/redact/redact.ts";
import {
  bodyOf,
  everyText,
  exchange,
  redactedBody,
  redactedField,
  redactedRequest,
  redactor,
  request,
  tagOf,
} from "./redact_samples.ts";

const base = { type: "message", connection: exchange({}).connection, exchange: 1, at: 1, index: 1 } as const;

/** A close frame with this reason after the code 1008, the payload cut after `kept` bytes. */
function close(reason: string, kept = Infinity): WebSocketRecord {
  const payload = Uint8Array.of(3, 0xf0, ...bodyOf(reason).kept);
  const body = { bytes: payload.length, kept: payload.subarray(0, kept) };
  return { ...base, direction: "down", protocol: "websocket", opcode: "close", frames: 1, body };
}

function event(changes: Partial<ServerSentEventRecord>): ServerSentEventRecord {
  return { ...base, direction: "down", protocol: "sse", event: "message", body: bodyOf("x"), ...changes };
}

function redactedReason(reason: string): string {
  const { body } = redactor()(close(reason)) as WebSocketRecord;
  assert.deepEqual([...body.kept.subarray(0, 2)], [3, 0xf0]);
  return new TextDecoder().decode(body.kept.subarray(2));
}

const tag = tagOf("s3cret");
/** Short texts, and what becomes of them. */
const TEXTS: readonly [text: string, redacted: string][] = [
  ["token=s3cret expired", `token=${tag} expired`],
  ["bad (token=s3cret", `bad (token=${tag}`],
  ['{"token":"s3cret"} is bad', `{"token":"${tag}"} is bad`],
  ["invalid token: s3cret", `invalid token: ${tag}`],
  ["see https://h/?token=s3cret&x=1", `see https://h/?token=${tag}&x=1`],
  ["a=1&token=s3cret", `a=1&token=${tag}`],
  ["go to http://s3cret@h/ now", `go to http://${tag}@h/ now`],
];
const HARMLESS = ["", "normal closure", "token expired", "token:", "x=1", "at 10:31:06", "a:b", "=", ": :"];

Deno.test("the reason of a close frame loses its secrets, its code stays", () => {
  for (const [text, redacted] of TEXTS) assert.equal(redactedReason(text), redacted);
  const record = redactor()(close("token=s3cret")) as WebSocketRecord & Partial<Redacted>;
  assert.equal(record.redacted, true);
  assert.equal(record.body.bytes, 2 + "token=s3cret".length);
});

Deno.test("a close frame with nothing to hide, or cut wherever, stays or loses what is there", () => {
  for (const reason of HARMLESS) {
    const record = close(reason);
    assert.equal(redactor()(record), record);
  }
  for (let kept = 0; kept < 14; kept++) {
    const redacted = redactor()(close("token=s3cret", kept)) as WebSocketRecord;
    assert.ok(!/=s/.test(everyText(redacted)), `${kept}`);
  }
});

Deno.test("name and id of a server-sent event lose their secrets", () => {
  for (const [text, redacted] of TEXTS) {
    const record = redactor()(event({ event: text, lastEventId: text })) as ServerSentEventRecord;
    assert.deepEqual([record.event, record.lastEventId], [redacted, redacted]);
    assert.equal((record as Partial<Redacted>).redacted, true);
  }
  for (const text of HARMLESS) {
    const record = event({ event: text, lastEventId: text });
    assert.equal(redactor()(record), record);
  }
  assert.ok(!("lastEventId" in redactor()(event({ event: "token=s3cret" }))));
});

Deno.test("where Last-Event-ID is listed, ids have the tag that the field has", () => {
  const redact = redactor({ list: "+last-event-id" });
  const record = redact(event({ lastEventId: "s3cret" })) as ServerSentEventRecord;
  assert.equal(record.lastEventId, tag);
  assert.equal(redactedField("Last-Event-ID", "s3cret", redact), tag);
  assert.equal(
    redactedBody("text/event-stream", "id: s3cret\ndata: s3cret\n\nid:s3cret\r\nid\n", redact),
    `id: ${tag}\ndata: s3cret\n\nid:${tag}\r\nid\n`,
  );
});

Deno.test("a stream's body hides in its lines what the records of its events hide", () => {
  for (const [text, redacted] of TEXTS) {
    assert.equal(
      redactedBody("text/event-stream", `event: ${text}\nid:${text}\ndata: x\n\n`),
      `event: ${redacted}\nid:${redacted}\ndata: x\n\n`,
    );
  }
  assert.equal(
    redactedBody("text/event-stream", 'id: token=s3cret\ndata: {"pin":\ndata: "s3cret"}\n\nevent: x'),
    `id: token=${tag}\ndata: {"pin":\ndata: "${tag}"}\n\nevent: x`,
  );
});

Deno.test("a field line without a colon is read as a name and its value, else as text", () => {
  const line = (text: string) => redactedRequest(request([[text, ""]])).head.fields[0];
  assert.deepEqual(line("X-Api-Key s3cret"), ["X-Api-Key", tag]);
  assert.deepEqual(line("X-Api-Key=s3cret"), ["X-Api-Key", tag]);
  assert.deepEqual(line(" x-api-key \t= s3cret "), ["x-api-key", tag]);
  assert.deepEqual(line("Authorization=Bearer s3cret"), ["Authorization", `Bearer ${tag}`]);
  assert.deepEqual(line("GET /?token=s3cret HTTP/1.1"), [`GET /?token=${tag} HTTP/1.1`, ""]);
  assert.deepEqual(line("some words token=s3cret"), [`some words token=${tag}`, ""]);
  for (const text of ["X-Api-Key", "X-Api-Key=", "token", "=", "a b=c", "one@two", " =x"]) {
    assert.deepEqual(line(text), [text, ""]);
  }
});

Deno.test("whatever a short text holds, nothing throws, and what it hides is not there any more", () => {
  const piece = fc.constantFrom(
    ..."\"'`([{<,=:;&?#/@%\\ \t\n".split(""),
    "token",
    "pin",
    "http://",
    "data",
    "é",
    "\ud800",
  );
  fc.assert(
    fc.property(fc.array(piece).map((parts) => parts.join("")), (text) => {
      const record = redactor()(event({ event: text, lastEventId: text })) as ServerSentEventRecord;
      assert.equal(record.event, record.lastEventId);
      redactor()(close(text));
      for (const before of ["", `${text.replace(/[^ ]$/, "")} `]) {
        const name = `${before}token=ΩsecretΩ`;
        const found = redactor()(event({ event: name })) as ServerSentEventRecord;
        assert.ok(!found.event.includes("Ω"), name);
      }
    }),
    { numRuns: 500 },
  );
});
