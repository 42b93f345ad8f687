/**
 * HAR 1.2 (the HTTP Archive format, as browsers' developer tools read it), written entry by entry.
 *
 * The messages of an exchange stand in its entry, as Chrome has it, while in the log they are records of their own:
 * WebSocket messages after their exchange, server-sent events before it. So the entry of an upgraded exchange is held
 * until its connection is closed, and events until their exchange comes, up to a limit in bytes for all of them.
 */
import type { ExchangeRecord, Record } from "../capture/record.ts";
import type { ByteWriter } from "../log/byte_writer.ts";
import { writeJsonString } from "../log/json_string.ts";
import type { Exporter, Note } from "./exporter.ts";
import { HarEntryWriter } from "./har_entry.ts";
import { HarHeld } from "./har_held.ts";
import { Schemes } from "./origin.ts";

/** What a HAR needs to know. */
export interface HarOptions {
  /** Told what HAR cannot represent. */
  readonly note: Note;
  /** Version of the program, for `creator`. */
  readonly creatorVersion: string;
  /** How many bytes of a body to keep once its content codings are undone; 64 MiB unless given. */
  readonly decodedLimitBytes?: number;
  /** How many bytes of entries and messages may be held back; 32 MiB unless given. */
  readonly heldLimitBytes?: number;
}

const FIRST = Uint8Array.of(0x0a);
const NEXT = Uint8Array.of(0x2c, 0x0a);
const BRACE_CLOSE = 0x7d;

const DECODED_LIMIT_BYTES = 64 * 1024 * 1024;
const HELD_LIMIT_BYTES = 32 * 1024 * 1024;

/** Makes an exporter that writes one HAR. */
export function createHarExporter(options: HarOptions): Exporter {
  const { note, creatorVersion } = options;
  const entries = new HarEntryWriter(options.decodedLimitBytes ?? DECODED_LIMIT_BYTES, note);
  const held = new HarHeld(options.heldLimitBytes ?? HELD_LIMIT_BYTES, note);
  const schemes = new Schemes();
  let isFirst = true;

  const separate = (out: ByteWriter) => {
    out.bytes(isFirst ? FIRST : NEXT);
    isFirst = false;
  };

  function exchange(record: ExchangeRecord, out: ByteWriter): void {
    const url = schemes.url(record);
    if (record.outcome === "upgraded") {
      held.close(record.connection, () => separate(out), out);
      if (held.open(record, (room) => entries.open(room, record, url))) return;
    }
    separate(out);
    entries.open(out, record, url);
    held.writeEvents(record, out);
    out.byte(BRACE_CLOSE);
  }

  return {
    begin(out) {
      out.text('{"log":{"version":"1.2","creator":{"name":"tcpmon","version":');
      writeJsonString(out, creatorVersion);
      out.text('},"pages":[],"entries":[');
    },
    record(record: Record, out) {
      switch (record.type) {
        case "exchange":
          return exchange(record, out);
        case "message":
          return held.message(record);
        case "connection":
          schemes.connection(record);
          if (record.event !== "closed") return;
          if (record.exchanges === 0) note("connections without an exchange");
          return held.close(record.connection, () => separate(out), out);
        case "data":
          return note("data that is not HTTP");
        case "lost":
          return note("records that the log itself had lost");
      }
    },
    end(out) {
      held.closeAll(() => separate(out), out);
      out.text("\n]}}\n");
    },
  };
}
