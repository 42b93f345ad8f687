/**
 * What a recorded connection sent, in the order in which it goes into its TCP conversation.
 *
 *     up    request 1 | request 2 | frames …        Each lane is in order; which of the two goes next is a matter
 *     down  response 1 | response 2 | frames …      of time, but that no response comes before its request.
 *
 * HTTP stands before all other bytes of its direction, even where the log, which tells of an exchange when it is over,
 * has it later.
 */
import type { ConnectionClosed, ConnectionInfo, ConnectionOpened, Direction } from "../capture/record.ts";
import type { ByteWriter } from "../log/byte_writer.ts";
import { SEGMENT_BYTES } from "./pcapng_segment.ts";
import type { ExchangeSendings, Sending } from "./pcapng_sending.ts";
import { type PcapngContext, TcpConversation } from "./pcapng_tcp.ts";

/** A sending that waits. */
interface Queued {
  readonly sending: Sending;
  /** In which order sendings came, over all conversations: decides between equal times. */
  readonly order: number;
  /** How many HTTP sendings of the other direction come first. */
  readonly after: number;
}

/** One direction. */
interface Lane {
  readonly queue: Queued[];
  /** HTTP sendings that came, and those that are written. */
  httpQueued: number;
  httpWritten: number;
  streamWritten: boolean;
  /** How far the first sending of the queue is: its part, the byte in it, and bytes in all. */
  part: number;
  offset: number;
  sent: number;
}

/** When something is to be written. */
export interface Due {
  /** When it passed, ms since the epoch; `Infinity`: nothing waits. */
  readonly at: number;
  /** Decides between equal times. */
  readonly order: number;
}

const NOTHING: Due = { at: Infinity, order: Infinity };

/** Times in a log are cut to ms: a request this close to the end of the response before it came after it. */
const TIME_STEP_MS = 1;
/** Moving a packet by less is not worth a word. */
const MOVED_MS = 10;
/** Memory that a sending takes beside its bytes. */
const SENDING_BYTES = 500;

const MOVED = "times of what the log tells too late: it stands later than it happened";
const TOO_LATE = "messages that the log tells after the data behind them: they are left out";

/** One conversation. */
export class Conversation {
  readonly #context: PcapngContext;
  readonly #info: ConnectionInfo;
  readonly #number: number;
  readonly #lanes: { readonly [D in Direction]: Lane } = { up: newLane(), down: newLane() };
  #tcp: TcpConversation | undefined;
  /** When the server agreed, as long as that is to be written. */
  #agreedAt: number | undefined;
  #opened: ConnectionOpened | undefined;
  #closed: { readonly record: ConnectionClosed; readonly order: number } | undefined;
  #isOver = false;
  #connectMs = 0;
  /** When the last response that came was over. */
  #answeredUntil = -Infinity;
  /** HTTP sendings of each direction that come before the stream of the other, once there was an upgrade. */
  #upgradedAfter = { up: 0, down: 0 };

  /**
   * A conversation of which nothing is written.
   *
   * @param number A number of its own.
   */
  constructor(context: PcapngContext, info: ConnectionInfo, number: number) {
    this.#context = context;
    this.#info = info;
    this.#number = number;
  }

  /** Whether all that came is written. */
  get isDrained(): boolean {
    return this.#lanes.up.queue.length + this.#lanes.down.queue.length === 0 && this.#closed === undefined;
  }

