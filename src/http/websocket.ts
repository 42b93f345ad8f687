/**
 * WebSocket messages (RFC 6455 §5), read from the bytes of one direction: fragments joined, unmasked and inflated.
 *
 * What breaks a rule is reported with the message and read on, as long as the bytes still look like frames. A header
 * that breaks two rules at once, or names a length that cannot be, is taken for something else than a frame.
 */
import { isUtf8 } from "node:buffer";
import { type Kept, KeptBytes } from "./coding/kept_bytes.ts";
import { CUT_SHORT } from "./coding/output.ts";
import { fieldList, type RequestHead, type ResponseHead } from "./head.ts";
import { type DeflateParameters, MessageInflater } from "./permessage_deflate.ts";

export {
  type DeflateParameters,
  type WebSocketExtensions,
  webSocketExtensions,
} from "./permessage_deflate.ts";

/** One message, its fragments joined, or one control frame. */
export interface WebSocketMessage {
  /** What kind of message it is; `reserved` where its number has no meaning. */
  readonly opcode: "text" | "binary" | "close" | "ping" | "pong" | "reserved";
  /** How many frames carried it. */
  readonly frames: number;
  /** Length of the payload as sent, in bytes, where it was compressed. */
  readonly compressedBytes?: number;
  /** The payload, unmasked and inflated; of a close frame, the reason. */
  readonly body: Kept;
  /** Status of a close frame that has one. */
  readonly closeCode?: number;
  /** What is wrong with it, in words. */
  readonly error?: string;
}

/** What a {@link WebSocketReader} is told. */
export interface WebSocketReaderOptions {
  /** Who sends these bytes: frames of a client must be masked, those of a server must not (§5.1). */
  readonly side: "client" | "server";
  /** How this side compresses its messages, where that was agreed. */
  readonly deflate?: DeflateParameters;
  /** How many bytes of a message are kept at most. */
  readonly limitBytes: number;
  /** Takes each message when it is complete. */
  readonly onMessage: (message: WebSocketMessage) => void;
  /**
   * Called once, when what follows are no frames: `remaining` are the bytes of the last push, and up to 13 bytes of a
   * frame header before them, that were not read. It is valid during the call; later pushes are ignored.
   */
  readonly onBroken?: (remaining: Uint8Array) => void;
}

/** The opcodes (§5.2) that have a meaning; a continuation without a message to continue is shown as binary. */
const OPCODES = new Map<number, WebSocketMessage["opcode"]>(
  [[0, "binary"], [1, "text"], [2, "binary"], [8, "close"], [9, "ping"], [10, "pong"]],
);

const CONTINUATION = 0, FIRST_CONTROL = 8;

/** Longest header: 2 bytes, 8 of length, 4 of mask (§5.2). */
const MAX_HEADER_BYTES = 14;

/** Longest payload of a control frame (§5.5). */
const MAX_CONTROL_BYTES = 125;

/** Unmasked at once, in bytes. */
const PIECE_BYTES = 16 * 1024;

/** A header that breaks this many rules is none. */
const RULES_TO_BREAK = 2;

/** A message, or a control frame, that is being read. */
interface Part {
  readonly opcode: WebSocketMessage["opcode"];
  readonly compressed: boolean;
  readonly kept: KeptBytes;
  readonly problems: Set<string>;
  frames: number;
  wireBytes: number;
}

/** Whether a request and its response agreed to go on as WebSocket (RFC 6455 §4). */
export function isWebSocketUpgrade(request: RequestHead, response: ResponseHead): boolean {
  return response.status === 101 && fieldList(response.fields, "upgrade").includes("websocket") &&
    fieldList(request.fields, "upgrade").includes("websocket");
}

/** Reads the messages of one direction. Keeps no chunk; memory is bounded by the limit and the window of inflating. */
export class WebSocketReader {
  readonly #options: WebSocketReaderOptions;
  readonly #messageKept: KeptBytes;
  readonly #controlKept: KeptBytes;
  readonly #inflater: MessageInflater | undefined;
  readonly #header = new Uint8Array(MAX_HEADER_BYTES);
  #headerBytes = 0;
  #scratch = new Uint8Array(0);
  /** The frame whose payload is being read: what it belongs to, and how much of it is due. */
  #part: Part | undefined;
  #left = 0;
  #isFinal = false;
  #isMasked = false;
  #maskAt = 0;
  #maskPhase = 0;
  /** The message whose final frame is not here yet. */
  #message: Part | undefined;
  #isBroken = false;

