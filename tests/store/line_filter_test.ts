import assert from "node:assert/strict";
import fc from "fast-check";
import { recordFilter } from "../../src/capture/filter/record_filter.ts";
import { parseExpression } from "../../src/capture/filter/syntax.ts";
import { createJsonFormat } from "../../src/log/json.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { lineFilter } from "../../src/store/line_filter.ts";
import type { Record } from "../../src/capture/record.ts";
import { anyText } from "../any_text.ts";
import { data, exchange, lost, request, response } from "../capture/filter_samples.ts";

const LIMIT_BYTES = 65536;

function lowerLine(record: Record): string {
  const out = new ByteWriter();
  createJsonFormat({ limitBytes: LIMIT_BYTES })(record, out);
  return Array.from(out.view(), (byte) => String.fromCharCode(byte)).join("").toLowerCase();
}

Deno.test("no line is denied whose record passes, whatever is in it and whatever is looked for", () => {
  fc.assert(
    fc.property(
      anyText({ maxLength: 60 }),
      fc.constantFrom("", "body:", "path:", "url:", "type:exchange ", "-body:"),
      fc.nat(),
      fc.nat(6),
      (text, key, from, length) => {
        const record = exchange({
          request: request(`GET /${encodeURIComponent(text.toWellFormed())}`),
          response: response(200, [["X-Text", text.replaceAll(/[\r\n]/g, " ")]], text),
        });
        const start = from % (text.length + 1);
        const part = text.slice(start, start + length + 1);
        const filter = `${key}${JSON.stringify(part)}`;
        let passes: boolean;
        try {
          passes = recordFilter(filter, LIMIT_BYTES)(record);
        } catch {
          return;
        }
        const mayBe = lineFilter(parseExpression(filter));
        if (passes) assert.ok(mayBe === undefined || mayBe(lowerLine(record)), filter);
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("a line tells what is not in its record", () => {
  const line = lowerLine(exchange({ response: response(200, [], "Some text") }));
  for (
    const [filter, wanted] of [["text", true], ["tExT some", true], ["text nowhere", false], [
      "zq",
      false,
    ]] as const
  ) {
    assert.equal(lineFilter(parseExpression(filter))!(line), wanted, filter);
  }
  for (const filter of ["", "status:200", "-zq", "zq | text", "body:a,b"]) {
    assert.equal(lineFilter(parseExpression(filter)), undefined, filter);
  }
});

Deno.test("lines that hide a body, or pass every filter, are never denied", () => {
  const mayBe = lineFilter(parseExpression("nowhere"))!;
  assert.ok(mayBe(lowerLine(lost)));
  assert.ok(mayBe(lowerLine({ ...data, body: { bytes: 2, kept: Uint8Array.of(0xff, 0xfe) } })));
});
