/** The buffer that a connection is read into, and records that outlast it. */
import { type BodyMemory, SHARED_LIMIT_BYTES } from "../capture/body_keeper.ts";
import type { ExchangeRecord } from "../capture/record.ts";

/** First size: a small response fits. */
const FIRST_BYTES = 4 * 1024;
/** Largest size: more makes bulk no faster. */
const LAST_BYTES = 256 * 1024;
const GROWTH = 4;

/** Grows while reads fill it. */
export class ReadBuffer {
  /** What to read into. */
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);

  /** Call with the size of each read, once the bytes are no longer needed. */
  fit(read: number): void {
    const size = this.bytes.length;
    if (read === size && size < LAST_BYTES) this.bytes = new Uint8Array(size * GROWTH);
  }
}

/** The record with a copy of what it has borrowed from the buffer, which the next read overwrites. */
export function recordsOwn(
  record: ExchangeRecord,
  { bytes }: ReadBuffer,
  memory: BodyMemory,
): ExchangeRecord {
  const { response } = record;
  const kept = response?.body.kept;
  if (response === undefined || kept === undefined || kept.buffer !== bytes.buffer) return record;
  const copy = kept.length <= SHARED_LIMIT_BYTES ? memory.share(kept, 0, kept.length) : kept.slice();
  const { type, id, connection, at, request, interim, ms, outcome, error, flags, faults } = record;
  const { head, trailers } = response;
  const body = { bytes: response.body.bytes, kept: copy };
  return {
    type,
    id,
    connection,
    at,
    request,
    interim,
    response: { head, body, trailers },
    ms,
    outcome,
    error,
    flags,
    faults,
  };
}
