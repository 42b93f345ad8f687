/**
 * The TCP of one conversation (RFC 9293): handshake, numbers, acknowledgements, and how it ends. Times never go back in
 * it, and nothing is acknowledged before it was sent.
 */
import type { ConnectionEnd, ConnectionInfo, Direction } from "../capture/record.ts";
import type { ByteWriter } from "../log/byte_writer.ts";
import type { Note } from "./exporter.ts";
import type { AddressBook, Ends } from "./pcapng_address.ts";
import { writeNames } from "./pcapng_block.ts";
import { isTakenForAnother, SHOWN_PORT } from "./pcapng_port.ts";
import { ACK, FIN, type Flow, PSH, RST, type SegmentWriter, SYN } from "./pcapng_segment.ts";

/** What all conversations write with. */
export interface PcapngContext {
  /** Puts packets together. */
  readonly segments: SegmentWriter;
  /** Gives each conversation its two ends. */
  readonly addresses: AddressBook;
  /** Is told what cannot be represented. */
  readonly note: Note;
}

/** How it ended. */
export interface Ending {
  /** When, ms since the epoch. */
  readonly at: number;
  /** What ended it. */
  readonly end: ConnectionEnd;
  /** What went wrong, in words. */
  readonly error?: string;
}

/** One direction. */
interface Side {
  readonly flow: Flow;
  /** Number of the next byte. */
  sequence: number;
  /** Bytes that the other side has not acknowledged yet. */
  unacknowledged: number;
}

/** Bytes after which the receiver acknowledges, if it has nothing to send. */
const ACKNOWLEDGE_BYTES = 256 * 1024;
/** Spreads first sequence numbers: 2^32 divided by the golden ratio. */
const SEQUENCE_STEP = 0x9e3779b1;

const NAMED = "names and Unix sockets in the place of addresses: the file has names for 198.18.0.0/15";
const OTHER_PORT = "HTTP on ports that readers take for another protocol: it is on port 80";

/** The TCP of one conversation; of its addresses it takes care itself. */
export class TcpConversation {
  readonly #context: PcapngContext;
  readonly #info: ConnectionInfo;
  readonly #ends: Ends;
  readonly #sides: { readonly [D in Direction]: Side };
  #lastAt = -Infinity;

  /**
   * Takes the addresses, and writes their names where they are new.
   *
   * @param number A number of its own, which its sequence numbers begin by.
   * @param isHttp Whether readers are to take it for HTTP.
   */
  constructor(
    context: PcapngContext,
    info: ConnectionInfo,
    number: number,
    isHttp: boolean,
    out: ByteWriter,
  ) {
    this.#context = context;
    this.#info = info;
    const { client, clientPort, server, serverPort, names } = this.#ends = context.addresses.ends(info, {
      serverPort: (port) => {
        if (!isHttp || !isTakenForAnother(port)) return port;
        context.note(OTHER_PORT);
        return SHOWN_PORT;
      },
      suitsClient: (port) => !isHttp || !isTakenForAnother(port),
    });
    if (names.length > 0) {
      context.note(NAMED);
      writeNames(out, names);
    }
    const first = Math.imul(number, SEQUENCE_STEP);
    this.#sides = {
      up: newSide(first, {
        source: client,
        sourcePort: clientPort,
        destination: server,
        destinationPort: serverPort,
      }),
      down: newSide(~first, {
        source: server,
        sourcePort: serverPort,
        destination: client,
        destinationPort: clientPort,
      }),
    };
  }

  /** When its last packet passed, ms since the epoch. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** Writes that the client asks for the conversation. */
  ask(at: number, out: ByteWriter): void {
    const { id, listener, client, target } = this.#info;
    this.#write("up", at, SYN, out, `connection ${id}: ${client} by ${listener} to ${target}`);
    this.#advance("up", 1);
  }

  /** Writes that the server agrees. */
  agree(at: number, out: ByteWriter): void {
    this.#write("down", at, SYN | ACK, out);
    this.#advance("down", 1);
    this.#write("up", at, ACK, out);
  }

  /** Writes that it does not. */
  refuse(ending: Ending, out: ByteWriter): void {
    this.#write("down", ending.at, RST | ACK, out, this.#describe(ending));
  }

  /** Writes the payload that the segment writer holds. */
  send(direction: Direction, at: number, isPushed: boolean, out: ByteWriter, comment?: string): void {
    const bytes = this.#context.segments.payload;
    this.#write(direction, at, isPushed ? ACK | PSH : ACK, out, comment);
    this.#advance(direction, bytes);
    const side = this.#sides[direction];
    side.unacknowledged += bytes;
    if (side.unacknowledged >= ACKNOWLEDGE_BYTES) this.#write(other(direction), at, ACK, out);
  }

  /** Writes the end: one side after the other, or a reset. */
  end(ending: Ending, out: ByteWriter): void {
    const { at, end } = ending;
    const first: Direction = end.startsWith("target-") ? "down" : "up";
    const comment = this.#describe(ending);
    if (end.endsWith("-reset")) return this.#write(first, at, RST | ACK, out, comment);
    this.#write(first, at, FIN | ACK, out, comment);
    this.#advance(first, 1);
    this.#write(other(first), at, FIN | ACK, out);
    this.#advance(other(first), 1);
    this.#write(first, at, ACK, out);
  }

  /** Lets another conversation have the addresses. */
  release(): void {
    this.#context.addresses.release(this.#ends);
  }

  #describe({ end, error }: Ending): string {
    return `connection ${this.#info.id}: ${end}${error === undefined ? "" : `: ${error}`}`;
  }

  /** Writes a segment with what the segment writer holds, which acknowledges all that came before it. */
  #write(direction: Direction, at: number, flags: number, out: ByteWriter, comment?: string): void {
    const { flow, sequence } = this.#sides[direction];
    const peer = this.#sides[other(direction)];
    peer.unacknowledged = 0;
    this.#lastAt = Math.max(this.#lastAt, at);
    const head = { at: this.#lastAt, flags, sequence, acknowledged: peer.sequence, comment };
    this.#context.segments.write(out, flow, head);
  }

  /** Numbers go from 2^32 - 1 to 0. SYN and FIN take one as if they were a byte. */
  #advance(direction: Direction, bytes: number): void {
    const side = this.#sides[direction];
    side.sequence = (side.sequence + bytes) >>> 0;
  }
}

function newSide(sequence: number, flow: Flow): Side {
  return { flow, sequence: sequence >>> 0, unacknowledged: 0 };
}

function other(direction: Direction): Direction {
  return direction === "up" ? "down" : "up";
}
