/**
 * What each side sent, out of a record: bytes with a time, in the order in which they went their way.
 *
 * Where bytes are known to have passed but were not kept there is a gap: it becomes packets that were cut short when
 * they were captured, which readers know. WebSocket messages become frames again (RFC 6455 §5.2), in one piece and not
 * compressed, which permessage-deflate allows for each message (RFC 7692 §6). Server-sent events are in the body of
 * their response.
 */
import type { Redacted } from "../capture/redact/redact.ts";
import type {
  Body,
  DataRecord,
  Direction,
  ExchangeRecord,
  RequestMessage,
  ResponseMessage,
  WebSocketRecord,
} from "../capture/record.ts";
import { wireOf } from "../capture/wire.ts";
import { composeRequestHead, composeResponseHead } from "../http/compose_head.ts";
import type { Note } from "./exporter.ts";

/** Bytes, or a number of bytes that passed but were not kept. */
export type Part = Uint8Array | number;

/** Bytes that one side sent. */
export interface Sending {
  /** Which way they went. */
  readonly direction: Direction;
  /** `http`: a message, or interim responses; `stream`: what stands behind all HTTP of its direction. */
  readonly kind: "http" | "stream";
  /** When the first of them was read, ms since the epoch. */
  readonly at: number;
  /** When the last of them was sent on. */
  readonly until: number;
  /** The bytes, in order. */
  readonly parts: readonly Part[];
  /** How many bytes there are, without those that were not kept. */
  readonly bytes: number;
  /** How many there are with them. */
  readonly wireBytes: number;
  /** What a reader shows with the first of them. */
  readonly comment?: string;
}

/** What an exchange sent. */
export interface ExchangeSendings {
  /** The request, where there was one. */
  readonly request?: Sending;
  /** The interim responses and the final one, where there were any. */
  readonly response?: Sending;
}

/** Longest gap: it is written as packets without their payload, of which a log that lies could ask for any number. */
const MAX_GAP_BYTES = 2 ** 30;

const CUT = "bodies cut by --max-body: their ends are in packets cut short";
const GAP = "bytes of streams that the log does not have: they are in packets cut short";
const LONG_GAP = "more than 1 GiB that is missing in one place: 1 GiB is shown as missing";
const CHUNKED = "chunks of chunked bodies: each body is one chunk";
const REWRITTEN = "fields that tcpmon changed on their way: requests are as the client sent them";
const REDACTED = "lengths of redacted bodies: Content-Length says the new one";
const COMPRESSED = "compression of WebSocket messages: they are shown uncompressed";
const FRAGMENTED = "fragments of WebSocket messages: each message is one frame";
const RESERVED = "reserved opcodes of WebSocket frames: they are shown as 3";

/** What an exchange sent, either way. */
export function sendingsOf(record: ExchangeRecord, note: Note): ExchangeSendings {
  const { id, at, request, response, interim, ms, outcome } = record;
  const label = `exchange ${id}`;
  const sentAt = at + (ms.send ?? 0);
  const answeredAt = sentAt + (ms.wait ?? 0);
  if (request?.rewritten !== undefined) note(REWRITTEN);
  const up = request &&
    sendingOf(partsOf(request, { isCut: isCut("request", record), hasNoBody: false, note }), {
      direction: "up",
      kind: "http",
      at,
      until: sentAt,
      comment: response === undefined ? `${label}${failure(record)}` : label,
    });
  if (response === undefined && interim.length === 0) return { request: up };
  // After an upgrade there is no body either.
  const hasNoBody = request?.head.method === "HEAD" || outcome === "upgraded";
  const final = response && partsOf(response, { isCut: isCut("response", record), hasNoBody, note });
  const down = sendingOf([...interim.map(({ raw }) => raw), ...final ?? []], {
    direction: "down",
    kind: "http",
    at: answeredAt,
    until: answeredAt + (ms.receive ?? 0),
    comment: `${label}${failure(record)}`,
  });
  return { request: up, response: down };
}

/** What one read of a stream gave, behind bytes that are missing before it. */
export function dataSending({ direction, at, body }: DataRecord, gapBytes: number, note: Note): Sending {
  const parts: Part[] = [];
  if (gapBytes > 0) {
    note(GAP);
    parts.push(gap(gapBytes, note));
  }
  parts.push(...kept(body, note));
  return sendingOf(parts, { direction, kind: "stream", at, until: at });
}

