/**
 * The summary line of a record: `#17 10:31:06.123 127.0.0.1:40112 → localhost:9080 POST /stock 200 OK 2.0 ms ↑3 B ↓31 B`.
 *
 * An exchange has its number, others that of their connection (`#c3`). Sizes are those of the bodies, transfer coding
 * taken off. Where it is SOAP, the operation stands after the target, a Fault of its own after the status:
 * `POST /soap GetQuote 500 Internal Server Error fault soap:Server "Out of stock"`; and at the end `reply to #12`, where
 * its request answers that of an earlier exchange.
 *
 * After the status stands the outcome, unless it is `complete`; after the sizes the flags, what a simulated
 * link did (`fault reset@down+1234 seed 42`) and `redacted`. The time of a TLS handshake with the target stands after the
 * time in all: `14.3 ms (TLS 12.1 ms)`. A missing request or response is a `-`. The flag `host-rewritten` is left out: it is configuration and not an
 * oddity of the traffic, and `text` shows the fields as they were sent on.
 */
import type {
  ConnectionClosed,
  ConnectionHello,
  ConnectionInfo,
  ConnectionOpened,
  ConnectionRecord,
  DataRecord,
  Direction,
  ExchangeRecord,
  FaultNote,
  LostRecord,
  MessageRecord,
  Outcome,
  Record,
} from "../capture/record.ts";
import { SoapCorrelation } from "../capture/soap_exchange.ts";
import type { RequestHead, ResponseHead } from "../http/head.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { escapeLine } from "./escape.ts";
import { type Paint, statusStyle, writeStyled } from "./paint.ts";
import { MAX_RECENT_BYTES, Recent } from "./recent.ts";
import { isRedacted } from "./redacted.ts";
import { writeFault, writeOperation } from "./soap_text.ts";
import { helloText, tlsText } from "./tls_text.ts";
import { TimeOfDay, writeDuration, writeSize, type ZoneOffset } from "./units.ts";

const encoder = new TextEncoder();
const SPACE = encoder.encode(" ");
const UP = encoder.encode(" ↑");
const DOWN = encoder.encode(" ↓");
const HASH = 35;

/** How many faults a line names: a link that drops bytes all along would else make lines without end. */
const SHOWN_FAULTS = 4;

/** Writes the summary lines of one log, without the line feed at their end. */
export class SummaryWriter {
  readonly #paint: Paint;
  readonly #time: TimeOfDay;
  readonly #connections = new Recent<ConnectionInfo, Uint8Array>();
  readonly #requests = new Recent<RequestHead, Uint8Array>();
  readonly #responses = new Recent<ResponseHead, Uint8Array>();
  readonly #soap = new SoapCorrelation();
  readonly #limitBytes: number;

  /**
   * Makes the writer of one log.
   *
   * @param paint The colours of the log.
   * @param zoneOffset Local time at a moment, in minutes from UTC.
   * @param limitBytes How much of what a content coding unpacks to is read, in bytes.
   */
  constructor(paint: Paint, zoneOffset: ZoneOffset, limitBytes: number) {
    this.#paint = paint;
    this.#limitBytes = limitBytes;
    this.#time = new TimeOfDay(zoneOffset);
  }

  /**
   * Appends the line of a record for which {@link isShown} or {@link hasTlsDetails} holds. What went wrong, if it says so in words, is the
   * format's to show.
   */
  record(record: Record, out: ByteWriter): void {
    if (record.type === "exchange") this.#exchange(record, out);
    else if (record.type === "data") this.#data(record, out);
    else if (record.type === "message") this.#message(record, out);
    else if (record.type === "lost") this.#lost(record, out);
    else if (record.event === "closed") this.#closed(record, out);
    else this.#tls(record, record.event === "opened" ? tlsText(record) ?? "" : helloText(record.hello), out);
  }

