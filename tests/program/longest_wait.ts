/** How long others wait for their turn while something is done. */

/** How long something took, and how long a timer that was due had to wait at most meanwhile. */
export async function longestWait(
  work: () => Promise<unknown>,
): Promise<{ readonly totalMs: number; readonly longestMs: number }> {
  const startedAt = performance.now();
  let lastAt = startedAt;
  let longestMs = 0;
  const look = () => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - lastAt);
    lastAt = now;
  };
  const timer = setInterval(look, 1);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  look();
  return { totalMs: performance.now() - startedAt, longestMs };
}
