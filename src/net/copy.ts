/**
 * One direction of a connection: read → write → tap.
 *
 * Bytes go on before they are looked at. The write is begun, then the tap looks at the buffer while the kernel has it,
 * then the write is awaited; nothing but the peer is waited for. Buffers start small, so that idle connections are cheap,
 * and grow while reads fill them, so that bulk is fast.
 */

/** First size of a read buffer: a request or a small response fits. */
const FIRST_BUFFER_BYTES = 4 * 1024;
/** Largest size: more makes bulk no faster. */
const LAST_BUFFER_BYTES = 256 * 1024;
const GROWTH = 4;
/** After so many reads that would have fitted into the next smaller size, the buffer shrinks. */
const READS_BEFORE_SHRINKING = 16;

/** What is done with the bytes of one direction. Chunks are borrowed until the call returns. */
export interface Tap {
  /** The chunk was read and is being sent on. Not called where `rewrite` is. */
  passed(chunk: Uint8Array, readAt: number, sentAt: number): void;
  /** Replaces the chunk by the pieces to send; `sent` follows. */
  rewrite?(chunk: Uint8Array, readAt: number): readonly Uint8Array[];
  /** The pieces were sent on, at this monotonic time (ms). */
  sent?(at: number): void;
  /** The reading side has ended. @returns What is still to be sent. */
  ended(at: number): readonly Uint8Array[];
}

/** How a direction ended: at the end of its input, or by an error of the one or the other side. */
export type CopyEnd =
  | { readonly kind: "ended" }
  | { readonly kind: "read-failed" | "write-failed"; readonly error: unknown };

/** Counts of bytes that others can read while they change, and when something was read last (monotonic ms). */
export interface Progress {
  /** How many were read. */
  bytes: number;
  /** How many of them were sent on. */
  sentBytes: number;
  /** When bytes passed last, monotonic ms. */
  activeAt: number;
}

/** A read buffer that fits itself to what is read. */
class ReadBuffer {
  bytes = new Uint8Array(FIRST_BUFFER_BYTES);
  #smallReads = 0;

  /** Call with the size of each read, once the bytes are no longer needed. */
  fit(read: number): void {
    const size = this.bytes.length;
    if (read === size) {
      this.#smallReads = 0;
      if (size < LAST_BUFFER_BYTES) this.bytes = new Uint8Array(size * GROWTH);
    } else if (size > FIRST_BUFFER_BYTES && read * GROWTH <= size) {
      if (++this.#smallReads < READS_BEFORE_SHRINKING) return;
      this.#smallReads = 0;
      this.bytes = new Uint8Array(size / GROWTH);
    } else {
      this.#smallReads = 0;
    }
  }
}

/**
 * Copies from `from` to `to` until `from` ends, then passes the end on (half-close). Never throws.
 *
 * @param now The monotonic clock, ms.
 */
export async function copy(
  from: Deno.Conn,
  to: Deno.Conn,
  tap: Tap,
  progress: Progress,
  now: () => number,
): Promise<CopyEnd> {
  const buffer = new ReadBuffer();
  for (;;) {
    let read: number | null;
    try {
      read = await from.read(buffer.bytes);
    } catch (error) {
      return { kind: "read-failed", error };
    }
    const readAt = now();
    if (read === null) break;
    progress.bytes += read;
    progress.activeAt = readAt;
    const chunk = buffer.bytes.subarray(0, read);
    try {
      if (tap.rewrite === undefined) {
        const writing = to.write(chunk);
        tap.passed(chunk, readAt, now());
        const written = await writing;
        if (written < read) await writeRest(to, chunk, written, progress, now);
      } else {
        const pieces = tap.rewrite(chunk, readAt);
        for (let i = 0; i < pieces.length; i++) {
          const written = await to.write(pieces[i]);
          if (written < pieces[i].length) await writeRest(to, pieces[i], written, progress, now);
        }
        tap.sent?.(now());
      }
    } catch (error) {
      return { kind: "write-failed", error };
    }
    progress.sentBytes = progress.bytes;
    buffer.fit(read);
  }
  try {
    for (const piece of tap.ended(now())) await writeRest(to, piece, 0, progress, now);
    await to.closeWrite();
  } catch (error) {
    return { kind: "write-failed", error };
  }
  return { kind: "ended" };
}

/** Writes what is left of `chunk` after its first `written` bytes: a write may be short, where the peer reads slowly. */
async function writeRest(
  to: Deno.Conn,
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
