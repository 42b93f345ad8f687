/** Records as files that hold what crossed the wire and nothing else: one a message, one a direction of a stream. */
import type { MessageRecord, Record, RequestMessage, ResponseMessage } from "../capture/record.ts";
import { wireOf } from "../capture/wire.ts";

/** A file, or a part of one. */
export interface RawFile {
  /** Its name, without a folder: digits, small letters, dashes and one dot. */
  readonly name: string;
  /** What it holds, in order. The bytes are the record's own: read only. */
  readonly pieces: readonly Uint8Array[];
  /**
   * Where in the file it is to be written, for a stream of which each record is a part: bytes that other records or
   * nobody kept are a gap. Absent: the pieces are the whole file.
   */
  readonly offset?: number;
  /** How many bytes at the end were not kept (`--max-body`). */
  readonly missing: number;
}

/**
 * The files of a record; none for a record without bytes of the wire.
 *
 * An exchange is `000017-request.http`, `000017-interim-1.http` and `000017-response.http`, a message of a WebSocket
 * `000017-up-000001.txt` (`.bin` where it is no text), an event `000017-down-000001.txt`, the stream of a
 * connection `c3-up.bin` and `c3-down.bin`. Numbers repeat where a log was continued by another run: whoever writes the
 * files keeps those apart.
 */
export function rawFiles(record: Record): readonly RawFile[] {
  switch (record.type) {
    case "exchange": {
      const { request, interim, response } = record;
      const toHead = request?.head.method === "HEAD";
      return [
        ...request === undefined ? [] : [messageFile(`${digits(record.id)}-request`, request, false)],
        ...interim.map(({ raw }, i) => ({
          name: `${digits(record.id)}-interim-${i + 1}.http`,
          pieces: [raw],
          missing: 0,
        })),
        ...response === undefined ? [] : [messageFile(`${digits(record.id)}-response`, response, toHead)],
      ];
    }
    case "data": {
      const { connection, direction, offset, body } = record;
      const missing = body.bytes - body.kept.length;
      return [{ name: `c${connection.id}-${direction}.bin`, pieces: [body.kept], offset, missing }];
    }
    case "message": {
      const { exchange, direction, index, body } = record;
      const name = `${digits(exchange)}-${direction}-${digits(index)}.${isText(record) ? "txt" : "bin"}`;
      return [{ name, pieces: [body.kept], missing: body.bytes - body.kept.length }];
    }
    case "connection":
    case "lost":
      return [];
  }
}

function messageFile(name: string, message: RequestMessage | ResponseMessage, toHead: boolean): RawFile {
  return { name: `${name}.http`, ...wireOf(message, toHead) };
}

function isText(record: MessageRecord): boolean {
  return record.protocol === "sse" || record.opcode === "text";
}

/** A number with leading zeros, so that names sort as numbers do. */
function digits(number: number): string {
  return String(number).padStart(6, "0");
}
