/**
 * One TCP connection of a capture file → records, by the same capture that a relay has.
 *
 * Behind bytes that were not captured nobody can tell where a message is: reading goes on with the next request that
 * begins with a segment.
 */
import { owned } from "./owned.ts";
import { BodyMemory } from "../capture/body_keeper.ts";
import { type CaptureContext, ConnectionCapture } from "../capture/connection_capture.ts";
import type { ConnectionEnd, ConnectionInfo, Direction, Record } from "../capture/record.ts";
import { FIN, RST, type Segment, SYN } from "./pcap_segment.ts";
import { PcapStream } from "./pcap_stream.ts";

/** What connections share. */
export interface PcapContext {
  /** Takes each record; its bytes are its own. */
  readonly emit: (record: Record) => void;
  /** Gives the next id of an exchange. */
  readonly nextId: () => number;
  /** Counts what records cannot show. */
  readonly remark: (what: string) => void;
}

/** Bodies are kept whole, as in a log without `--max-body`, up to this. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;
const BODIES_LIMIT_BYTES = 256 * 1024 * 1024;

const REQUEST = /^[A-Za-z-]{1,32} \S+ HTTP\/1\.[01]\r?\n/;
/** As much of a request line as is looked at. */
const LINE_BYTES = 8192;

const MISSING = "connections with bytes that were not captured: read on at the next request";

/** A memory for the bodies of all connections. */
export function bodyMemory(): BodyMemory {
  return new BodyMemory(BODY_LIMIT_BYTES, BODIES_LIMIT_BYTES);
}

/** One connection. */
export class PcapConnection {
  readonly #context: PcapContext;
  readonly #info: ConnectionInfo;
  readonly #startedAt: number;
  readonly #streams: { readonly [D in Direction]: PcapStream };
  readonly #capturing: CaptureContext;
  /** Absent before there is anything to read, and behind a gap until a request is found. */
  #capture: ConnectionCapture | undefined;
  #hasGap = false;
  #hasBegun = false;
  #exchanges = 0;
  #bytes = { up: 0, down: 0 };
  #ended = { up: false, down: false };
  #end: ConnectionEnd | undefined;
  #at: number;

  /**
   * A connection of which nothing came.
   *
   * @param startedAt When its first segment passed, ms since the epoch.
   */
  constructor(context: PcapContext, memory: BodyMemory, info: ConnectionInfo, startedAt: number) {
    this.#context = context;
    this.#info = info;
    this.#startedAt = this.#at = startedAt;
    this.#capturing = {
      emit: (record) => context.emit(owned(record)),
      wall: (at) => at,
      nextId: context.nextId,
      memory,
    };
    this.#streams = { up: this.#streamOf("up"), down: this.#streamOf("down") };
  }

  /** Whether nothing can come any more. */
  get isOver(): boolean {
    return this.#end !== undefined && (this.#end.endsWith("-reset") || (this.#ended.up && this.#ended.down));
  }

  /** Takes a segment. */
  push(segment: Segment, direction: Direction): void {
    const { sequence, payload, payloadBytes, flags, at } = segment;
    this.#at = at;
    const stream = this.#streams[direction];
    if ((flags & SYN) !== 0) {
      stream.begin(sequence + 1);
      if (direction === "down") this.#agree(at);
    }
    const first = (flags & SYN) === 0 ? sequence : sequence + 1;
    stream.push({ sequence: first >>> 0, payload, payloadBytes, isLast: (flags & FIN) !== 0, at });
    if ((flags & RST) !== 0) this.#end ??= direction === "up" ? "client-reset" : "target-reset";
  }

  /** The connection is over, or the file is: what is under way is told as it stands. */
  close(): void {
    this.#agree(this.#at);
    this.#streams.up.flush();
    this.#streams.down.flush();
    this.#endCapture(this.#at, this.#end === undefined ? "the capture file ends" : undefined);
    this.#context.emit({
      type: "connection",
      event: "closed",
      connection: this.#info,
      at: this.#at,
      up: this.#bytes.up,
      down: this.#bytes.down,
      totalMs: this.#at - this.#startedAt,
      end: this.#end ?? "stopped",
      exchanges: this.#exchanges,
    });
  }

  /** Client and server have agreed, as far as that was captured. */
  #agree(at: number): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const connectMs = at - this.#startedAt;
    this.#context.emit({ type: "connection", event: "opened", connection: this.#info, at, connectMs });
    this.#capture = new ConnectionCapture(this.#capturing, this.#info, connectMs);
  }

  #streamOf(direction: Direction): PcapStream {
    return new PcapStream({
      bytes: (bytes, at) => this.#read(direction, bytes, at),
      gap: (at) => this.#lose(at),
      end: (at) => this.#endOf(direction, at),
    });
  }

  #read(direction: Direction, bytes: Uint8Array, at: number): void {
    this.#agree(at);
    this.#bytes[direction] += bytes.length;
    if (this.#capture === undefined && direction === "up" && beginsRequest(bytes)) {
      this.#capture = new ConnectionCapture(this.#capturing, this.#info);
    }
    this.#capture?.[direction](bytes, at, at);
  }

  #lose(at: number): void {
    this.#agree(at);
    if (!this.#hasGap) this.#context.remark(MISSING);
    this.#hasGap = true;
    this.#endCapture(at, "bytes are missing in the capture");
  }

  #endOf(direction: Direction, at: number): void {
    this.#agree(at);
    this.#ended[direction] = true;
    this.#end ??= direction === "up" ? "client-closed" : "target-closed";
    if (direction === "up") this.#capture?.upEnded(at);
    else this.#capture?.downEnded(at);
  }

  #endCapture(at: number, error?: string): void {
    this.#capture?.ended(at, undefined, error);
    this.#exchanges += this.#capture?.exchanges ?? 0;
    this.#capture = undefined;
  }
}

function beginsRequest(bytes: Uint8Array): boolean {
  return REQUEST.test(String.fromCharCode(...bytes.subarray(0, LINE_BYTES)));
}
