/** The kinds of link that there are, as the viewer offers them. */
import { PRESETS } from "../net/link/presets.ts";
import type { ViewerState } from "../ui/api.ts";

const KILOBIT = 1_000;
const MEGABIT = 1_000_000;

/** Their names, with their figures in words: `1.6 Mbit/s down, 768 kbit/s up, 150 ms there and back`. */
export function linkPresets(): ViewerState["linkPresets"] {
  return [...PRESETS].map(([name, { downBitsPerSecond, upBitsPerSecond, roundTripMs }]) => ({
    name,
    help: `${rateText(downBitsPerSecond)} down, ${rateText(upBitsPerSecond)} up, ` +
      `${roundTripMs} ms there and back`,
  }));
}

function rateText(bitsPerSecond: number): string {
  return bitsPerSecond < MEGABIT ? `${bitsPerSecond / KILOBIT} kbit/s` : `${bitsPerSecond / MEGABIT} Mbit/s`;
}
