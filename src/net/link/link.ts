/**
 * A simulated link: slow, broken, or both, for any number of relayed connections, its rules changeable while they run.
 *
 * Behaviour stands in small files, one for each kind (`pause`, `rate`, `latency`, `slicer`, `drop`, `corrupt`, `timeout`,
 * `cut`); plumbing in `content` (what happens to bytes), `schedule` (when), `line` (doing it in order) and `outlet`.
 */
import type { ConnectionEnd, Direction, FaultNote } from "../../capture/record.ts";
import type { Connection, Outlet } from "../connection.ts";
import { strikes } from "./choose.ts";
import { LinkedOutlet } from "./outlet.ts";
import type { LinkRules } from "./rules.ts";
import { SYSTEM_TIMERS, type Timers } from "./timers.ts";

/** One connection that is to run over a link. */
export interface LinkEnds {
  /** Its number: part of every decision. */
  readonly connectionId: number;
  /** `down` writes to it. */
  readonly client: Connection;
  /** `up` writes to it. */
  readonly target: Connection;
  /**
   * Told of each fault as it strikes, while `write` or `closeWrite` is called: before a tap that looks at the same bytes
   * after that.
   */
  note(fault: FaultNote): void;
  /**
   * The connection ends: close both sides at once and {@link LinkedConnection.detach}.
   *
   * @param by What ended it: a fault; or the side that ended first, where a fault holds a direction for ever and nothing
   *   can happen any more.
   */
  end(by: ConnectionEnd): void;
  /**
   * How many bytes went in a direction before. Asked when rules that do something come to a running connection, so that the
   * notes' offsets count from its beginning; without it they count from there.
   */
  sentBytes?(direction: Direction): number;
}

/** A connection over a link. */
export interface LinkedConnection {
  /** Writes to the target. */
  readonly up: Outlet;
  /** Writes to the client. */
  readonly down: Outlet;
  /** How many bytes were taken, and are still on their way: a connection with any is not idle. */
  readonly queuedBytes: number;
  /** Whether a fault holds a direction for ever: what is in it never arrives. */
  readonly held: boolean;
  /**
   * What was written to the client is still on its way, and what does not take that way must not overtake it: resolves
   * when all of it is sent, rejects where the connection ends before. `undefined`: nothing is.
   */
  delivered(): Promise<void> | undefined;
  /**
   * The client has ended, though no end of its direction is passed on (`up.closeWrite`): where a fault holds a direction
   * for ever, nothing can happen any more, and the connection ends.
   */
  clientEnded(): void;
  /**
   * To be called when the sockets are closed, before the record of the connection is: timers stop, calls that wait reject,
   * what was still being dropped is noted. Harmless when repeated.
   */
  detach(): void;
}

interface Attached {
  readonly up: LinkedOutlet;
  readonly down: LinkedOutlet;
}

/** A link. */
export class Link {
  readonly #timers: Timers;
  readonly #attached = new Set<Attached>();
  #rules: LinkRules;

  /**
   * A link that no connection runs over yet.
   *
   * @param timers Where times come from; real time unless given.
   */
  constructor(rules: LinkRules, timers: Timers = SYSTEM_TIMERS) {
    this.#rules = rules;
    this.#timers = timers;
  }

  /** What the link does now. */
  get rules(): LinkRules {
    return this.#rules;
  }

  /**
   * Changes what the link does, for running connections too. What is on its way arrives in order; places of faults that
   * were not there before are counted from here.
   */
  set(rules: LinkRules): void {
    this.#rules = rules;
    for (const attached of this.#attached) apply(rules, attached);
  }

  /** Whether a client is turned away as it is accepted. @returns What to record of it, if so. */
  refuses(connectionId: number): FaultNote | undefined {
    const { refuse, seed } = this.#rules;
    const struck = refuse.some((rule) => strikes(rule, { seed, connectionId }));
    return struck ? { fault: "refuse", offset: 0, seed } : undefined;
  }

  /**
   * The status that a request is to be answered with instead of being passed on; {@link statusNote} records it.
   *
   * @param requestIndex Number of the request on its connection, from 0.
   */
  statusFor(connectionId: number, requestIndex: number): number | undefined {
    const { status, seed } = this.#rules;
    return status.find((rule) => strikes(rule, { seed, connectionId }, requestIndex))?.status;
  }

  /** What to record of a request that {@link statusFor} had answered. @param offset Where it begins in its direction. */
  statusNote(offset: number): FaultNote {
    return { fault: "status", direction: "up", offset, seed: this.#rules.seed };
  }

  /** Puts the link between the two sides of a connection. */
  attach(ends: LinkEnds): LinkedConnection {
    const outlet = (direction: Direction, to: Connection) =>
      new LinkedOutlet({
        connectionId: ends.connectionId,
        direction,
        to,
        timers: this.#timers,
        note: (struck, seed) => ends.note({ ...struck, direction, seed }),
        end: () => ends.end("fault"),
        over: () => {
          if (attached[direction].closing) first ??= direction;
          endIfOver();
        },
        sentBefore: () => ends.sentBytes?.(direction) ?? 0,
      });
    const attached: Attached = { up: outlet("up", ends.target), down: outlet("down", ends.client) };
    let clientEnded = false;
    /** Whose sender ended first. */
    let first: Direction | undefined;
    // The senders are done, and what one of them sent is held for ever: nothing can happen any more.
    const endIfOver = () => {
      const { up, down } = attached;
      if ((clientEnded || (up.over && down.over)) && (up.held || down.held)) {
        ends.end(first === "down" ? "target-closed" : "client-closed");
      }
    };
    this.#attached.add(attached);
    apply(this.#rules, attached);
    return {
      up: attached.up,
      down: attached.down,
      get queuedBytes() {
        return attached.up.queuedBytes + attached.down.queuedBytes;
      },
      get held() {
        return attached.up.held || attached.down.held;
      },
      delivered: () => attached.down.delivered(),
      clientEnded() {
        clientEnded = true;
        endIfOver();
      },
      detach: () => {
        this.#attached.delete(attached);
        attached.up.detach();
        attached.down.detach();
      },
    };
  }
}

function apply(rules: LinkRules, { up, down }: Attached): void {
  up.change(rules.up, rules.seed);
  down.change(rules.down, rules.seed);
}
