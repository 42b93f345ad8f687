/**
 * What is to be sent, made of the records of a capture in the order of their beginning. No I/O, no clock.
 *
 * A connection that is not HTTP, or is no longer, becomes a dialogue: what the client had sent, each time after so many
 * bytes of the target as had come before it.
 */
import type {
  ConnectionClosed,
  ConnectionInfo,
  DataRecord,
  ExchangeRecord,
  WebSocketRecord,
} from "../capture/record.ts";
import { type Destination, type Destinations, type Skip } from "./destination.ts";
import type { Recorded } from "./order.ts";
import { isCut, isRedacted, isUndelimited, type Prepared, type Preparer } from "./prepare.ts";
import { clientFrame, serverFrameBytes } from "./websocket_frame.ts";

/** A request. */
export interface RequestItem {
  /** Tells the kinds of item apart. */
  readonly kind: "request";
  /** The exchange as it was recorded. */
  readonly exchange: ExchangeRecord;
  /** Where it stands in the capture. */
  readonly place: number;
  /** What is sent. */
  readonly prepared: Prepared;
  /** Whether the connection went on as a dialogue behind it. */
  readonly opensDialogue: boolean;
}

/** Bytes of a dialogue. */
export interface BytesItem {
  /** Tells the kinds of item apart. */
  readonly kind: "bytes";
  /** The connection that they belong to. */
  readonly connection: ConnectionInfo;
  /** Where to. */
  readonly destination: Destination;
  /** The bytes. */
  readonly bytes: Uint8Array;
  /** How many bytes of the target had come before them, from the beginning of the dialogue. */
  readonly afterDown: number;
}

/** A connection is over. */
export interface EndItem {
  /** Tells the kinds of item apart. */
  readonly kind: "end";
  /** The connection. */
  readonly connection: ConnectionInfo;
  /** Whether the client had ended it first: then its end is passed on. */
  readonly byClient: boolean;
  /** How many bytes of the target came in its dialogue. Absent: it was HTTP to its end. */
  readonly down?: number;
}

/** Something that is not sent. */
export interface SkipItem {
  /** Tells the kinds of item apart. */
  readonly kind: "skip";
  /** Why. */
  readonly reason: Skip;
  /** The exchange, where it is one; else it is a dialogue, or what is left of one. */
  readonly exchange?: ExchangeRecord;
  /** Where it stands in the capture. */
  readonly place: number;
}

/** One thing to do. */
export type Item = RequestItem | BytesItem | EndItem | SkipItem;

/** What a {@link Planner} is told. */
export interface PlannerOptions {
  /** Where things go. */
  readonly destinations: Destinations;
  /** Makes requests. */
  readonly preparer: Preparer;
  /**
   * Whether a record is wanted. Asked for every exchange, and for the first record of a connection that is not HTTP,
   * which is then taken whole; what follows an upgrade goes with its exchange.
   */
  readonly wants: (recorded: Recorded) => boolean;
  /** Whether the end of every connection is told; else only of those that were dialogues. */
  readonly tellsEnds: boolean;
  /** Fills a mask for a WebSocket frame with random bytes. */
  readonly randomMask: (mask: Uint8Array) => void;
}

/** A connection that is not HTTP, or is no longer. */
interface Dialogue {
  /** Where it goes; `undefined`: it is not sent. */
  destination: Destination | undefined;
  /** Whether it was sent, as far as it could be: its end is told then. */
  readonly isSent: boolean;
  /** Bytes of the target so far. */
  down: number;
}

/** First byte of a TLS handshake record (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 22;
const NOTHING = new Uint8Array(0);
/** Dialogues that are remembered at most: those of connections whose end is not in the capture go, oldest first. */
const DIALOGUE_LIMIT = 10_000;

const THROUGH_TLS: Skip = { skip: "TLS that passed through: only who had its keys could say it again" };
const NOT_KEPT: Skip = {
  skip: "not all bytes of the stream were recorded (--max-body): its rest is not sent",
};
const BAD_MESSAGE: Skip = {
  skip: "a WebSocket message that was not recorded whole: the rest of its connection is not sent",
};
const TUNNEL: Skip = {
  skip: "a request for a tunnel, made to tcpmon itself: what went through it is sent directly",
};

