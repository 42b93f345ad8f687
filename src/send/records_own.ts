/** Records that outlast the buffer that their connection is read into. */
import { type BodyMemory, SHARED_LIMIT_BYTES } from "../capture/body_keeper.ts";
import type { ExchangeRecord } from "../capture/record.ts";
import type { ReadBuffer } from "../net/connection.ts";

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
