/**
 * What the JSON log keeps for each connection: the fields that all its records share, and what its last heads became.
 * Clients and servers repeat their heads, and the parser then hands out the same object.
 */
import type { ConnectionInfo } from "../capture/record.ts";
import type { Field, RequestHead, ResponseHead } from "../http/head.ts";
import { ByteWriter } from "./byte_writer.ts";
import { type BodyReading, bodyReading, PLAIN_READING } from "./json_body.ts";
import { JsonMemo } from "./json_memo.ts";
import { writeJsonString } from "./json_string.ts";

/** What is kept of one connection. */
export interface ConnectionMemo {
  /** `,"connection":3,"listener":"…","client":"…","target":"…","time":"`: what comes next is the time. */
  readonly shared: Uint8Array;
  /** Its last request head. */
  readonly request: HeadMemo<RequestHead>;
  /** The fields of its last request that were changed on their way. */
  readonly rewritten: JsonMemo<readonly Field[]>;
  /** Its last response head, interim ones left out. */
  readonly response: HeadMemo<ResponseHead>;
}

/** The last head of one kind, its encoding, and what it says about its body. */
export class HeadMemo<H extends RequestHead | ResponseHead> {
  readonly #memo = new JsonMemo<H>();
  #head: H | undefined;
  #reading: BodyReading = PLAIN_READING;

  /**
   * Appends a head.
   *
   * @param encode Appends a head that is new. It must be the same each time.
   * @returns How the body under this head is to be read.
   */
  write(out: ByteWriter, head: H, encode: (out: ByteWriter, head: H) => void): BodyReading {
    if (head !== this.#head) {
      this.#head = head;
      this.#reading = bodyReading(head.fields);
    }
    this.#memo.write(out, head, encode);
    return this.#reading;
  }
}

/** The memos of all connections that a record has named; each goes with its connection's object, or when told. */
export class ConnectionMemos {
  readonly #memos = new WeakMap<ConnectionInfo, ConnectionMemo>();
  readonly #scratch = new ByteWriter(256);

  /** The memo of a connection, made at its first record. */
  of(connection: ConnectionInfo): ConnectionMemo {
    const known = this.#memos.get(connection);
    if (known !== undefined) return known;
    const memo: ConnectionMemo = {
      shared: this.#encode(connection),
      request: new HeadMemo(),
      rewritten: new JsonMemo(),
      response: new HeadMemo(),
    };
    this.#memos.set(connection, memo);
    return memo;
  }

  /** Forgets a connection that has ended, since a history may hold its object for long. */
  forget(connection: ConnectionInfo): void {
    this.#memos.delete(connection);
  }

  #encode(connection: ConnectionInfo): Uint8Array {
    const out = this.#scratch;
    out.reset();
    out.text(',"connection":');
    out.integer(connection.id);
    out.text(',"listener":');
    writeJsonString(out, connection.listener);
    out.text(',"client":');
    writeJsonString(out, connection.client);
    out.text(',"target":');
    writeJsonString(out, connection.target);
    out.text(',"time":"');
    return out.copy();
  }
}