  /** Makes a reader for the bytes that follow the handshake. */
  constructor(options: WebSocketReaderOptions) {
    this.#options = options;
    this.#messageKept = new KeptBytes(options.limitBytes);
    this.#controlKept = new KeptBytes(options.limitBytes);
    if (options.deflate !== undefined) {
      this.#inflater = new MessageInflater(options.deflate, this.#messageKept);
    }
  }

  /** Reads the next bytes, however they are cut. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#isBroken;) {
      if (this.#part !== undefined) {
        const size = Math.min(this.#left, chunk.length - at);
        this.#readPayload(this.#part, chunk, at, at + size);
        at += size;
      } else {
        const first = at - this.#headerBytes;
        this.#header[this.#headerBytes++] = chunk[at++];
        const needed = headerSize(this.#header, this.#headerBytes);
        if (this.#headerBytes < needed) continue;
        this.#headerBytes = 0;
        if (!this.#beginFrame(needed)) return this.#break(chunk, first, at, needed);
      }
      if (this.#part !== undefined && this.#left === 0) this.#endFrame(this.#part);
    }
  }

  /** Says that no more bytes come: a message that is not complete is reported as far as it came. */
  end(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    if (this.#part !== undefined && this.#part !== this.#message) this.#cutOff(this.#part);
    if (this.#message !== undefined) this.#cutOff(this.#message);
  }

  #cutOff(part: Part): void {
    part.problems.add(CUT_SHORT);
    if (part === this.#part && this.#left > 0) part.frames++;
    this.#report(part);
  }

  /** Reads the header that is complete; `false` where it cannot be one. */
  #beginFrame(size: number): boolean {
    const header = this.#header;
    const opcode = header[0] & 15;
    const short = header[1] & 127;
    const mayBeCompressed = this.#inflater !== undefined && (opcode === 1 || opcode === 2);
    const length = short < 126 ? short : bigEndian(header, 2, short === 126 ? 2 : 8);
    const problems: string[] = [];
    this.#isFinal = header[0] >= 128;
    this.#isMasked = header[1] >= 128;
    this.#maskAt = size - 4;
    this.#maskPhase = 0;
    if ((header[0] & (mayBeCompressed ? 0x30 : 0x70)) !== 0) problems.push("reserved bits are set");
    if (!OPCODES.has(opcode)) problems.push(`opcode ${opcode} is reserved`);
    if (this.#isMasked !== (this.#options.side === "client")) {
      problems.push(
        this.#isMasked ? "a frame of the server is masked" : "a frame of the client is not masked",
      );
    }
    if (opcode >= FIRST_CONTROL && !this.#isFinal) problems.push("a control frame is fragmented");
    if (opcode >= FIRST_CONTROL && length > MAX_CONTROL_BYTES) problems.push("a control frame is too long");
    if (short >= 126 && length < (short === 126 ? 126 : 65536)) {
      problems.push("the length is not written in its shortest form");
    }
    if (opcode === CONTINUATION && this.#message === undefined) problems.push("there is nothing to continue");
    if (problems.length >= RULES_TO_BREAK || length > Number.MAX_SAFE_INTEGER) return false;
    this.#left = length;
    this.#part = this.#partOf(opcode, mayBeCompressed && (header[0] & 0x40) !== 0);
    for (const problem of problems) this.#part.problems.add(problem);
    return true;
  }

  /** What a frame belongs to: the open message, or something new. */
  #partOf(opcode: number, compressed: boolean): Part {
    if (opcode === CONTINUATION && this.#message !== undefined) return this.#message;
    const isData = opcode < FIRST_CONTROL && OPCODES.has(opcode);
    if (isData && this.#message !== undefined) {
      this.#message.problems.add("another message begins before its end");
      this.#report(this.#message);
    }
    const part: Part = {
      opcode: OPCODES.get(opcode) ?? "reserved",
      compressed,
      kept: isData ? this.#messageKept : this.#controlKept,
      problems: new Set(),
      frames: 0,
      wireBytes: 0,
    };
    if (isData) this.#message = part;
    return part;
  }

  #readPayload(part: Part, chunk: Uint8Array, from: number, to: number): void {
    this.#left -= to - from;
    part.wireBytes += to - from;
    for (let at = from; at < to;) {
      // Of what is not compressed, only what is kept needs to be unmasked.
      const size = Math.min(to - at, part.compressed ? PIECE_BYTES : Math.min(part.kept.wanted, PIECE_BYTES));
      if (size === 0) return part.kept.skip(to - at);
      const piece = this.#isMasked ? this.#unmask(chunk, at, size) : chunk.subarray(at, at + size);
      if (part.compressed) this.#inflater?.push(piece);
      else part.kept.append(piece, 0, size);
      at += size;
    }
  }

  /** The next `size` bytes of the payload unmasked (§5.3), in a buffer that is used again. */
  #unmask(chunk: Uint8Array, from: number, size: number): Uint8Array {
    if (this.#scratch.length < size) this.#scratch = new Uint8Array(Math.min(size * 2, PIECE_BYTES));
    const scratch = this.#scratch, header = this.#header, maskAt = this.#maskAt, phase = this.#maskPhase;
    for (let i = 0; i < size; i++) scratch[i] = chunk[from + i] ^ header[maskAt + ((phase + i) & 3)];
    this.#maskPhase = (phase + size) & 3;
    return scratch.subarray(0, size);
  }

  #endFrame(part: Part): void {
    this.#part = undefined;
    part.frames++;
    if (part !== this.#message || this.#isFinal) this.#report(part);
  }

  /** Hands over what was read of a message, which is then over. */
  #report(part: Part): void {
    const { opcode, frames, problems, kept } = part;
    if (part === this.#message) this.#message = undefined;
    const inflating = part.compressed ? this.#inflater?.end() : undefined;
    if (inflating !== undefined) problems.add(inflating);
    const closeCode = opcode === "close" ? readCloseCode(kept.view(), problems) : undefined;
    const body = kept.take(closeCode === undefined ? 0 : 2);
    const isText = opcode === "text" || closeCode !== undefined;
    if (isText && inflating === undefined && !problems.has(CUT_SHORT) && !isTextSoFar(body)) {
      problems.add("the text is not UTF-8");
    }
    this.#options.onMessage({
      opcode,
      frames,
      ...(part.compressed ? { compressedBytes: part.wireBytes } : {}),
      body,
      ...(closeCode === undefined ? {} : { closeCode }),
      ...(problems.size === 0 ? {} : { error: [...problems].join("; ") }),
    });
  }