  #exchange(record: ExchangeRecord, out: ByteWriter): void {
    const { connection, request, response } = record;
    const soap = this.#soap.of(record, this.#limitBytes);
    out.byte(HASH);
    out.integer(record.id);
    this.#where(connection, record.at, out);
    if (request === undefined) out.text("- ");
    else this.#requestLine(request.head, connection.id, out);
    if (soap?.operation !== undefined) writeOperation(soap.operation, this.#paint, out);
    if (response !== undefined) this.#statusLine(response.head, connection.id, out);
    else if (record.outcome === "complete") out.text("- ");
    if (soap?.fault !== undefined) writeFault(soap.fault, this.#paint, out);
    if (record.outcome !== "complete") this.#outcome(record, out);
    writeDuration(record.ms.total, out);
    if (record.ms.tls !== undefined) {
      out.text(" (TLS ");
      writeDuration(record.ms.tls, out);
      out.text(")");
    }
    this.#sizes(request?.body.bytes ?? 0, response?.body.bytes ?? 0, out);
    for (const flag of record.flags) {
      if (flag === "host-rewritten") continue;
      out.bytes(SPACE);
      writeStyled(flag, this.#paint.yellow, out);
    }
    if (soap?.repliesTo !== undefined) out.text(` reply to #${soap.repliesTo}`);
    if (record.faults !== undefined) this.#faults(record.faults, out);
    if (isRedacted(request) || isRedacted(response) || record.interim.some(isRedacted)) out.text(" redacted");
  }

  /** The line of a connection that is over. */
  #closed(record: ConnectionClosed, out: ByteWriter): void {
    this.#connection(record, out);
    if (isOrdinary(record)) out.text(record.end);
    else writeStyled(record.end, this.#paint.red, out);
    out.bytes(SPACE);
    writeDuration(record.totalMs, out);
    this.#sizes(record.up, record.down, out);
    if (record.faults !== undefined) this.#faults(record.faults, out);
  }

  /** The line of a connection whose TLS is told of. */
  #tls(record: ConnectionOpened | ConnectionHello, text: string, out: ByteWriter): void {
    this.#connection(record, out);
    out.text(escapeLine(text));
  }

  /** ` fault reset@down+1234 seed 42`, for each of the first ones. */
  #faults(faults: readonly FaultNote[], out: ByteWriter): void {
    for (const { fault, direction, offset, bytes, seed } of faults.slice(0, SHOWN_FAULTS)) {
      const place = direction === undefined ? `${offset}` : `${direction}+${offset}`;
      const size = bytes === undefined ? "" : ` ${bytes} B`;
      out.bytes(SPACE);
      writeStyled(`fault ${fault}@${place}${size} seed ${seed}`, this.#paint.yellow, out);
    }
    if (faults.length > SHOWN_FAULTS) out.text(` and ${faults.length - SHOWN_FAULTS} more faults`);
  }

  /** The line of what one read of a stream brought. */
  #data(record: DataRecord, out: ByteWriter): void {
    this.#connection(record, out);
    out.text(arrow(record.direction));
    writeSize(record.body.bytes, out);
    out.text(" @");
    out.integer(record.offset);
    if (isRedacted(record)) out.text(" redacted");
  }

