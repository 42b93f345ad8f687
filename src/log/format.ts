/** What turns a record into log bytes: the one shape that text, short and JSON share. */
import type { Record } from "../capture/record.ts";
import type { ByteWriter } from "./byte_writer.ts";

/** Appends the record's line or block to `out`, or nothing where this format does not show such a record. */
export type Format = (record: Record, out: ByteWriter) => void;
