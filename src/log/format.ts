/** What turns a record into log bytes: the one shape that text, short and JSON share. */
import type { Record } from "../capture/record.ts";
import type { ByteWriter } from "./byte_writer.ts";

/** A log format. */
export interface Format {
  /** Appends the record's line or block to `out`, or nothing where this format does not show such a record. */
  (record: Record, out: ByteWriter): void;
  /**
   * What a file has to begin with that goes on where the log is now; the same string until it changes. Absent: this
   * format needs nothing.
   */
  heading?(): string;
}
