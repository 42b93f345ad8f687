/** What a HAR holds back: entries of upgraded exchanges until their messages have come, and events until their exchange. */
import type {
  ConnectionInfo,
  ExchangeRecord,
  MessageRecord,
  ServerSentEventRecord,
  WebSocketRecord,
} from "../capture/record.ts";
import { ByteWriter } from "../log/byte_writer.ts";
import { writeBase64 } from "../log/json_base64.ts";
import { writeJsonString } from "../log/json_string.ts";
import { bodyText, isCut, writeJsonText } from "./body_text.ts";
import type { Note } from "./exporter.ts";
import { CUT_BODIES } from "./har_content.ts";

/** Numbers of WebSocket frames (RFC 6455 §5.2); 3 is one of the reserved ones. */
const OPCODES = { text: 1, binary: 2, reserved: 3, close: 8, ping: 9, pong: 10 } as const;

/** What is counted for each connection besides its bytes, so that many with little are bounded too. */
const OVERHEAD_BYTES = 512;

const ORPHANS = "messages whose exchange is not there";

/** What is held for one connection. */
interface Held {
  /** Id of the exchange that its messages belong to. */
  readonly exchange: number;
  /** The open entry of an upgraded exchange, if it is one, and after it the messages, with a comma before each. */
  readonly bytes: ByteWriter;
  /** Whether an entry has come. */
  readonly hasEntry: boolean;
  /** How many messages there are. */
  messages: number;
}

/** Entries and messages that wait, bounded in bytes. */
export class HarHeld {
  readonly #limitBytes: number;
  readonly #note: Note;
  readonly #held = new Map<string, Held>();
  #heldBytes = 0;

  /**
   * Nothing is held yet.
   *
   * @param limitBytes How much may be held in all.
   */
  constructor(limitBytes: number, note: Note) {
    this.#limitBytes = limitBytes;
    this.#note = note;
  }

  /**
   * Holds the entry of an upgraded exchange until its connection is closed.
   *
   * What was held for the connection before must have been closed.
   *
   * @param write Appends the open entry.
   * @returns Whether there is room. If not, it is to be written at once, without the messages to come.
   */
  open(record: ExchangeRecord, write: (out: ByteWriter) => void): boolean {
    if (this.#heldBytes >= this.#limitBytes) return false;
    const bytes = new ByteWriter(2048);
    write(bytes);
    this.#add(keyOf(record.connection), { exchange: record.id, bytes, hasEntry: true, messages: 0 });
    return true;
  }

  /** Takes a message. */
  message(record: MessageRecord): void {
    const key = keyOf(record.connection);
    let held = this.#held.get(key);
    const isOrphan = held?.exchange !== record.exchange;
    if (isOrphan && (record.protocol === "websocket" || held?.hasEntry === true)) return this.#note(ORPHANS);
    if (this.#heldBytes + record.body.bytes > this.#limitBytes) {
      return this.#note("messages past the limit for what waits for the end of its connection");
    }
    if (held === undefined || isOrphan) {
      this.#drop(key);
      held = { exchange: record.exchange, bytes: new ByteWriter(256), hasEntry: false, messages: 0 };
      this.#add(key, held);
    }
    if (isCut(record.body)) this.#note(CUT_BODIES);
    const { bytes } = held;
    const before = bytes.length;
    if (held.messages++ > 0) bytes.text(",");
    else if (held.hasEntry) bytes.text(',"_webSocketMessages":[');
    if (record.protocol === "websocket") writeWebSocketMessage(bytes, record);
    else writeEvent(bytes, record);
    this.#heldBytes += bytes.length - before;
  }

  /** Appends the events of an exchange that was just written and is still open. */
  writeEvents(record: ExchangeRecord, out: ByteWriter): void {
    if (this.#held.size === 0) return;
    const key = keyOf(record.connection);
    const held = this.#held.get(key);
    if (held === undefined || held.hasEntry || held.exchange !== record.id) return;
    this.#remove(key, held);
    out.text(',"_eventSourceMessages":[');
    out.bytes(held.bytes.view());
    out.text("]");
  }

  /**
   * Writes what was held for a connection that is closed.
   *
   * @param separate Appends what stands between two entries.
   */
  close(connection: ConnectionInfo, separate: () => void, out: ByteWriter): void {
    if (this.#held.size > 0) this.#close(keyOf(connection), separate, out);
  }

  /** Writes everything that is held. */
  closeAll(separate: () => void, out: ByteWriter): void {
    for (const key of [...this.#held.keys()]) this.#close(key, separate, out);
  }

  #close(key: string, separate: () => void, out: ByteWriter): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    if (!held.hasEntry) return this.#drop(key);
    this.#remove(key, held);
    separate();
    out.bytes(held.bytes.view());
    out.text(held.messages > 0 ? "]}" : "}");
  }

  #add(key: string, held: Held): void {
    this.#heldBytes += held.bytes.length + OVERHEAD_BYTES;
    this.#held.set(key, held);
  }

  #remove(key: string, held: Held): void {
    this.#heldBytes -= held.bytes.length + OVERHEAD_BYTES;
    this.#held.delete(key);
  }

  /** Forgets messages whose exchange has not come. */
  #drop(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#remove(key, held);
    for (let i = 0; i < held.messages; i++) this.#note(ORPHANS);
  }
}

/** Numbers alone repeat where a log is continued by another run. */
function keyOf({ id, client, listener, target }: ConnectionInfo): string {
  return `${id} ${client} ${listener} ${target}`;
}

/** As Chrome has it: `type`, `time` in seconds, `opcode`, `data`; bytes that are no text in base64. */
function writeWebSocketMessage(out: ByteWriter, record: WebSocketRecord): void {
  const text = record.opcode === "binary" ? undefined : bodyText(record.body, undefined);
  out.text(`{"type":"${record.direction === "up" ? "send" : "receive"}","time":${seconds(record.at)}`);
  out.text(`,"opcode":${OPCODES[record.opcode]},"data":`);
  if (text !== undefined) {
    writeJsonText(out, text);
  } else {
    out.text('"');
    writeBase64(out, record.body.kept);
    out.text(`"${record.opcode === "binary" ? "" : ',"_encoding":"base64"'}`);
  }
  if (record.closeCode !== undefined) out.text(`,"_closeCode":${record.closeCode}`);
  if (record.error !== undefined) {
    out.text(',"_error":');
    writeJsonString(out, record.error);
  }
  out.text("}");
}

/** Under the names by which Chrome's debugging protocol tells of them. */
function writeEvent(out: ByteWriter, record: ServerSentEventRecord): void {
  out.text(`{"time":${seconds(record.at)},"eventName":`);
  writeJsonString(out, record.event);
  out.text(',"eventId":');
  writeJsonString(out, record.lastEventId ?? "");
  out.text(',"data":');
  writeJsonText(out, bodyText(record.body, undefined) ?? "");
  out.text("}");
}

/** Seconds since the epoch, with µs. */
function seconds(at: number): number {
  return Math.round(at * 1000) / 1e6;
}
