/** What is read out of a message: pairs, rewritten fields, raw text, tokens, timings, words. */
import assert from "node:assert/strict";
import { canUnfold, unfold } from "../../../../src/ui/client/exchange/body/unfold.ts";
import { markedPieces, markerOf, NO_MARKS } from "../../../../src/ui/client/exchange/marks.ts";
import { fieldRows } from "../../../../src/ui/client/exchange/message/field_rows.ts";
import {
  cookiePairs,
  formPairs,
  queryPairs,
  setCookiePairs,
} from "../../../../src/ui/client/exchange/message/pairs.ts";
import { rawText } from "../../../../src/ui/client/exchange/message/raw_text.ts";
import { visibleRuns } from "../../../../src/ui/client/exchange/runs.ts";
import { momentOf } from "../../../../src/ui/client/exchange/timeline/moment.ts";
import { segmentsOf } from "../../../../src/ui/client/exchange/timings.ts";
import { exactSizeText, numberText, spanText } from "../../../../src/ui/client/exchange/units.ts";
import { faultSentence, FLAG_WORDS, wordsFor } from "../../../../src/ui/client/exchange/words.ts";

/** Header `{"alg":"none"}`, claims `{"sub":"1","iat":1700000000,"exp":1700003600}`, no signature. */
const JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDM2MDB9.";

Deno.test("query and form are read as pairs; what is badly encoded stands as it is", () => {
  assert.deepEqual(queryPairs("/a?x=1%20+2&y&=z&%ff=%&&x=3#f?g=1"), [
    { name: "x", value: "1  2" },
    { name: "y", value: "" },
    { name: "", value: "z" },
    { name: "%ff", value: "%" },
    { name: "x", value: "3" },
  ]);
  assert.deepEqual(queryPairs("/a"), []);
  assert.deepEqual(formPairs("a=b%3D"), [{ name: "a", value: "b=" }]);
});

Deno.test("cookies are read out of all their fields, with the attributes of those that are set", () => {
  assert.deepEqual(cookiePairs([["cookie", "a=1; b=x=y"], ["Cookie", "c"], ["X", "d=4"]]), [
    { name: "a", value: "1" },
    { name: "b", value: "x=y" },
    { name: "c", value: "" },
  ]);
  assert.deepEqual(setCookiePairs([["Set-Cookie", "id=7; Path=/; HttpOnly"]]), [
    { name: "id", value: "7", note: "Path=/; HttpOnly" },
  ]);
});

Deno.test("fields that tcpmon changed say what was sent on", () => {
  const rows = fieldRows([["host", "a"], ["X", "1"], ["Host", "b"], ["Via", "c"]], [["Host", "target"], [
    "Y",
    "2",
  ]]);
  assert.deepEqual(rows, [
    { name: "host", value: "a", sentOn: ["target"] },
    { name: "X", value: "1" },
    { name: "Host", value: "b", sentOn: [] },
    { name: "Via", value: "c" },
    { name: "Y", sentOn: ["2"] },
  ]);
});

Deno.test("a message is copied as it came, and what is missing is said", () => {
  const base = { version: "HTTP/1.1", headers: [["A", "1"], ["A", "2"]] as const };
  const request = { ...base, method: "PUT", target: "/x", body: { bytes: 2, text: "é" } };
  assert.deepEqual(rawText(request), { text: "PUT /x HTTP/1.1\r\nA: 1\r\nA: 2\r\n\r\né" });
  const response = {
    ...base,
    status: 99,
    reason: "OK",
    head: btoa("odd\n\n"),
    body: { bytes: 3, base64: "AAAA" },
  };
  assert.deepEqual(rawText(response), { text: "odd\n\n", missing: "the body, which is no text" });
  const cut = rawText({ ...request, body: { bytes: 9, text: "é", truncated: true } });
  assert.match(cut.missing!, /does not have/);
});

Deno.test("a JSON Web Token is taken apart, wherever it stands", () => {
  for (const text of [JWT, `Bearer ${JWT}`, `{"token":"${JWT}"}`, ` session=${JWT}; x=y`]) {
    const found = unfold(text);
    assert.ok(found?.kind === "jwt", text);
    assert.equal(found.header, '{"alg":"none"}');
    assert.equal(found.signatureBytes, 0);
    assert.deepEqual(found.times, [{ claim: "iat", at: 1_700_000_000 }, { claim: "exp", at: 1_700_003_600 }]);
    assert.ok(canUnfold(text));
  }
  const hostile = `${btoa('{"alg":1}').replaceAll("=", "")}.${
    btoa('{"exp":1e300,"iat":"x"}').replaceAll("=", "")
  }.`;
  const found = unfold(hostile);
  assert.ok(found?.kind === "jwt");
  assert.deepEqual(found.times, []);
});