/** Makes items of records. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #dialogues = new Map<string, Dialogue>();

  /** Has seen no record yet. */
  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /** Takes the next record, in the order of beginning. @returns What is to be done, if anything. */
  take(recorded: Recorded): Item | undefined {
    const { record } = recorded;
    switch (record.type) {
      case "exchange":
        return this.#exchange(recorded, record);
      case "data":
        return this.#data(recorded, record);
      case "message":
        return record.protocol === "websocket" ? this.#message(recorded, record) : undefined;
      case "connection":
        if (record.event === "opened") {
          const tls = record.targetTls !== undefined || record.tlsMs !== undefined;
          this.#options.destinations.learn(record.connection, tls);
        }
        return record.event === "closed" ? this.#closed(record) : undefined;
      case "lost":
        return undefined;
    }
  }

  #exchange(recorded: Recorded, exchange: ExchangeRecord): Item | undefined {
    const { destinations, preparer, wants } = this.#options;
    const { connection, request, ms, outcome } = exchange;
    if (ms.connect !== undefined && request?.head.method !== "CONNECT") {
      destinations.learn(connection, ms.tls !== undefined);
    }
    const { place } = recorded;
    const isWanted = wants(recorded);
    if (request !== undefined && destinations.isOwnTunnel(exchange, request)) {
      return isWanted ? { kind: "skip", reason: TUNNEL, exchange, place } : undefined;
    }
    const opensDialogue = outcome === "upgraded";
    if (!isWanted) {
      if (opensDialogue) this.#begin(connection, undefined);
      return undefined;
    }
    if (request !== undefined && isUndelimited(request.head) && !isCut(exchange)) {
      return this.#undelimited(recorded, exchange);
    }
    const prepared = preparer.prepare(exchange);
    if ("skip" in prepared) {
      if (opensDialogue) this.#begin(connection, undefined);
      return { kind: "skip", reason: prepared, exchange, place };
    }
    if (opensDialogue) this.#begin(connection, prepared.destination);
    return { kind: "request", exchange, place, prepared, opensDialogue };
  }

  /** Nobody can say where its body ends: what followed was recorded as data, and its head goes before that. */
  #undelimited({ place }: Recorded, exchange: ExchangeRecord): Item {
    const { destinations } = this.#options;
    const addressed = destinations.ofRequest(exchange, exchange.request!);
    if ("skip" in addressed) {
      this.#begin(exchange.connection, undefined);
      return { kind: "skip", reason: addressed, exchange, place };
    }
    const { destination, head: bytes } = addressed;
    const { connection } = exchange;
    this.#begin(connection, destination);
    return { kind: "bytes", connection, destination, bytes, afterDown: 0 };
  }

  #data(recorded: Recorded, { connection, direction, offset, body }: DataRecord): Item | undefined {
    let dialogue = this.#dialogues.get(keyOf(connection));
    if (dialogue === undefined) {
      const isWanted = this.#options.wants(recorded);
      const destination = isWanted ? this.#options.destinations.ofConnection(connection) : undefined;
      const reason = destination === undefined
        ? undefined
        : "skip" in destination
        ? destination
        : direction === "up" && body.kept[0] === TLS_HANDSHAKE
        ? THROUGH_TLS
        : undefined;
      const isSent = destination !== undefined && reason === undefined && !("skip" in destination);
      dialogue = this.#begin(connection, isSent ? destination : undefined);
      if (reason !== undefined) return { kind: "skip", reason, place: recorded.place };
    }
    if (dialogue.destination === undefined) return undefined;
    if (direction === "down") {
      const isFirst = dialogue.down === 0 && offset === 0;
      dialogue.down += body.bytes;
      if (!isFirst) return undefined;
      // The target spoke first: the connection is opened before the client has something to say.
      return { kind: "bytes", connection, destination: dialogue.destination, bytes: NOTHING, afterDown: 0 };
    }
    if (body.kept.length < body.bytes) return giveUp(dialogue, NOT_KEPT, recorded);
    return {
      kind: "bytes",
      connection,
      destination: dialogue.destination,
      bytes: body.kept,
      afterDown: dialogue.down,
    };
  }

  #message(recorded: Recorded, record: WebSocketRecord): Item | undefined {
    const { connection, direction } = record;
    const dialogue = this.#dialogues.get(keyOf(connection));
    if (dialogue?.destination === undefined) return undefined;
    if (direction === "down") {
      dialogue.down += serverFrameBytes(record);
      return undefined;
    }
    const mask = new Uint8Array(4);
    this.#options.randomMask(mask);
    const bytes = isRedacted(record) ? undefined : clientFrame(record, mask);
    if (bytes === undefined) return giveUp(dialogue, BAD_MESSAGE, recorded);
    return {
      kind: "bytes",
      connection,
      destination: dialogue.destination,
      bytes,
      afterDown: dialogue.down,
    };
  }

  #closed({ connection, end }: ConnectionClosed): Item | undefined {
    const key = keyOf(connection);
    const dialogue = this.#dialogues.get(key);
    this.#dialogues.delete(key);
    const byClient = end === "client-closed";
    if (dialogue?.isSent) return { kind: "end", connection, byClient, down: dialogue.down };
    return this.#options.tellsEnds ? { kind: "end", connection, byClient } : undefined;
  }

  #begin(connection: ConnectionInfo, destination: Destination | undefined): Dialogue {
    const dialogue = { destination, isSent: destination !== undefined, down: 0 };
    const key = keyOf(connection);
    this.#dialogues.delete(key);
    this.#dialogues.set(key, dialogue);
    if (this.#dialogues.size > DIALOGUE_LIMIT) {
      for (const oldest of this.#dialogues.keys()) {
        this.#dialogues.delete(oldest);
        break;
      }
    }
    return dialogue;
  }
}

function giveUp(dialogue: Dialogue, reason: Skip, { place }: Recorded): SkipItem {
  dialogue.destination = undefined;
  return { kind: "skip", reason, place };
}

const keys = new WeakMap<ConnectionInfo, string>();

/** What tells a recorded connection from others, also where two logs were appended to one. */
export function keyOf(connection: ConnectionInfo): string {
  let key = keys.get(connection);
  if (key === undefined) {
    const { id, listener, client, target } = connection;
    keys.set(connection, key = `${id} ${listener} ${client} ${target}`);
  }
  return key;
}
