/** Hostile bodies: time grows with the length alone, and nothing throws. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Field } from "../../src/http/head.ts";
import { redactedRequest, redactor, request } from "./redact_samples.ts";

/** A megabyte takes some 10 ms; quadratic work on it takes minutes. */
const LIMIT_MS = 3000;
const SIZE = 1_000_000;

const fill = (unit: string) => unit.repeat(Math.ceil(SIZE / unit.length));

const CASES: [type: string, unit: string, start?: string][] = [
  ["application/json", '{"a":'],
  ["application/json", '{"secret":', ""],
  ["application/json", "[", '{"secret":'],
  ["application/json", '"'],
  ["application/json", '"a":'],
  ["application/json", "\\", '{"pin":"'],
  ["application/json", '\\"', '{"'],
  ["application/json", " ", '{"pin"'],
  ["application/json", '"pin" :  '],
  ["application/json", "\\u00", '{"pin":"'],
  ["application/json", "a.", '{"'],
  ["text/xml", "<"],
  ["text/xml", "<a "],
  ["text/xml", "<pin>"],
  ["text/xml", "<pin "],
  ["text/xml", '<pin a="'],
  ["text/xml", "<pin a='>"],
  ["text/xml", "<!--"],
  ["text/xml", "<!-->"],
  ["text/xml", "<pin><!--"],
  ["text/xml", "<![CDATA["],
  ["text/xml", "<![CDATA[<pin><!--]]>"],
  ["text/xml", "<!--<pin><![CDATA[-->"],
  ["text/xml", "&", "<pin>"],
  ["text/xml", "&#x", "<pin>"],
  ["text/xml", "<a b", "<pin>"],
  ["text/xml", "</", "<pin>"],
  ["text/xml", "]]", "<pin><![CDATA["],
  ["text/xml", ">", "<!--"],
  ["text/xml", "a=", "<a "],
  ["text/xml", '"', "<a "],
  ["application/x-www-form-urlencoded", "="],
  ["application/x-www-form-urlencoded", "&;"],
  ["application/x-www-form-urlencoded", "pin=&"],
  ["application/x-www-form-urlencoded", "%", "pin="],
  ["application/x-www-form-urlencoded", "a[", ""],
  ["multipart/form-data; boundary=b", "--b\n"],
  ["multipart/form-data; boundary=b", "--b\n\n<!--\n"],
  ["multipart/form-data; boundary=b", "--b\n\n<pin><![CDATA[\n"],
  ["multipart/form-data; boundary=b", "--b\nContent-Type: multipart/x; boundary=c\n\n--c\n"],
  ["multipart/form-data; boundary=b", ' a="\\', "--b\nContent-Disposition: x;"],
  ["multipart/form-data; boundary=b", ' a="\\"', "--b\nContent-Disposition: x;"],
  ["multipart/form-data; boundary=b", ";=", "--b\nContent-Disposition: x"],
  ["multipart/form-data", "--\n"],
  ["text/event-stream", "\n"],
  ["text/event-stream", "data:\n\n"],
  ["text/event-stream", 'data:"pin":\n'],
  ["text/event-stream", "data:<!--\n\n"],
  ["text/event-stream", "id:pin=\n"],
  ["text/event-stream", "event: a:b=c\n"],
  ["text/event-stream", "pin= ", "id:"],
  ["text/event-stream", "pin: ", "event:"],
  ["text/event-stream", "pin=a&", "id:"],
  ["text/event-stream", "?//@", "id:"],
  ["text/event-stream", "({[", "id:"],
];

for (const [type, unit, start = ""] of CASES) {
  Deno.test(`a megabyte of ${JSON.stringify(unit)} after ${JSON.stringify(start)} as ${type} is read at once`, () => {
    const body = start + fill(unit);
    const begin = performance.now();
    redactedRequest(request([["Content-Type", type]], body));
    const tookMs = performance.now() - begin;
    assert.ok(tookMs < LIMIT_MS, `took ${tookMs} ms`);
  });
}

Deno.test("a megabyte of events, each with a different secret in its name, is read at once", () => {
  let body = "";
  for (let i = 0; body.length < SIZE; i++) body += `event:pin=${i}\n`;
  const begin = performance.now();
  const { kept } = redactedRequest(request([["Content-Type", "text/event-stream"]], body)).body;
  assert.ok(performance.now() - begin < LIMIT_MS);
  assert.doesNotMatch(new TextDecoder().decode(kept), /pin=\d/);
});

Deno.test("a megabyte of secrets, each a different one, is read at once", () => {
  let body = "";
  for (let i = 0; body.length < SIZE; i++) body += `pin=${i}&`;
  const begin = performance.now();
  redactedRequest(request([["Content-Type", "application/x-www-form-urlencoded"]], body));
  assert.ok(performance.now() - begin < LIMIT_MS);
});

Deno.test("long targets and fields are read at once", () => {
  for (const unit of ["://", "?a=", "a://b@", "/", ";=", "pin=&", "@", '="', " ://<"]) {
    const text = fill(unit).slice(0, 200_000);
    const begin = performance.now();
    const fields: Field[] = [["Referer", text], ["Link", text], ["Cookie", text], ["Authorization", text], [
      text,
      "",
    ]];
    redactedRequest(request(fields, "", text));
    assert.ok(performance.now() - begin < LIMIT_MS, unit);
  }
});

Deno.test("no bytes at all throw, whatever type they claim", () => {
  const types = CASES.map(([type]) => type);
  const redact = redactor();
  const pieces = fc.constantFrom(
    ...'{ } [ ] " : , \\ \\u00 < > </ <pin> </pin> pin "pin" = & ; % -- --b \n \r\n data: <!-- --> <![CDATA[ ]]> /> \' é \0'
      .split(" "),
  );
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.array(pieces), fc.uint8Array(), (type, parts, bytes) => {
      for (const body of [parts.join(""), bytes, `\xff\xfe${parts.join("\0")}`]) {
        const redacted = redactedRequest(request([["Content-Type", type]], body), redact);
        const again = redactedRequest(redacted, redact);
        assert.ok(again.body.kept instanceof Uint8Array);
      }
    }),
  );
});
