/**
 * Correlatable redaction: records with each secret replaced by a tag, the same tag for the same secret (`--redact`).
 *
 * Redacted are the start line and fields of requests, responses and interim responses, trailers, bodies (see
 * `content.ts` for which), text messages of WebSocket and server-sent events. Left alone are connections, stream data
 * (unless it is left out altogether), binary WebSocket messages, and what went wrong, in words.
 */
import type {
  Body,
  ExchangeRecord,
  MessageRecord,
  Record,
  RequestMessage,
  ResponseMessage,
} from "../record.ts";
import type { ResponseHead } from "../../http/head.ts";
import { isScanned, kindOfType, redactContent, redactMessageText } from "./content.ts";
import { HeadRedactor } from "./heads.ts";
import type { RedactNames } from "./names.ts";
import type { Rules } from "./scan.ts";
import { Tagger } from "./tagger.ts";

export { DEFAULT_REDACT_NAMES, parseRedactNames, type RedactNames } from "./names.ts";

/** Most bytes that a coded body is decoded to, unless told otherwise: ample for text, and no bomb fits in. */
export const DECODED_LIMIT_BYTES = 4 * 1024 * 1024;

/** Marks a request, a response, a head, a body or a message record in which something was replaced. */
export interface Redacted {
  /** Set wherever the property is there at all. */
  readonly redacted: true;
}

/**
 * A body in which something was replaced. `bytes` is still the count of what passed; `kept` has another length, so
 * whether it is all of the body cannot be told from the two.
 */
export interface RedactedBody extends Body, Redacted {
  /** Whether `kept` stands for a part of the body only: `--max-body` was passed, or it could not be decoded whole. */
  readonly truncated: boolean;
}

/**
 * Undoes content codings, given in the order in which they were applied: the bytes, at most `limitBytes` of them, whether
 * there are more, and why it stopped where the coded bytes are broken or cut.
 */
export type Decode = (
  codings: readonly string[],
  input: Uint8Array,
  limitBytes: number,
) => { readonly bytes: Uint8Array; readonly truncated: boolean; readonly error?: string };

/** What a redactor works by. */
export interface RedactorOptions {
  /** Names whose values are secrets. */
  readonly names: RedactNames;
  /** What tags depend on: 32 random bytes; the same key in another run gives the same tags there. */
  readonly key: Uint8Array;
  /** Undoes content codings. Without it, coded bodies of types that are scanned are emptied. */
  readonly decode?: Decode;
  /** Most bytes that a coded body is decoded to; {@link DECODED_LIMIT_BYTES} by default. */
  readonly decodedLimitBytes?: number;
  /**
   * What becomes of the bytes of connections that are not HTTP, in which secrets cannot be found: `keep` (the default)
   * leaves them as they are, `omit` leaves direction, offset and count only.
   */
  readonly streams?: "keep" | "omit";
}

const NOTHING = new Uint8Array();

/**
 * Makes a function that gives each record with its secrets replaced, or the same object where it found none.
 *
 * A body with a content coding is replaced by its decoded, redacted content wherever that content holds a secret, or
 * cannot be decoded whole although its type is one that is scanned; its head then says so: it has lost
 * Content-Encoding. Content-Length stays what it was.
 */
export function createRedactor(options: RedactorOptions): (record: Record) => Record {
  const redactor = new Redactor(options);
  return (record) => redactor.redact(record);
}

class Redactor {
  readonly #rules: Rules;
  readonly #heads: HeadRedactor;
  readonly #decode: Decode;
  readonly #decodedLimitBytes: number;
  readonly #omitStreams: boolean;

  constructor(options: RedactorOptions) {
    this.#rules = { names: options.names, tagger: new Tagger(options.key) };
    this.#heads = new HeadRedactor(this.#rules);
    this.#decode = options.decode ?? (() => ({ bytes: NOTHING, truncated: false, error: "not decoded" }));
    this.#decodedLimitBytes = options.decodedLimitBytes ?? DECODED_LIMIT_BYTES;
    this.#omitStreams = options.streams === "omit";
  }

  redact(record: Record): Record {
    switch (record.type) {
      case "exchange":
        return this.#exchange(record);
      case "message":
        return this.#message(record);
      case "data":
        if (!this.#omitStreams || record.body.kept.length === 0) return record;
        return marked({ ...record, body: redactedBody(record.body, NOTHING, true) });
      case "connection":
      case "lost":
        return record;
    }
  }

  #exchange(record: ExchangeRecord): ExchangeRecord {
    const request = record.request && this.#request(record.request);
    const response = record.response && this.#part(record.response);
    const interim = this.#interim(record.interim);
    if (request === record.request && response === record.response && interim === record.interim) {
      return record;
    }
    return { ...record, ...request && { request }, interim, ...response && { response } };
  }

  #interim(heads: readonly ResponseHead[]): readonly ResponseHead[] {
    if (heads.length === 0) return heads;
    const redacted = heads.map((head) => this.#heads.redact(head));
    return redacted.some((head, i) => head !== heads[i]) ? redacted : heads;
  }

  #request(message: RequestMessage): RequestMessage {
    const redacted = this.#part(message);
    const rewritten = message.rewritten && this.#heads.fields(message.rewritten);
    return rewritten === message.rewritten ? redacted : marked({ ...redacted, rewritten });
  }

  /** Head, body and trailers. */
  #part<Message extends RequestMessage | ResponseMessage>(message: Message): Message {
    const trailers = this.#heads.fields(message.trailers);
    const body = this.#body(message);
    let head = this.#heads.redact(message.head);
    if (head === message.head && body === message.body && trailers === message.trailers) return message;
    if (body !== message.body && this.#heads.contentFields(head).codings.length > 0) {
      head = this.#heads.withoutCodings(head);
    }
    return marked({ ...message, head, body, trailers });
  }

  #body({ head, body }: RequestMessage | ResponseMessage): Body {
    if (body.kept.length === 0) return body;
    const { type, codings } = this.#heads.contentFields(head);
    const cut = body.kept.length < body.bytes;
    if (codings.length === 0) {
      const kept = redactContent(body.kept, type, this.#rules);
      return kept === body.kept ? body : redactedBody(body, kept, cut);
    }
    if (kindOfType(type) === "opaque") return body;
    const { bytes, truncated, error } = this.#decode(codings, body.kept, this.#decodedLimitBytes);
    const kept = redactContent(bytes, type, this.#rules);
    const partial = truncated || error !== undefined;
    // What could not be decoded may hide what was not found.
    if (kept === bytes && !(partial && isScanned(bytes, type))) return body;
    return redactedBody(body, kept, cut || partial);
  }

  #message(record: MessageRecord): MessageRecord {
    if (record.protocol === "websocket" && record.opcode !== "text") return record;
    const { body } = record;
    const kept = redactMessageText(body.kept, this.#rules);
    if (kept === body.kept) return record;
    return marked({ ...record, body: redactedBody(body, kept, body.kept.length < body.bytes) });
  }
}

function redactedBody(body: Body, kept: Uint8Array, truncated: boolean): RedactedBody {
  return { bytes: body.bytes, kept, truncated, redacted: true };
}

function marked<Value extends object>(value: Value): Value & Redacted {
  return { ...value, redacted: true };
}
