/**
 * One direction of a connection: read → write → tap.
 *
 * Bytes go on before they are looked at. The write is begun, then the tap looks at the buffer while the kernel has it,
 * then the write is awaited; nothing but the peer is waited for.
 */
import type { Clock } from "../capture/clock.ts";
import type { Rewritten } from "../capture/connection_capture.ts";
import type { RequestRewriter } from "../http/request_rewriter.ts";
import { joined } from "../http/joined.ts";
import { type Connection, type Outlet, ReadBuffer } from "./connection.ts";

/** Longer than it takes TCP to send a lost segment again (RFC 6298 §2.1: 1 s at first). */
const START_LINE_MS = 2_000;

/** A head and its body go out in one write up to this size: a copy is cheaper than a second write. */
const JOINED_LIMIT_BYTES = 16 * 1024;

/** Looks at the bytes of one direction. Chunks are borrowed until the call returns. */
export interface Tap {
  /** The chunk was read and is being sent on; `rewritten` says what became of its heads, where any were replaced. */
  passed(chunk: Uint8Array, readAt: number, sentAt: number, rewritten?: Rewritten): void;
  /** The reading side has ended. */
  ended(at: number): void;
}

/** How a direction ended: at the end of its input, or by an error of the one or the other side. */
export type CopyEnd =
  | { readonly kind: "ended" }
  | { readonly kind: "read-failed" | "write-failed"; readonly error: unknown };

/** Where the times of what passes come from: of {@link Clock}. */
export type Times = Pick<Clock, "now" | "turn">;

/** Counts of bytes that others can read while they change, and when something was read last (monotonic ms). */
export interface Progress {
  /** How many were read. */
  bytes: number;
  /** How many of them were sent on. */
  sentBytes: number;
  /** When bytes passed last, monotonic ms. */
  activeAt: number;
}

/**
 * Copies from `from` to `to` until `from` ends, then passes the end on (half-close). Never throws.
 *
 * @param times The monotonic clock, ms.
 */
export async function copy(
  from: Connection,
  to: Outlet,
  tap: Tap,
  progress: Progress,
  { now, turn }: Times,
): Promise<CopyEnd> {
  const buffer = new ReadBuffer();
  for (;;) {
    let read: number | null;
    try {
      read = await from.read(buffer.bytes);
    } catch (error) {
      return { kind: "read-failed", error };
    }
    const readAt = turn();
    if (read === null) break;
    progress.bytes += read;
    progress.activeAt = readAt;
    const chunk = buffer.bytes.subarray(0, read);
    try {
      const writing = to.write(chunk);
      tap.passed(chunk, readAt, now());
      const written = await writing;
      if (written < read) await writeRest(to, chunk, written, progress, now);
      progress.sentBytes += read;
    } catch (error) {
      return { kind: "write-failed", error };
    }
    buffer.fit(read);
  }
  tap.ended(now());
  try {
    await to.closeWrite();
  } catch (error) {
    return { kind: "write-failed", error };
  }
  return { kind: "ended" };
}

/** What replaces the heads of one direction, and waits where it has to. */
export interface Rewriting {
  /** Makes the pieces to send of what was read. */
  readonly rewriter: RequestRewriter;
  /**
   * Resolves once the rewriter takes bytes again, or with `over` where nothing more is to be read: the last answer was
   * given; rejects where an answer cannot be given to whom `from` leads to.
   */
  readonly ready: () => Promise<void | "over">;
}

/** How such a direction ended: as others do, or because the last answer to it was given here. */
export type RewrittenEnd = CopyEnd | { readonly kind: "answered" };

/**
 * As {@link copy}, with the heads of requests replaced on their way.
 *
 * @param startLineMs For so long without a byte, what may be the start line of a request waits for the rest of it.
 */
export async function copyRewritten(
  from: Connection,
  to: Outlet,
  { rewriter, ready }: Rewriting,
  tap: Tap,
  progress: Progress,
  { now, turn }: Times,
  startLineMs = START_LINE_MS,
): Promise<RewrittenEnd> {
  const buffer = new ReadBuffer();
  for (;;) {
    let read: number | null;
    try {
      const reading = from.read(buffer.bytes);
      if (rewriter.holdsStartLine) await sendOnSilence(reading, startLineMs, to, rewriter, progress, now);
      read = await reading;
    } catch (error) {
      return { kind: "read-failed", error };
    }
    const readAt = turn();
    if (read === null) break;
    progress.bytes += read;
    progress.activeAt = readAt;
    try {
      for (let at = 0; at < read;) {
        const chunk = buffer.bytes.subarray(at, read);
        const taken = rewriter.push(chunk);
        const passed = taken < chunk.length ? chunk.subarray(0, taken) : chunk;
        const writing = writePieces(to, rewriter.pieces, progress, now);
        if (taken > 0) tap.passed(passed, readAt, now(), rewriter.rewritten);
        await writing;
        at += taken;
        progress.sentBytes += taken;
        if (at === read && rewriter.mustAnswer === undefined) break;
        const end = await ready().then(
          (over): RewrittenEnd | undefined => over === undefined ? undefined : { kind: "answered" },
          // What fails there is answering: it is the side that is read from that takes no more.
          (error): RewrittenEnd => ({ kind: "read-failed", error }),
        );
        if (end !== undefined) return end;
      }
    } catch (error) {
      return { kind: "write-failed", error };
    }
    buffer.fit(read);
  }
  tap.ended(now());
  try {
    rewriter.close();
    await writePieces(to, rewriter.pieces, progress, now);
    await to.closeWrite();
  } catch (error) {
    return { kind: "write-failed", error };
  }
  return { kind: "ended" };
}

/** While nothing is read for a while, what may be a start line is sent on. Resolves when something was read. */
async function sendOnSilence(
  reading: Promise<unknown>,
  silenceMs: number,
  to: Outlet,
  rewriter: RequestRewriter,
  progress: Progress,
  now: () => number,
): Promise<void> {
  let sending: Promise<void> | undefined;
  const timer = setTimeout(() => {
    rewriter.releaseStartLine();
    // Where that fails, so does the next write, which tells.
    sending = writePieces(to, rewriter.pieces, progress, now)?.catch(() => {});
  }, silenceMs);
  try {
    await reading;
  } finally {
    clearTimeout(timer);
  }
  await sending;
}

/** Writes the pieces in order; the first write has begun when it returns. */
export function writePieces(
  to: Outlet,
  pieces: readonly Uint8Array[],
  progress: Progress,
  now: () => number,
): Promise<void> | undefined {
  if (pieces.length === 0) return undefined;
  if (pieces.length === 1) return writeRest(to, pieces[0], 0, progress, now);
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (bytes <= JOINED_LIMIT_BYTES) return writeRest(to, joined(pieces), 0, progress, now);
  return writeEach(to, [...pieces], progress, now);
}

async function writeEach(
  to: Outlet,
  pieces: readonly Uint8Array[],
  progress: Progress,
  now: () => number,
): Promise<void> {
  for (const piece of pieces) await writeRest(to, piece, 0, progress, now);
}

/** Writes what is left of `chunk` after its first `written` bytes: a write may be short, where the peer reads slowly. */
export async function writeRest(
  to: Outlet,
  chunk: Uint8Array,
  written: number,
  progress: Progress,
  now: () => number,
): Promise<void> {
  while (written < chunk.length) {
    written += await to.write(chunk.subarray(written));
    progress.activeAt = now();
  }
}