  /** The line of a WebSocket message or a server-sent event. */
  #message(record: MessageRecord, out: ByteWriter): void {
    out.byte(HASH);
    out.integer(record.exchange);
    this.#where(record.connection, record.at, out);
    const kind = record.protocol === "sse" ? record.event : record.opcode;
    out.text(`${record.protocol === "sse" ? "sse" : "ws"} ${escapeLine(kind)} ${arrow(record.direction)}`);
    writeSize(record.body.bytes, out);
    if (record.protocol === "sse") {
      if (record.lastEventId !== undefined) out.text(` id ${escapeLine(record.lastEventId)}`);
      if (record.retry !== undefined) out.text(` retry ${record.retry} ms`);
    } else {
      if (record.closeCode !== undefined) out.text(` code ${record.closeCode}`);
      if (record.compressedBytes !== undefined) out.text(`, ${record.compressedBytes} B compressed`);
      if (record.frames > 1) out.text(`, ${record.frames} frames`);
    }
    if (isRedacted(record)) out.text(" redacted");
  }

  /** The line that says what the log could not take. */
  #lost(record: LostRecord, out: ByteWriter): void {
    writeStyled("!", this.#paint.red, out);
    out.text(` lost ${record.count} records from `);
    this.#time.write(record.from, out);
    out.text(" to ");
    this.#time.write(record.to, out);
    out.text(`: ${escapeLine(record.reason)}`);
  }

  /** Number, time and ends of a record that belongs to a connection rather than to an exchange. */
  #connection(record: ConnectionRecord | DataRecord, out: ByteWriter): void {
    out.text("#c");
    out.integer(record.connection.id);
    this.#where(record.connection, record.at, out);
  }

  /** ` 10:31:06.123 127.0.0.1:40112 → localhost:9080 `. */
  #where(connection: ConnectionInfo, at: number, out: ByteWriter): void {
    out.bytes(SPACE);
    this.#time.write(at, out);
    const known = this.#connections.get(connection.id, connection);
    if (known !== undefined) return out.bytes(known);
    const start = out.length;
    out.bytes(SPACE);
    writeStyled(`${connection.client} → ${connection.target}`, this.#paint.dim, out);
    out.bytes(SPACE);
    remember(this.#connections, connection.id, connection, start, out);
  }

  /** `POST /stock `. */
  #requestLine(head: RequestHead, connection: number, out: ByteWriter): void {
    const known = this.#requests.get(connection, head);
    if (known !== undefined) return out.bytes(known);
    const start = out.length;
    writeStyled(`${head.method} ${head.target}`, this.#paint.bold, out);
    out.bytes(SPACE);
    remember(this.#requests, connection, head, start, out);
  }

  /** `200 OK `. */
  #statusLine(head: ResponseHead, connection: number, out: ByteWriter): void {
    const known = this.#responses.get(connection, head);
    if (known !== undefined) return out.bytes(known);
    const start = out.length;
    const status = `${String(head.status).padStart(3, "0")} ${head.reason}`.trimEnd();
    writeStyled(status, statusStyle(head.status, this.#paint), out);
    out.bytes(SPACE);
    remember(this.#responses, connection, head, start, out);
  }

  #outcome(record: ExchangeRecord, out: ByteWriter): void {
    writeStyled(
      outcomeText(record.outcome),
      record.outcome === "upgraded" ? this.#paint.cyan : this.#paint.red,
      out,
    );
    out.bytes(SPACE);
  }

  #sizes(up: number, down: number, out: ByteWriter): void {
    out.bytes(UP);
    writeSize(up, out);
    out.bytes(DOWN);
    writeSize(down, out);
  }
}

/** Keeps what was written since `start` for the next time. */
function remember<Key extends object>(
  recent: Recent<Key, Uint8Array>,
  connection: number,
  key: Key,
  start: number,
  out: ByteWriter,
): void {
  if (out.length - start <= MAX_RECENT_BYTES) {
    recent.offer(connection, key, () => out.view().slice(start));
  }
}

/**
 * Whether there is something to say about a record: a connection that opened, and one that was closed in the ordinary
 * way after its exchanges or without a byte, is left out.
 */
export function isShown(record: Record): boolean {
  if (record.type !== "connection" || record.event === "client-hello") return true;
  return record.event === "closed" && isNoteworthy(record);
}

/** Whether a record is of a connection that opened, and of whose TLS something is known. */
export function hasTlsDetails(record: Record): boolean {
  return record.type === "connection" && record.event === "opened" && tlsText(record) !== undefined;
}

/** An outcome in words: who refused an exchange is to be clear, since targets refuse connections. */
export function outcomeText(outcome: Outcome): string {
  return outcome === "refused" ? "refused by tcpmon" : outcome;
}

/** When a record took place, ms since the epoch. */
export function timeOf(record: Record): number {
  return record.type === "lost" ? record.from : record.at;
}

/** Whether a connection ended badly, or was a stream, in a way that no exchange tells. */
function isNoteworthy(record: ConnectionClosed): boolean {
  if (record.end === "connect-failed") return record.exchanges === 0;
  if (!isOrdinary(record) || record.faults !== undefined) return true;
  return record.error !== undefined || (record.exchanges === 0 && record.up + record.down > 0);
}

/** Whether a connection ended as its ends wanted, or because tcpmon was told to stop. */
function isOrdinary({ end }: ConnectionClosed): boolean {
  return end === "client-closed" || end === "target-closed" || end === "stopped";
}

function arrow(direction: Direction): string {
  return direction === "up" ? "↑ " : "↓ ";
}