Deno.test("base64 is unfolded, of either alphabet and with line breaks; words are not", () => {
  assert.deepEqual(unfold("Basic dXNlcjpwYXNz"), {
    kind: "base64",
    bytes: new TextEncoder().encode("user:pass"),
    text: "user:pass",
  });
  assert.equal(unfold("aGVsbG8g\r\nd29ybGQ=")?.kind, "base64");
  assert.deepEqual(unfold("_____-__"), {
    kind: "base64",
    bytes: Uint8Array.of(255, 255, 255, 255, 239, 255),
  });
  for (const no of ["", "short", "two words here", "eyJx.y.z!"]) assert.equal(unfold(no), undefined, no);
  assert.ok(canUnfold("Basic dXNlcjpwYXNz"));
  assert.ok(canUnfold("dXNlcjpwYXNzd29yZDE="));
  for (const no of ["keep-alive", "application/json", "gzip, deflate", "internationalization", "*/*"]) {
    assert.ok(!canUnfold(no), no);
  }
});

Deno.test("hits are marked in any case, the longest first, across the pieces of a line", () => {
  const marker = markerOf(["b.c", "b", "É"]);
  const hits = marker("aB.Cbé");
  assert.deepEqual(hits, [[1, 4], [4, 5], [5, 6]]);
  assert.deepEqual(markedPieces("aB", 0, hits), [{ text: "a", isHit: false }, { text: "B", isHit: true }]);
  assert.deepEqual(markedPieces(".Cx", 2, hits.slice(0, 1)), [{ text: ".C", isHit: true }, {
    text: "x",
    isHit: false,
  }]);
  assert.deepEqual(NO_MARKS("abc"), []);
  assert.deepEqual(markerOf(["", "a{"])("xa{"), [[1, 3]]);
});

Deno.test("controls and bidirectional characters are written out, and told from text that reads the same", () => {
  assert.deepEqual(visibleRuns("a\t\x1b[1m\u202eb\\x1b"), [
    { text: "a\t", isEscape: false },
    { text: "\\x1b", isEscape: true },
    { text: "[1m", isEscape: false },
    { text: "\\u{202e}", isEscape: true },
    { text: "b\\x1b", isEscape: false },
  ]);
  assert.deepEqual(visibleRuns(""), []);
});

Deno.test("the steps of an exchange stand one after the other; the handshake is a part of connecting", () => {
  const segments = segmentsOf({ connect: 6, tls: 4, send: 1, wait: 10, receive: 3, total: 20 });
  assert.deepEqual(segments.map(({ step, ms }) => [step, ms]), [
    ...[["connect", 2], ["tls", 4], ["send", 1], ["wait", 10], ["receive", 3]],
  ]);
  assert.equal(segments.reduce((sum, { share }) => sum + share, 0), 1);
  assert.deepEqual(segmentsOf({ total: 5 }), []);
  assert.deepEqual(segmentsOf({ wait: 0, total: 0 }).map(({ share }) => share), [0]);
});

Deno.test("each flag has a sentence, and a name that is not known stands for itself", () => {
  for (const sentence of Object.values(FLAG_WORDS)) assert.match(sentence, /^[A-Zt].{20,}\.$/);
  assert.equal(wordsFor(FLAG_WORDS, "flag-of-a-newer-version"), "flag-of-a-newer-version");
  assert.equal(wordsFor(FLAG_WORDS, "constructor"), "constructor");
  assert.equal(
    faultSentence({ fault: "reset", direction: "down", offset: 1234, seed: 42 }),
    "The simulated link reset the connection at byte 1234 of the response’s way: fault reset, seed 42.",
  );
});

Deno.test("moments of a stream say what they are", () => {
  const origin = { connection: 1, listener: "l", client: "c", target: "t", time: "2026-11-20T10:31:06.123Z" };
  const close = momentOf({
    ...origin,
    type: "message",
    protocol: "websocket",
    direction: "up",
    index: 2,
    opcode: "close",
    frames: 1,
    closeCode: 1000,
    bytes: 5,
    text: "a\n b",
  });
  assert.deepEqual([close.kind, close.details, close.preview], ["close", ["5 B", "code 1000"], "a b"]);
  const event = momentOf({
    ...origin,
    type: "message",
    protocol: "sse",
    direction: "down",
    index: 1,
    event: "tick",
    lastEventId: "7",
    retry: 3,
    bytes: 2000,
    text: "x".repeat(2000),
  });
  assert.deepEqual([event.kind, event.details], ["tick", ["2.0 KiB", "id 7", "retry 3 ms"]]);
  assert.equal(event.preview.length, 161);
  const data = momentOf({ ...origin, type: "data", direction: "up", offset: 9, bytes: 1, base64: "AA==" });
  assert.deepEqual([data.kind, data.details, data.preview], ["bytes", ["1 B", "at 9"], "00"]);
});

Deno.test("figures are written for people", () => {
  assert.equal(exactSizeText(1023), "1023 B");
  assert.equal(exactSizeText(4301), "4.2 KiB (4,301 bytes)");
  assert.equal(numberText(1234567), "1,234,567");
  assert.equal(spanText(-90), "1 minute");
  assert.equal(spanText(7200), "2 hours");
  assert.equal(spanText(0.4), "0 seconds");
});
