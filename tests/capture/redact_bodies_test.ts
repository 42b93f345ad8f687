/** Bodies with a content coding, marks, and records that are left alone. */
import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import type { DataRecord, Record } from "../../src/capture/record.ts";
import type { Decode, Redacted, RedactedBody } from "../../src/capture/redact/redact.ts";
import type { Field } from "../../src/http/head.ts";
import {
  bodyOf,
  everyText,
  exchange,
  redactedResponse,
  redactor,
  request,
  response,
  responseHead,
  tagOf,
} from "./redact_samples.ts";

const GZIP: Field[] = [["Content-Type", "application/json"], ["Content-Encoding", "gzip"], [
  "Content-Length",
  "9",
]];
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Undoes gzip, whole or not at all. */
const gunzip: Decode = (codings, input, limitBytes) => {
  assert.deepEqual(codings, ["gzip"]);
  try {
    const bytes = new Uint8Array(gunzipSync(input));
    return { bytes: bytes.subarray(0, limitBytes), truncated: bytes.length > limitBytes };
  } catch {
    return { bytes: new Uint8Array(), truncated: false, error: "broken" };
  }
};

Deno.test("a coded body with a secret is replaced by its decoded content, and its head says so", () => {
  const coded = new Uint8Array(gzipSync('{"pin":"s3cret"}'));
  const redacted = redactedResponse(response(GZIP, coded), redactor({ decode: gunzip }));
  assert.equal(text(redacted.body.kept), `{"pin":"${tagOf("s3cret")}"}`);
  assert.equal(redacted.body.bytes, coded.length);
  assert.equal((redacted.body as RedactedBody).truncated, false);
  assert.deepEqual(redacted.head.fields, [GZIP[0], GZIP[2]]);
  assert.ok(!everyText(redacted).includes("gzip"));
  assert.equal((redacted as typeof redacted & Redacted).redacted, true);
});

Deno.test("a coded body without a secret, or of a type that is not scanned, stays as it is", () => {
  const redact = redactor({ decode: gunzip });
  const plain = exchange({ response: response(GZIP, new Uint8Array(gzipSync('{"a":1}'))) });
  assert.equal(redact(plain), plain);
  const image = exchange({
    response: response(
      [["Content-Type", "image/png"], ["Content-Encoding", "gzip"]],
      new Uint8Array([1, 2, 3]),
    ),
  });
  assert.equal(redactor({ decode: () => assert.fail("decoded") })(image), image);
  const unknown = exchange({ response: response([["Content-Encoding", "gzip"]], new Uint8Array([1, 2, 3])) });
  assert.equal(redact(unknown), unknown);
});

Deno.test("a coded body that cannot be decoded whole keeps what could be decoded", () => {
  const cases: [Decode | undefined, string][] = [
    [undefined, ""],
    [gunzip, ""],
    [
      () => ({ bytes: bodyOf('{"pin":"s3c').kept, truncated: false, error: "cut" }),
      `{"pin":"${tagOf("s3c")}`,
    ],
    [() => ({ bytes: bodyOf('{"a":1').kept, truncated: true }), '{"a":1'],
  ];
  for (const [decode, wanted] of cases) {
    const redacted = redactedResponse(response(GZIP, new Uint8Array([0x1f, 0x8b, 3])), redactor({ decode }));
    assert.equal(text(redacted.body.kept), wanted);
    assert.equal((redacted.body as RedactedBody).truncated, true);
    assert.equal(redacted.head.fields.length, 2);
  }
});

Deno.test("transfer codings other than chunked are undone with the content codings", () => {
  const fields: Field[] = [["Content-Encoding", "br, identity"], ["Transfer-Encoding", "gzip, chunked"]];
  const decode: Decode = (codings) => {
    assert.deepEqual(codings, ["br", "gzip"]);
    return { bytes: bodyOf("<pin>s</pin>").kept, truncated: false };
  };
  const redacted = redactedResponse(response(fields, "coded"), redactor({ decode }));
  assert.deepEqual(redacted.head.fields, [["Transfer-Encoding", "chunked"]]);
  assert.equal(text(redacted.body.kept), `<pin>${tagOf("s")}</pin>`);
});

Deno.test("the limit of decoding is passed on", () => {
  const limits: number[] = [];
  const decode: Decode = (_codings, _input, limitBytes) => {
    limits.push(limitBytes);
    return { bytes: new Uint8Array(), truncated: false };
  };
  redactor({ decode, decodedLimitBytes: 10 })(exchange({ response: response(GZIP, "x") }));
  assert.deepEqual(limits, [10]);
});

Deno.test("a body keeps its count, and says whether it was cut", () => {
  const content = '{"pin":"s","a":1';
  const whole = redactedResponse(response(GZIP.slice(0, 1), content)).body as RedactedBody;
  assert.deepEqual([whole.bytes, whole.truncated, whole.redacted], [content.length, false, true]);
  const head = responseHead(GZIP.slice(0, 1));
  const cut = redactedResponse({ head, body: bodyOf(content, 1000), trailers: [] }).body as RedactedBody;
  assert.deepEqual([cut.bytes, cut.truncated], [1000, true]);
});

Deno.test("a head or a body without a secret is shared with the record that came", () => {
  const message = response([["Set-Cookie", "a=1"]], "hello");
  const redacted = redactedResponse(message);
  assert.notEqual(redacted.head, message.head);
  assert.equal(redacted.body, message.body);
});

Deno.test("records that hold no message come back as they are", () => {
  const { connection } = exchange({});
  const records: Record[] = [
    { type: "connection", event: "opened", connection, at: 1, connectMs: 1 },
    { type: "lost", count: 1, from: 1, to: 2, reason: "password=s" },
    exchange({ outcome: "no-response", request: request([["Host", "h"]]) }),
    exchange({ outcome: "connect-failed" }),
  ];
  for (const record of records) assert.equal(redactor()(record), record);
});

Deno.test("stream data stays as it is", () => {
  const { connection } = exchange({});
  const record: DataRecord = {
    type: "data",
    connection,
    at: 1,
    direction: "up",
    offset: 5,
    body: bodyOf("pin=s"),
  };
  assert.equal(redactor()(record), record);
});

Deno.test("an exchange without a response gets none", () => {
  const redacted = redactor()(exchange({ request: request([["Cookie", "a=1"]]) }));
  assert.ok(!("response" in redacted));
});
