/** Handshakes end: by themselves, by a time-out, or by a signal. */

/** When work on a connection is given up. */
export interface Deadline {
  /** After so long; 0 for never. */
  readonly timeoutMs: number;
  /** When this is aborted. */
  readonly signal: AbortSignal;
}

/**
 * Waits for `work` no longer than the deadline.
 *
 * @param stop Ends the work; called once, where the deadline comes first. It closes what was being worked on.
 * @throws What `work` throws, the signal's reason, or an `Error` that names the time-out.
 */
export async function withDeadline<T>(work: Promise<T>, stop: () => void, deadline: Deadline): Promise<T> {
  const { timeoutMs, signal } = deadline;
  const cut = Promise.withResolvers<never>();
  const giveUp = (reason: unknown) => {
    cut.reject(reason);
    stop();
  };
  const aborted = () => giveUp(signal.reason);
  const timer = timeoutMs > 0
    ? setTimeout(() => giveUp(new Error(`the TLS handshake was not done within ${timeoutMs} ms`)), timeoutMs)
    : undefined;
  signal.addEventListener("abort", aborted);
  if (signal.aborted) aborted();
  try {
    return await Promise.race([work, cut.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", aborted);
    // Where the deadline came first, nobody waits for the work any more.
    work.catch(() => {});
  }
}
