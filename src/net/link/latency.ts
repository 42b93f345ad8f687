/** `--latency` and `--jitter`: how long a piece is on its way, one way. */

/**
 * Ms from sending to arrival. Jitter is spread evenly, either way; order is kept by whoever asks.
 *
 * @param draw From 0 up to but not 1.
 */
export function latencyOf(
  rules: { readonly latencyMs: number; readonly jitterMs: number },
  draw: () => number,
): number {
  if (rules.jitterMs === 0) return rules.latencyMs;
  return Math.max(0, rules.latencyMs + (2 * draw() - 1) * rules.jitterMs);
}
