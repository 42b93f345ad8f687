import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { gramsOf, SignatureBuilder, signatureSql } from "../../src/store/signature.ts";
import { anyText } from "../any_text.ts";

const encoder = new TextEncoder();

function mayHold(db: DatabaseSync, bits: Uint8Array, grams: readonly number[]): boolean {
  const { sql, parameters } = signatureSql(grams);
  return db.prepare(`SELECT ${sql} AS found FROM (SELECT ? AS bits)`).get(...parameters, bits)?.found === 1;
}

Deno.test("what is in a text is never denied, whatever its letter case", () => {
  const db = new DatabaseSync(":memory:");
  const builder = new SignatureBuilder();
  fc.assert(
    fc.property(
      fc.array(anyText({ maxLength: 300 })),
      fc.nat(),
      fc.nat(20),
      (texts, from, length) => {
        for (const text of texts) builder.add(encoder.encode(JSON.stringify(text)));
        const bits = builder.take();
        for (const text of texts) {
          const start = from % (text.length + 1);
          const part = text.slice(start, start + length);
          if (/[^\x20-\x7e]/.test(part)) continue;
          for (const wanted of [part, part.toUpperCase()]) {
            const grams = gramsOf(wanted);
            if (grams.length > 0) assert.ok(mayHold(db, bits, grams), wanted);
          }
        }
      },
    ),
  );
  db.close();
});

Deno.test("what is not in a text is denied nearly always", () => {
  const db = new DatabaseSync(":memory:");
  const builder = new SignatureBuilder();
  for (let i = 0; i < 128; i++) {
    builder.add(
      encoder.encode(`{"target":"/stock/${i * 7919}","order":"${(i * 2654435761 >>> 0).toString(36)}"}`),
    );
  }
  const bits = builder.take();
  assert.ok(bits.length <= 4096, String(bits.length));
  let found = 0;
  for (let i = 0; i < 1000; i++) {
    if (mayHold(db, bits, gramsOf(`needle${(i * 40503 >>> 0).toString(36)}x`))) found++;
  }
  assert.ok(found < 5, String(found));
  db.close();
});

Deno.test("short texts and texts beyond ASCII have nothing to look for", () => {
  for (const text of ["", "abc", "äöü", "a日b本c"]) assert.deepEqual(gramsOf(text), []);
  assert.equal(gramsOf("abcd").length, 1);
  assert.ok(gramsOf("日本 text 日本").length > 0);
});
