/**
 * Links by name.
 *
 * Figures of `3g`, `3gslow`, `edge` and `4g` are those of the usual throttling tools of web testing; `dsl` is an ADSL line
 * of 1.5 Mbit/s with the interleaving delay of such lines; `satellite` is a geostationary one: 558 ms there and back is
 * what RFC 2488 §2 gives for the way of the signal alone, rounded up for what the ground adds, at the rates of consumer
 * plans. Each direction has half of the round trip.
 */

/** A link by name. */
export interface Preset {
  /** Bits a second from target to client. */
  readonly downBitsPerSecond: number;
  /** Bits a second from client to target. */
  readonly upBitsPerSecond: number;
  /** There and back, ms. */
  readonly roundTripMs: number;
}

const KILOBIT = 1_000;

function preset(downKilobits: number, upKilobits: number, roundTripMs: number): Preset {
  return { downBitsPerSecond: downKilobits * KILOBIT, upBitsPerSecond: upKilobits * KILOBIT, roundTripMs };
}

/** The links that `--link` knows. */
export const PRESETS: ReadonlyMap<string, Preset> = new Map([
  ["3g", preset(1_600, 768, 150)],
  ["3gslow", preset(400, 400, 200)],
  ["edge", preset(240, 200, 35)],
  ["4g", preset(9_000, 9_000, 85)],
  ["dsl", preset(1_500, 384, 50)],
  ["satellite", preset(12_000, 3_000, 600)],
]);
