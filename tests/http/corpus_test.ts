/** Every wire case becomes what it must, whole, byte by byte, and cut at every offset. */
import assert from "node:assert/strict";
import type { Becomes } from "./corpus/case.ts";
import { GROUPS } from "./corpus/all.ts";
import { bytesOf, cutAt, latin1, read, type Seen } from "./events.ts";

/** What was seen, in the terms of a case. */
function told(seen: readonly Seen[]): Required<Becomes>[] {
  return seen.map(({ start, fields, flags, body, trailers, state, reason, exact }) => ({
    start,
    fields,
    // In which order oddities of one message are found is nobody's business.
    flags: [...flags].sort(),
    body,
    trailers,
    state: state === "cut" ? "cut" : "end",
    reason: reason === "" ? "not-http" : reason,
    exact,
  }));
}

function wanted(becomes: readonly Becomes[]): Required<Becomes>[] {
  return becomes.map((one) => ({
    start: one.start,
    fields: one.fields ?? [],
    flags: [...one.flags ?? []].sort(),
    body: one.body ?? "",
    trailers: one.trailers ?? [],
    state: one.state ?? "end",
    reason: one.reason ?? "not-http",
    exact: one.exact ?? true,
  }));
}

for (const [group, cases] of Object.entries(GROUPS)) {
  for (const { name, kind, head, wire, becomes } of cases) {
    Deno.test(`${group}: ${name}`, () => {
      const bytes = bytesOf(wire);
      const want = wanted(becomes);
      const whole = read([bytes], { kind, head });
      assert.deepEqual(told(whole.seen), want, "whole");
      assert.deepEqual(
        read(Array.from(bytes, (byte) => Uint8Array.of(byte)), { kind, head }),
        whole,
        "by byte",
      );
      for (let at = 0; at <= bytes.length; at++) {
        assert.deepEqual(read(cutAt(bytes, [at]), { kind, head }), whole, `cut at ${at}`);
      }
      for (const { exact, raw, start, fields, state } of whole.seen) {
        if (state === "stream") continue;
        const written = latin1(new TextEncoder().encode([start, ...fields, "", ""].join("\r\n")));
        assert.equal(written === raw, exact, `${start} is exact where its parts give its bytes`);
      }
    });
  }
}

Deno.test("the corpus is as large as it says, and no two cases are the same", () => {
  const all = Object.values(GROUPS).flat();
  assert.ok(all.length >= 170, `${all.length} cases`);
  const names = Object.entries(GROUPS).flatMap(([group, cases]) =>
    cases.map(({ name }) => `${group}: ${name}`)
  );
  assert.equal(new Set(names).size, names.length);
  assert.equal(new Set(all.map(({ kind, head, wire }) => `${kind}${head}${wire}`)).size, all.length);
});
