/** One object for each connection that a log names, however many records name it; and the heads that it had last. */
import type { ConnectionInfo } from "../capture/record.ts";
import type { Field, RequestHead, ResponseHead } from "../http/head.ts";
import { count, type Fields, text } from "./shape.ts";

/** How many connections are remembered; past it the one that was met first is forgotten, and may get a second object. */
const REMEMBERED = 20_000;

/** What is remembered of a connection. */
export interface ArchivedConnection {
  /** What its records share. */
  readonly info: ConnectionInfo;
  /** Its last request head. */
  request?: RequestHead;
  /** The fields of its last request that were changed on their way. */
  rewritten?: readonly Field[];
  /** Its last final response head. */
  response?: ResponseHead;
}

/** The connections that a log has named and not yet closed. */
export class Connections {
  readonly #known = new Map<number, ArchivedConnection>();

  /**
   * The connection that a record names. Numbers begin anew when tcpmon does, so the same number with other ends is
   * another connection.
   *
   * @throws {Wrong} where what names it is not what it must be.
   */
  of(record: Fields): ArchivedConnection {
    const id = count(record.connection, "connection");
    const known = this.#known.get(id);
    if (known !== undefined) {
      const { info } = known;
      if (
        info.client === record.client && info.listener === record.listener && info.target === record.target
      ) return known;
    }
    const info = {
      id,
      listener: text(record.listener, "listener"),
      client: text(record.client, "client"),
      target: text(record.target, "target"),
    };
    const connection: ArchivedConnection = {
      info,
      request: undefined,
      rewritten: undefined,
      response: undefined,
    };
    this.#known.delete(id);
    this.#known.set(id, connection);
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
    return connection;
  }

  /** Forgets a connection that has ended. */
  forget(id: number): void {
    this.#known.delete(id);
  }
}
