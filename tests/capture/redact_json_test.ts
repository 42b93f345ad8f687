/** Secrets in JSON bodies, event streams and messages. */
import assert from "node:assert/strict";
import type { MessageRecord } from "../../src/capture/record.ts";
import { SECRET_LIMIT } from "../../src/capture/redact/scan.ts";
import {
  bodyOf,
  exchange,
  redactedBody,
  redactedRequest,
  redactor,
  request,
  tagOf,
} from "./redact_samples.ts";

const json = (text: string) => redactedBody("application/json", text);

Deno.test("only the value of a listed key changes, formatting and all", () => {
  assert.equal(
    json('\ufeff{ "a" : "token",\r\n\t"Token" :  "s3cret" , "n":1.50,"é":"\\u00e9"}\n'),
    `\ufeff{ "a" : "token",\r\n\t"Token" :  "${tagOf("s3cret")}" , "n":1.50,"é":"\\u00e9"}\n`,
  );
});

Deno.test("escapes are undone in keys and values before they are compared and tagged", () => {
  assert.equal(
    json('{"pass\\u0077ord":"a\\"b\\\\\\n\\u00e9\\ud83d\\ude00"}'),
    `{"pass\\u0077ord":"${tagOf('a"b\\\né😀')}"}`,
  );
  assert.equal(json('{"pin":"\\x\\u12"}'), `{"pin":"${tagOf("xu12")}"}`);
  assert.notEqual(json('{"pin":"\\ud800"}'), json('{"pin":"\\ud801"}'));
});

Deno.test("values of any type become a tag, null and empty strings stay", () => {
  assert.equal(
    json('{"pin":1234,"cvv":true,"secret":{"a":["}",{}]},"token":[1,"]"],"pwd":null,"pass":"","x":[]}'),
    `{"pin":"${tagOf("1234")}","cvv":"${tagOf("true")}","secret":"${tagOf('{"a":["}",{}]}')}",` +
      `"token":"${tagOf('[1,"]"]')}","pwd":null,"pass":"","x":[]}`,
  );
});

Deno.test("an Authorization in JSON keeps its scheme, as in a head", () => {
  assert.equal(
    json('{"headers":{"Authorization":"Bearer abc"}}'),
    `{"headers":{"Authorization":"Bearer ${tagOf("abc")}"}}`,
  );
});

Deno.test("cut or broken JSON is redacted as far as it can be read", () => {
  const tag = tagOf("s3cret");
  const cases: [string, string][] = [
    ['{"password":"s3cret', `{"password":"${tag}`],
    ['{"password":"s3cret\\', `{"password":"${tagOf("s3cret\\")}`],
    ['{"password":', '{"password":'],
    ['{"password"', '{"password"'],
    ['{"passw', '{"passw'],
    ['{"secret":{"a":"s3', `{"secret":"${tagOf('{"a":"s3')}"`],
    ['{"pin":12', `{"pin":"${tagOf("12")}"`],
    ['cret","x":{"password":"s3cret"}}', 'cret","x":{"password":"s3cret"}}'],
    ['{"a":"open,\n"password":"s3cret"}', `{"a":"open,\n"password":"${tag}"}`],
    ['{"a" b "password" : s3cret }', `{"a" b "password" : "${tag}" }`],
    ['{"password":"s3cret"}\n{"password":"s3cret"}', `{"password":"${tag}"}\n{"password":"${tag}"}`],
    ['[{"password"::"s3cret"', `[{"password":"${tagOf(':"s3cret"')}"`],
  ];
  for (const [text, wanted] of cases) assert.equal(redactedBody(undefined, text), wanted);
  assert.equal(json('cret","x":{"password":"s3cret"}}'), `cret","x":{"password":"${tag}"}}`);
});

Deno.test("JSON is found by its type or by its first character, and sent as a form too", () => {
  const tag = tagOf("s");
  for (
    const type of [
      undefined,
      "text/plain",
      "application/problem+json; charset=utf-8",
      "application/x-amz-json-1.1",
      "application/x-www-form-urlencoded",
    ]
  ) {
    assert.equal(redactedBody(type, ' {"pin":"s"}'), ` {"pin":"${tag}"}`, type);
  }
  assert.equal(redactedBody("application/json", ')]}\',\n{"pin":"s"}'), `)]}',\n{"pin":"${tag}"}`);
  assert.equal(redactedBody("image/png", '{"pin":"s"}'), '{"pin":"s"}');
  assert.equal(redactedBody("text/plain", 'x {"pin":"s"}'), 'x {"pin":"s"}');
});

Deno.test("UTF-16 is read too", () => {
  const wide = (text: string) => new Uint8Array(Uint16Array.from(text, (char) => char.charCodeAt(0)).buffer);
  const redacted = (bytes: Uint8Array) => redactedRequest(request([], bytes)).body.kept;
  for (const mark of ["", "\ufeff"]) {
    const bytes = wide(`${mark}{"é":"ü","pin":"ß"}`);
    const wanted = wide(`${mark}{"é":"ü","pin":"${tagOf("ß")}"}`);
    assert.deepEqual(redacted(bytes), wanted);
    const swap = (of: Uint8Array) => of.map((_, i) => of[i ^ 1]);
    assert.deepEqual(redacted(swap(bytes)), swap(wanted));
  }
});

Deno.test("event streams are read event by event, over their lines", () => {
  const tag = tagOf("s");
  assert.equal(
    redactedBody(
      "text/event-stream",
      'retry: 1\ndata: it"s\n\nid: "pin":"s"\ndata: {"pin":\r\ndata: "s",\r\ndata:"x":1}\r\n\r\ndata: 42{"pin":"s"}\n\ndata:{"pin":"s',
    ),
    `retry: 1\ndata: it"s\n\nid: "pin":"${tag}"\ndata: {"pin":\r\ndata: "${tag}",\r\ndata:"x":1}\r\n\r\ndata: 42{"pin":"${tag}"}\n\ndata:{"pin":"${tag}`,
  );
});

Deno.test("text messages of WebSocket and server-sent events are read, other frames are left alone", () => {
  const base = {
    type: "message",
    connection: exchange({}).connection,
    exchange: 1,
    at: 1,
    index: 1,
  } as const;
  const body = bodyOf('42["login",{"token":"s"}]');
  const text: MessageRecord = {
    ...base,
    direction: "up",
    protocol: "websocket",
    opcode: "text",
    frames: 1,
    body,
  };
  const redacted = redactor()(text) as MessageRecord & { redacted?: boolean };
  assert.equal(new TextDecoder().decode(redacted.body.kept), `42["login",{"token":"${tagOf("s")}"}]`);
  assert.equal(redacted.body.bytes, body.bytes);
  assert.equal(redacted.redacted, true);
  const event: MessageRecord = {
    ...base,
    direction: "down",
    protocol: "sse",
    event: "message",
    body: bodyOf("<pin>s</pin>"),
  };
  assert.equal(
    new TextDecoder().decode((redactor()(event) as MessageRecord).body.kept),
    `<pin>${tagOf("s")}</pin>`,
  );
  for (const opcode of ["binary", "ping", "pong", "reserved"] as const) {
    const other: MessageRecord = { ...text, opcode };
    assert.equal(redactor()(other), other);
  }
});

Deno.test("past a number of secrets in one body, its rest is one secret", () => {
  const items = Array.from({ length: SECRET_LIMIT + 5 }, (_, i) => `{"pin":"x${i}x"}`);
  const redacted = json(`[${items.join(",")}]`);
  assert.equal(redacted.split("[redacted:").length - 1, SECRET_LIMIT + 1);
  assert.ok(!redacted.includes("x"));
});