  /** Gives up: `chunk` from `first` on, which lies before it where the header began in an earlier one, are no frames. */
  #break(chunk: Uint8Array, first: number, at: number, headerBytes: number): void {
    this.end();
    if (first >= 0) return this.#options.onBroken?.(chunk.subarray(first));
    const remaining = new Uint8Array(headerBytes + chunk.length - at);
    remaining.set(this.#header.subarray(0, headerBytes));
    remaining.set(chunk.subarray(at), headerBytes);
    this.#options.onBroken?.(remaining);
  }
}

/** How long the header is, as far as its first `have` bytes say. */
function headerSize(header: Uint8Array, have: number): number {
  if (have < 2) return 2;
  const length = header[1] & 127;
  return 2 + (length < 126 ? 0 : length === 126 ? 2 : 8) + (header[1] >= 128 ? 4 : 0);
}

function bigEndian(bytes: Uint8Array, from: number, size: number): number {
  let value = 0;
  for (let i = from; i < from + size; i++) value = value * 256 + bytes[i];
  return value;
}

/** The status that a close frame begins with (§7.4), or `undefined` where it has none. */
function readCloseCode(payload: Uint8Array, problems: Set<string>): number | undefined {
  if (payload.length === 1) problems.add("half a status");
  if (payload.length < 2) return undefined;
  const code = bigEndian(payload, 0, 2);
  const isAllowed = code >= 3000 ? code < 5000 : code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
  if (!isAllowed) problems.add(`status ${code} may not be sent`);
  return code;
}

/** Whether what was kept is UTF-8, the last character perhaps cut where not all was kept. */
function isTextSoFar({ bytes, kept }: Kept): boolean {
  if (kept.length === bytes) return isUtf8(kept);
  let end = kept.length;
  while (end > 0 && kept.length - end < 3 && (kept[end - 1] & 0xc0) === 0x80) end--;
  const lead = kept[end - 1];
  const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return isUtf8(kept.subarray(0, size > kept.length - end + 1 ? end - 1 : kept.length));
}
