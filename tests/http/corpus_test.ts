/** Every wire case becomes what it must, whole, byte by byte, and cut at every offset. */
import assert from "node:assert/strict";
import type { Becomes, Case } from "./corpus/case.ts";
import { CHUNKED } from "./corpus/chunked.ts";
import { FRAMING } from "./corpus/framing.ts";
import { NOT_HTTP } from "./corpus/not_http.ts";
import { ODD } from "./corpus/odd.ts";
import { RFC9112 } from "./corpus/rfc9112.ts";
import { RTSP_AND_ICE } from "./corpus/rtsp_ice.ts";
import { SMUGGLING } from "./corpus/smuggling.ts";
import { TRUNCATIONS } from "./corpus/truncations.ts";
import { VALID_REQUESTS } from "./corpus/valid_requests.ts";
import { VALID_RESPONSES } from "./corpus/valid_responses.ts";
import { bytesOf, cutAt, latin1, read, type Seen } from "./events.ts";

const GROUPS: Record<string, readonly Case[]> = {
  "valid requests": VALID_REQUESTS,
  "valid responses": VALID_RESPONSES,
  "framing": FRAMING,
  "chunked": CHUNKED,
  "odd but readable": ODD,
  "smuggling": SMUGGLING,
  "truncations": TRUNCATIONS,
  "not HTTP": NOT_HTTP,
  "RTSP and ICE": RTSP_AND_ICE,
  "RFC 9112": RFC9112,
};

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
