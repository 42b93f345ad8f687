/** How smoothly a page draws: the time from each of its frames to the next, taken by the page itself. */

import type { Page } from "playwright-core";

/** A frame that takes longer is seen as a jerk: three of 60 a second are left out. */
export const JERK_MS = 50;

/** How a page drew over a time. */
export interface Smoothness {
  /** Frames that were drawn. */
  readonly frames: number;
  /** Those that took longer than {@link JERK_MS}. */
  readonly jerks: number;
  /** `jerks / frames`; `NaN` for no frames. */
  readonly jerkShare: number;
  /** The longest frame, ms; `NaN` for no frames. */
  readonly longestMs: number;
}

/** What the times between frames, in ms, say. */
export function smoothnessOf(framesMs: readonly number[]): Smoothness {
  const jerks = framesMs.filter((ms) => ms > JERK_MS).length;
  return {
    frames: framesMs.length,
    jerks,
    jerkShare: jerks / framesMs.length,
    longestMs: framesMs.reduce((longest, ms) => Math.max(longest, ms), framesMs.length === 0 ? NaN : 0),
  };
}

/** In words, such as `2 of 412 frames over 50 ms, longest 61 ms`. */
export function smoothnessText({ frames, jerks, longestMs }: Smoothness): string {
  return `${jerks} of ${frames} frames over ${JERK_MS} ms, longest ${longestMs.toFixed(0)} ms`;
}

/** The page's recorder; it also sees whether the page says that it samples. */
const RECORDER = `(() => {
  const framesMs = [];
  let last, handle, saysSampled = false;
  const draw = (now) => {
    if (last !== undefined) framesMs.push(now - last);
    last = now;
    saysSampled ||= document.querySelector(".counts")?.textContent.includes("sampled") === true;
    handle = requestAnimationFrame(draw);
  };
  handle = requestAnimationFrame(draw);
  window.benchFrames = () => (cancelAnimationFrame(handle), { framesMs, saysSampled });
})()`;

/** What a page drew while something was done. */
export interface Drawn extends Smoothness {
  /** Whether the page said at any time that it shows a part of what comes in. */
  readonly saysSampled: boolean;
}

/** Records the frames of a page while `act` runs. */
export async function drawnDuring(page: Page, act: () => Promise<void>): Promise<Drawn> {
  await page.evaluate(RECORDER);
  await act();
  const { framesMs, saysSampled } = await page.evaluate("benchFrames()") as {
    readonly framesMs: readonly number[];
    readonly saysSampled: boolean;
  };
  return { ...smoothnessOf(framesMs), saysSampled };
}
