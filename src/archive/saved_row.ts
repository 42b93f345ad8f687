/** One row of TCPMon's saved text → the exchanges of a connection. */
import { owned } from "./owned.ts";
import { Buffer } from "node:buffer";
import { BodyMemory } from "../capture/body_keeper.ts";
import { ConnectionCapture } from "../capture/connection_capture.ts";
import type { Body, ConnectionInfo, ExchangeRecord, Record, RequestMessage } from "../capture/record.ts";
import type { ResponseMessage } from "../capture/record.ts";
import { composeRequestHead, composeResponseHead } from "../http/compose_head.ts";
import type { Field } from "../http/head.ts";
import { parseRequestHead, parseResponseHead } from "../http/head_parser.ts";
import type { Remarks } from "./reading.ts";

/** Saved text has no times. The monotonic clock of a capture has to stand somewhere. */
const WALL_MS = 0, MONOTONIC_MS = 1;

/** Reads rows, and numbers their exchanges. */
export class SavedRows {
  readonly #remarks: Remarks;
  #exchanges = 0;

  /**
   * Begins before the first row.
   *
   * @param remarks Where what cannot be represented is counted.
   */
  constructor(remarks: Remarks) {
    this.#remarks = remarks;
  }

  /** Reads a row. The texts have one character for each byte. */
  read(connection: ConnectionInfo, request: string, response: string): readonly Record[] {
    const up = wireText(request), down = wireText(response);
    const before = this.#exchanges;
    const captured = this.#capture(connection, bytesOf(up), bytesOf(down));
    if (captured.every((record) => isWhole(record, down === ""))) {
      this.#remarks.add("row of TCPMon's text, which has no times: those of 1970 stand for them");
      return captured;
    }
    const single = readSingle(connection, before + 1, up, down);
    if (single === undefined) {
      this.#remarks.add("row of TCPMon's text that is not whole HTTP: shown as far as it could be read");
      return captured;
    }
    this.#exchanges = before + 1;
    this.#remarks.add("row of TCPMon's text with another length than its head says: the head was corrected");
    return [single];
  }

  #capture(connection: ConnectionInfo, up: Uint8Array, down: Uint8Array): Record[] {
    const records: Record[] = [];
    const limitBytes = up.length + down.length;
    const capture = new ConnectionCapture({
      emit: (record) => records.push(owned(record)),
      wall: () => WALL_MS,
      nextId: () => ++this.#exchanges,
      memory: new BodyMemory(limitBytes, 4 * limitBytes),
    }, connection);
    if (up.length > 0) capture.up(up, MONOTONIC_MS, MONOTONIC_MS);
    if (down.length > 0) capture.down(down, MONOTONIC_MS, MONOTONIC_MS);
    capture.upEnded(MONOTONIC_MS);
    capture.downEnded(MONOTONIC_MS);
    capture.ended(MONOTONIC_MS);
    return records;
  }
}

/** A message whose head ends its lines as on the wire: the window of TCPMon may have taken the CR away. */
function wireText(text: string): string {
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null || text.slice(0, end.index).includes("\r\n")) return text;
  const head = text.slice(0, end.index).replaceAll("\n", "\r\n");
  return `${head}\r\n\r\n${text.slice(end.index + end[0].length)}`;
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** Whether a record shows a whole exchange. */
function isWhole(record: Record, isUnanswered: boolean): boolean {
  if (record.type === "message") return true;
  if (record.type !== "exchange" || record.flags.includes("bytes-after-end")) return false;
  return record.outcome === "complete" || record.outcome === "upgraded" ||
    isUnanswered && record.outcome === "no-response";
}

/** A row read as one exchange, whatever its heads say of lengths: both bodies are all the text that there is. */
function readSingle(
  connection: ConnectionInfo,
  id: number,
  up: string,
  down: string,
): ExchangeRecord | undefined {
  const [upHead, upBody] = halves(up);
  const head = parseRequestHead(bytesOf(upHead));
  if (typeof head === "string") return undefined;
  const body = bodyOf(upBody);
  const request: RequestMessage = {
    head: composeRequestHead({ ...head, fields: corrected(head.fields, body) }),
    body,
    trailers: [],
  };
  const response = readResponse(down);
  if (down !== "" && response === undefined) return undefined;
  return {
    type: "exchange",
    id,
    connection,
    at: WALL_MS,
    request,
    interim: [],
    ...response && { response },
    ms: { total: 0 },
    outcome: response === undefined ? "no-response" : "complete",
    flags: [],
  };
}

function readResponse(text: string): ResponseMessage | undefined {
  const [headText, bodyText] = halves(text);
  const head = parseResponseHead(bytesOf(headText));
  if (typeof head === "string") return undefined;
  const body = bodyOf(bodyText);
  const fields = corrected(head.fields, body);
  return { head: composeResponseHead({ ...head, fields }), body, trailers: [] };
}

/** Head and body. */
function halves(text: string): readonly [head: string, body: string] {
  const end = text.indexOf("\r\n\r\n");
  return end < 0 ? [`${text.trimEnd()}\r\n\r\n`, ""] : [text.slice(0, end + 4), text.slice(end + 4)];
}

function bodyOf(text: string): Body {
  const kept = bytesOf(text);
  return { bytes: kept.length, kept };
}

/** Fields that frame a body of this length. */
function corrected(fields: readonly Field[], { bytes }: Body): readonly Field[] {
  const kept = fields.filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name));
  return bytes > 0 || kept.length < fields.length ? [...kept, ["Content-Length", String(bytes)]] : kept;
}
