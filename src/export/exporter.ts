/** What every export format is: records in, in the order of the log; bytes out, a record at a time. */
import type { Record } from "../capture/record.ts";
import type { ByteWriter } from "../log/byte_writer.ts";

/**
 * Writes one export format. Everything goes to `out`, which the caller empties between records: what an export holds
 * does not grow with the log.
 */
export interface Exporter {
  /** Writes what stands before the first record. */
  begin(out: ByteWriter): void;
  /** Writes a record; nothing for records that the format does not show. */
  record(record: Record, out: ByteWriter): void;
  /** Writes what stands behind the last record, and what was held back until then. */
  end(out: ByteWriter): void;
}

/**
 * Told for each thing that the format cannot represent: a short reason, the same text each time so that they can be
 * counted, for example `bodies cut by --max-body`.
 */
export type Note = (reason: string) => void;
