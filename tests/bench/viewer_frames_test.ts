import assert from "node:assert/strict";
import { smoothnessOf, smoothnessText } from "./viewer_frames.ts";

Deno.test("frames over 50 ms are counted, and the longest is told", () => {
  const found = smoothnessOf([16, 50, 51, 17, 140]);
  assert.deepEqual(found, { frames: 5, jerks: 2, jerkShare: 0.4, longestMs: 140 });
  assert.equal(smoothnessText(found), "2 of 5 frames over 50 ms, longest 140 ms");
});

Deno.test("a page that drew nothing has no longest frame", () => {
  const { frames, jerkShare, longestMs } = smoothnessOf([]);
  assert.equal(frames, 0);
  assert.ok(Number.isNaN(jerkShare));
  assert.ok(Number.isNaN(longestMs));
});