/** The frame of a WebSocket message or of a control frame. */
export function frameSending(record: WebSocketRecord, note: Note): Sending {
  const { direction, at, opcode, closeCode, exchange, error } = record;
  if (record.compressedBytes !== undefined) note(COMPRESSED);
  if (record.frames > 1) note(FRAGMENTED);
  if (opcode === "reserved") note(RESERVED);
  const body = isRedacted(record.body) ? whole(record.body) : record.body;
  const status = closeCode === undefined ? [] : [closeCode >> 8, closeCode & 255];
  const head = frameHead(OPCODES[opcode], body.bytes + status.length, direction === "up");
  const comment = `exchange ${exchange}${error === undefined ? "" : `: ${error}`}`;
  return sendingOf([Uint8Array.of(...head, ...status), ...kept(body, note)], {
    direction,
    kind: "stream",
    at,
    until: at,
    comment,
  });
}

function sendingOf(parts: readonly Part[], rest: Omit<Sending, "parts" | "bytes" | "wireBytes">): Sending {
  let bytes = 0, missing = 0;
  for (const part of parts) {
    if (typeof part === "number") missing += part;
    else bytes += part.length;
  }
  return { ...rest, parts, bytes, wireBytes: bytes + missing };
}

const OPCODES = { text: 1, binary: 2, reserved: 3, close: 8, ping: 9, pong: 10 } as const;
const FINAL = 0x80, MASKED = 0x80;

/** The head of a frame. What a client sends is masked: with zeros, which change nothing. */
function frameHead(opcode: number, length: number, masked: boolean): number[] {
  const mask = masked ? MASKED : 0;
  const size = length < 126
    ? [mask | length]
    : length < 65_536
    ? [mask | 126, ...bigEndian(length, 2)]
    : [mask | 127, ...bigEndian(length, 8)];
  return [FINAL | opcode, ...size, ...masked ? [0, 0, 0, 0] : []];
}

function bigEndian(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256);
}

/** Whether this is the message inside which its exchange ended. */
function isCut(message: "request" | "response", { outcome, response }: ExchangeRecord): boolean {
  if (outcome === "not-http") return message === (response === undefined ? "request" : "response");
  return outcome === `${message}-cut`;
}

function failure({ outcome, error }: ExchangeRecord): string {
  return outcome === "complete" ? "" : ` (${outcome}${error === undefined ? "" : `: ${error}`})`;
}

/** How the bytes of a message are to be taken. */
interface Taking {
  readonly isCut: boolean;
  readonly hasNoBody: boolean;
  readonly note: Note;
}

function partsOf(message: RequestMessage | ResponseMessage, { isCut, hasNoBody, note }: Taking): Part[] {
  const told = isRedacted(message.body) ? withItsLength(message, note) : message;
  const { pieces, missing } = wireOf(told, hasNoBody);
  const parts: Part[] = [...pieces];
  // A body that is not chunked is one piece, if any.
  const isChunked = pieces.length > 2 || (pieces.length === 2 && pieces[1] !== told.body.kept);
  if (isChunked) {
    note(CHUNKED);
    // What says that the body is whole did not come.
    if (isCut) parts.pop();
  }
  if (missing > 0) {
    note(CUT);
    const at = parts.indexOf(told.body.kept);
    parts.splice(at < 0 ? parts.length : at + 1, 0, gap(missing, note));
  }
  return parts;
}

function isRedacted(body: Body): boolean {
  return (body as Partial<Redacted>).redacted === true;
}

/** A body whose length is what is left of it. */
function whole({ kept }: Body): Body {
  return { bytes: kept.length, kept };
}

/** A redacted message: its head says how long the body is now, since readers go by that. */
function withItsLength(
  message: RequestMessage | ResponseMessage,
  note: Note,
): RequestMessage | ResponseMessage {
  const body = whole(message.body);
  const fields = message.head.fields.map(([name, value]) =>
    [name, name.toLowerCase() === "content-length" ? String(body.bytes) : value] as const
  );
  if (fields.every(([, value], i) => value === message.head.fields[i][1])) return { ...message, body };
  note(REDACTED);
  return message.head.kind === "request"
    ? { ...message as RequestMessage, body, head: composeRequestHead({ ...message.head, fields }) }
    : { ...message as ResponseMessage, body, head: composeResponseHead({ ...message.head, fields }) };
}

/** The bytes of a body that were kept, and a gap for the rest. */
function kept(body: Body, note: Note): Part[] {
  const missing = body.bytes - body.kept.length;
  if (missing <= 0) return [body.kept];
  note(CUT);
  return [body.kept, gap(missing, note)];
}

function gap(bytes: number, note: Note): number {
  if (bytes <= MAX_GAP_BYTES) return bytes;
  note(LONG_GAP);
  return MAX_GAP_BYTES;
}
