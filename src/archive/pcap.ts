/**
 * Capture files of Wireshark, tshark and tcpdump (pcap and pcapng) → records: each TCP connection as if a relay had
 * carried it. What is not TCP, or cannot be read, is counted and told at the end.
 */
import type { BodyMemory } from "../capture/body_keeper.ts";
import type { Direction, Record } from "../capture/record.ts";
import { PcapBlocks, PcapError } from "./pcap_blocks.ts";
import { bodyMemory, PcapConnection, type PcapContext } from "./pcap_connection.ts";
import { ACK, type Segment, segmentOf, SYN } from "./pcap_segment.ts";
import { type Archived, type ArchiveReader, type Reading, Remarks } from "./reading.ts";

/** Connections that are held at once; past that the one that was silent longest is told as it stands. */
const MAX_CONNECTIONS = 10_000;

/** A connection, and which of its ends is the client. */
interface Flow {
  readonly connection: PcapConnection;
  readonly client: string;
  /** Number of its SYN, where that was captured: another one begins another connection. */
  readonly first: number | undefined;
}

/** Reads one capture file. */
export class PcapReader implements ArchiveReader {
  readonly #blocks = new PcapBlocks();
  readonly #remarks = new Remarks();
  readonly #memory: BodyMemory = bodyMemory();
  readonly #context: PcapContext;
  /** By both ends, the one that was silent longest first. */
  readonly #flows = new Map<string, Flow>();
  #batch: Archived[] = [];
  #packets = 0;
  #connections = 0;
  #isBroken = false;

  /** A reader of a file of which nothing came. */
  constructor() {
    let exchanges = 0;
    this.#context = {
      emit: (record: Record) => void this.#batch.push({ record, place: this.#packets }),
      nextId: () => ++exchanges,
      remark: (what) => this.#remarks.add(what),
    };
  }

  /** Reads the next piece. The place of a record is the number of the packet that completed it, from 1. */
  *push(piece: Uint8Array): Generator<Reading> {
    if (this.#isBroken) return;
    try {
      for (const packet of this.#blocks.push(piece)) {
        this.#packets++;
        const segment = segmentOf(packet);
        if (typeof segment === "string") this.#remarks.add(segment);
        else this.#take(segment);
      }
    } catch (error) {
      if (!(error instanceof PcapError)) throw error;
      this.#isBroken = true;
      yield* this.#told();
      const place = this.#packets + 1;
      yield {
        place,
        message: `packet ${place}: found ${error.message}, wanted a packet; nothing behind it is read`,
      };
    }
    yield* this.#told();
  }

  /** The file is over. */
  *end(): Generator<Reading> {
    for (const { connection } of this.#flows.values()) connection.close();
    this.#flows.clear();
    yield* this.#told();
    if (this.#blocks.isCut && !this.#isBroken) {
      const place = this.#packets + 1;
      yield { place, message: `packet ${place}: found the end of the file within it, wanted all of it` };
    }
    yield* this.#remarks.tell();
  }

  *#told(): Generator<Reading> {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    yield batch;
  }

  #take(segment: Segment): void {
    const { from, to, flags } = segment;
    const key = from < to ? `${from} ${to}` : `${to} ${from}`;
    let flow = this.#flows.get(key);
    const asks = (flags & (SYN | ACK)) === SYN;
    if (flow !== undefined && asks && flow.first !== segment.sequence) {
      this.#close(key, flow);
      flow = undefined;
    }
    if (flow === undefined) {
      // A connection that ended before the capture began may still acknowledge.
      if (segment.payloadBytes === 0 && (flags & SYN) === 0) return;
      flow = this.#open(segment);
    }
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    const direction: Direction = from === flow.client ? "up" : "down";
    flow.connection.push(segment, direction);
    if (flow.connection.isOver) this.#close(key, flow);
  }

  #open(segment: Segment): Flow {
    for (const [key, flow] of this.#flows) {
      if (this.#flows.size < MAX_CONNECTIONS) break;
      this.#close(key, flow);
    }
    const isClient = isFromClient(segment);
    const [client, target] = isClient ? [segment.from, segment.to] : [segment.to, segment.from];
    const info = { id: ++this.#connections, listener: target, client, target };
    const first = isClient && (segment.flags & SYN) !== 0 ? segment.sequence : undefined;
    return { client, first, connection: new PcapConnection(this.#context, this.#memory, info, segment.at) };
  }

  #close(key: string, { connection }: Flow): void {
    this.#flows.delete(key);
    connection.close();
  }
}

/** Who asked: the sender of a SYN; without one, by the lower port, which servers have. */
function isFromClient({ flags, fromPort, toPort }: Segment): boolean {
  if ((flags & SYN) !== 0) return (flags & ACK) === 0;
  return fromPort >= toPort;
}