  /** When what is to be written next passed. */
  get due(): Due {
    const data = this.#dueData();
    if (data === NOTHING || this.#agreedAt === undefined && this.#tcp !== undefined) return data;
    return { at: this.#agreedAt ?? this.#beginning(data.at).askedAt, order: data.order };
  }

  /** It was opened. */
  open(record: ConnectionOpened): void {
    this.#opened = record;
  }

  /** It is over: what came before is the last. */
  close(record: ConnectionClosed, order: number): void {
    this.#closed = { record, order };
    this.#isOver = true;
  }

  /** Nothing more comes of it, though the log does not say that it is over. */
  abandon(): void {
    this.#isOver = true;
    this.#release();
  }

  /**
   * An exchange was told.
   *
   * @param connectMs How long it took to reach the target, where that is told with it.
   * @param upgraded Whether what follows is no longer HTTP.
   * @returns How much memory it takes until it is written.
   */
  exchange({ request, response }: ExchangeSendings, order: number, connectMs = 0, upgraded = false): number {
    const { up, down } = this.#lanes;
    if (this.#tcp === undefined && up.httpQueued === 0) this.#connectMs = connectMs;
    let weight = 0;
    if (request !== undefined) {
      const sooner = this.#answeredUntil - request.at;
      const isAfter = sooner > 0 && sooner < TIME_STEP_MS;
      const sending = isAfter ? { ...request, at: this.#answeredUntil } : request;
      weight += this.#queueHttp(up, { sending, order, after: 0 });
    }
    if (response !== undefined) {
      weight += this.#queueHttp(down, { sending: response, order, after: up.httpQueued });
      this.#answeredUntil = response.until;
    }
    if (upgraded) this.#upgradedAfter = { up: up.httpQueued, down: down.httpQueued };
    return weight;
  }

  /** Bytes of a stream came. @returns How much memory they take until they are written. */
  stream(sending: Sending, order: number): number {
    const { direction } = sending;
    const after = this.#upgradedAfter[direction === "up" ? "down" : "up"];
    this.#lanes[direction].queue.push({ sending, order, after });
    return sending.bytes + SENDING_BYTES;
  }

  /**
   * Writes what is due: a part of the handshake, or a segment with data, or the end.
   *
   * @returns How much memory that waited is free again.
   */
  step(out: ByteWriter): number {
    const lane = this.#nextLane();
    let freed = 0;
    if (this.#tcp === undefined) this.#begin(out);
    else if (this.#agreedAt !== undefined) this.#agree(this.#tcp, this.#agreedAt, out);
    else if (lane !== undefined) freed = this.#writeData(lane, this.#tcp, out);
    else if (this.#closed !== undefined) {
      this.#tcp.end(this.#closed.record, out);
      this.#closed = undefined;
    }
    this.#release();
    return freed;
  }

  /** Lets another conversation have the addresses, once all is written. */
  #release(): void {
    if (!this.#isOver || !this.isDrained) return;
    this.#tcp?.release();
  }

  #queueHttp(lane: Lane, queued: Queued): number {
    if (lane.streamWritten) {
      this.#context.note(TOO_LATE);
      return 0;
    }
    lane.httpQueued++;
    const { queue } = lane;
    let at = queue.length;
    while (at > 0 && queue[at - 1].sending.kind === "stream") at--;
    queue.splice(at, 0, queued);
    return queued.sending.bytes + SENDING_BYTES;
  }

  /** The lane that is next. */
  #nextLane(): Lane | undefined {
    const { up, down } = this.#lanes;
    if (down.queue.length === 0 || down.queue[0].after > up.httpWritten) {
      return up.queue.length > 0 ? up : down.queue.length > 0 ? down : undefined;
    }
    if (up.queue.length === 0 || up.queue[0].after > down.httpWritten) return down;
    const [upAt, downAt] = [timeOf(up), timeOf(down)];
    return upAt < downAt || (upAt === downAt && up.queue[0].order <= down.queue[0].order) ? up : down;
  }

  #dueData(): Due {
    const lane = this.#nextLane();
    const lastAt = this.#tcp?.lastAt ?? -Infinity;
    if (lane !== undefined) return { at: Math.max(lastAt, timeOf(lane)), order: lane.queue[0].order };
    if (this.#closed === undefined) return NOTHING;
    return { at: Math.max(lastAt, this.#closed.record.at), order: this.#closed.order };
  }

  /** When client and server agreed, which is before what is due first. */
  #beginning(dueAt: number): { readonly askedAt: number; readonly agreedAt: number } {
    const opened = this.#opened;
    const isEmpty = this.#nextLane() === undefined;
    const lastedMs = isEmpty && this.#closed !== undefined ? this.#closed.record.totalMs : 0;
    const agreedAt = Math.min(
      dueAt,
      opened === undefined ? dueAt - lastedMs : opened.at - (opened.tlsMs ?? 0),
    );
    const askedAt = opened === undefined ? agreedAt - this.#connectMs : opened.at - opened.connectMs;
    return { askedAt: Math.min(agreedAt, askedAt), agreedAt };
  }

  #begin(out: ByteWriter): void {
    const { up, down } = this.#lanes;
    const isHttp = up.httpQueued + down.httpQueued > 0;
    const beginning = this.#beginning(this.#dueData().at);
    this.#tcp = new TcpConversation(this.#context, this.#info, this.#number, isHttp, out);
    this.#tcp.ask(beginning.askedAt, out);
    this.#agreedAt = beginning.agreedAt;
  }

  #agree(tcp: TcpConversation, at: number, out: ByteWriter): void {
    this.#agreedAt = undefined;
    const closed = this.#nextLane() === undefined ? this.#closed?.record : undefined;
    if (closed?.end !== "connect-failed") return tcp.agree(at, out);
    tcp.refuse(closed, out);
    this.#closed = undefined;
  }

  #writeData(lane: Lane, tcp: TcpConversation, out: ByteWriter): number {
    const { segments, note } = this.#context;
    const { sending } = lane.queue[0];
    const at = timeOf(lane);
    if (lane.sent === 0 && tcp.lastAt - at > MOVED_MS) note(MOVED);
    this.#fill(lane, sending);
    const bytes = segments.payload;
    const isOver = lane.part === sending.parts.length;
    if (bytes > 0) {
      tcp.send(sending.direction, at, isOver, out, lane.sent === 0 ? sending.comment : undefined);
      lane.sent += bytes;
    }
    if (sending.kind === "stream") lane.streamWritten = true;
    if (!isOver) return 0;
    lane.queue.shift();
    if (sending.kind === "http") lane.httpWritten++;
    lane.part = lane.offset = lane.sent = 0;
    return sending.bytes + SENDING_BYTES;
  }

  /** Puts into the segment what fits. */
  #fill(lane: Lane, { parts }: Sending): void {
    const { segments } = this.#context;
    while (lane.part < parts.length && segments.room > 0) {
      const part = parts[lane.part];
      const length = typeof part === "number" ? part : part.length;
      const end = Math.min(length, lane.offset + segments.room);
      if (typeof part === "number") segments.miss(end - lane.offset);
      else segments.put(part, lane.offset, end);
      lane.offset = end;
      if (end < length) return;
      lane.part++;
      lane.offset = 0;
    }
  }
}

function newLane(): Lane {
  return { queue: [], httpQueued: 0, httpWritten: 0, streamWritten: false, part: 0, offset: 0, sent: 0 };
}

/** When the next segment passed: the first when its message began, the last when it ended, the others in between. */
function timeOf({ queue: [{ sending: { at, until, wireBytes } }], sent }: Lane): number {
  if (sent === 0 || until <= at) return at;
  const lastBegins = wireBytes - ((wireBytes - 1) % SEGMENT_BYTES + 1);
  return lastBegins <= 0 ? until : at + (until - at) * Math.min(1, sent / lastBegins);
}
