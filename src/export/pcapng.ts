/**
 * Export as pcapng: each recorded connection as a TCP conversation between client and target, which Wireshark and tshark
 * dissect (draft-ietf-opsawg-pcapng). Bytes and times are those of the log; TCP and IP around them are synthesised.
 */
import type { ConnectionInfo, DataRecord, LostRecord, Record } from "../capture/record.ts";
import type { ByteWriter } from "../log/byte_writer.ts";
import type { Exporter, Note } from "./exporter.ts";
import { AddressBook } from "./pcapng_address.ts";
import { writeSectionHead } from "./pcapng_block.ts";
import { Conversation } from "./pcapng_conversation.ts";
import { SegmentWriter } from "./pcapng_segment.ts";
import { dataSending, frameSending, sendingsOf } from "./pcapng_sending.ts";
import type { PcapngContext } from "./pcapng_tcp.ts";
import { PcapngWindow } from "./pcapng_window.ts";

/** What the exporter is told. */
export interface PcapngOptions {
  /** Is told what cannot be represented. */
  readonly note: Note;
  /** Bytes that wait at most to be put in order of time. Default: 256 KiB. */
  readonly windowBytes?: number;
}

const WINDOW_BYTES = 256 * 1024;
/** Connections that are open at once, as far as the log says; past that the one that was silent longest is given up. */
const MAX_OPEN = 4096;

const LOST = "records that the log had lost";

type ConnectedRecord = Exclude<Record, LostRecord>;

/** A connection that may still get records. */
interface Open {
  readonly conversation: Conversation;
  /** Offset behind the last data, per direction; absent: none came. */
  readonly dataEnds: { up?: number; down?: number };
  /** Whether HTTP or WebSocket came, so that the offset of the first data says nothing. */
  hasMessages: boolean;
}

/**
 * Writes pcapng.
 *
 * The bytes of a record are kept until they are written, about a MiB of them: they must not change, as is so with
 * those that were read from a log.
 */
export function createPcapngExporter(options: PcapngOptions): Exporter {
  return new PcapngExporter(options);
}

class PcapngExporter implements Exporter {
  readonly #context: PcapngContext;
  readonly #windowBytes: number;
  readonly #window = new PcapngWindow();
  /** What may get records, the one that got none for longest first. */
  readonly #open = new Map<string, Open>();
  #conversations = 0;
  #order = 0;

  constructor({ note, windowBytes = WINDOW_BYTES }: PcapngOptions) {
    this.#context = { segments: new SegmentWriter(), addresses: new AddressBook(), note };
    this.#windowBytes = windowBytes;
  }

  begin(out: ByteWriter): void {
    writeSectionHead(out);
  }

  record(record: Record, out: ByteWriter): void {
    if (record.type === "lost") return this.#context.note(LOST);
    const { id, listener, client, target } = record.connection;
    const key = `${id} ${listener} ${client} ${target}`;
    if (record.type === "connection" && record.event === "opened") this.#endEarlier(key);
    const open = this.#find(key, record.connection);
    const bytes = this.#take(record, open);
    if (record.type === "connection" && record.event === "closed") this.#open.delete(key);
    if (open.conversation.isDrained) return;
    this.#window.add(open.conversation, bytes);
    this.#window.drain(this.#windowBytes, out);
  }

  end(out: ByteWriter): void {
    this.#window.drain(0, out);
  }

  /** @returns How much memory waits more than before. */
  #take(record: ConnectedRecord, open: Open): number {
    const { conversation } = open;
    const { note } = this.#context;
    const order = ++this.#order;
    switch (record.type) {
      case "exchange": {
        open.hasMessages = true;
        const upgraded = record.outcome === "upgraded";
        return conversation.exchange(sendingsOf(record, note), order, record.ms.connect, upgraded);
      }
      case "data":
        return conversation.stream(dataSending(record, gapBefore(open, record), note), order);
      case "message":
        // A server-sent event is in the body of its response.
        if (record.protocol === "sse") return 0;
        open.hasMessages = true;
        return conversation.stream(frameSending(record, note), order);
      case "connection":
        if (record.event === "opened") conversation.open(record);
        if (record.event === "closed") conversation.close(record, order);
        return 0;
    }
  }

  #find(key: string, info: ConnectionInfo): Open {
    const known = this.#open.get(key);
    if (known !== undefined) {
      // Which is silent matters only where many are open.
      if (this.#open.size > MAX_OPEN / 2) {
        this.#open.delete(key);
        this.#open.set(key, known);
      }
      return known;
    }
    if (this.#open.size >= MAX_OPEN) {
      for (const [oldest, { conversation }] of this.#open) {
        this.#open.delete(oldest);
        conversation.abandon();
        break;
      }
    }
    const conversation = new Conversation(this.#context, info, ++this.#conversations);
    const open: Open = { conversation, dataEnds: {}, hasMessages: false };
    this.#open.set(key, open);
    return open;
  }

  /** A log that another run was appended to counts its connections anew. */
  #endEarlier(key: string): void {
    this.#open.get(key)?.conversation.abandon();
    this.#open.delete(key);
  }
}

/** How many bytes are missing before a read, by its offset. */
function gapBefore({ dataEnds, hasMessages }: Open, { direction, offset, body }: DataRecord): number {
  const expected = dataEnds[direction] ?? (hasMessages ? offset : 0);
  dataEnds[direction] = offset + body.bytes;
  return Math.max(0, offset - expected);
}
