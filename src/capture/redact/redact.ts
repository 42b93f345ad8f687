/**
 * Correlatable redaction: records with each secret replaced by a tag, the same tag for the same secret (`--redact`).
 *
 * Redacted are the start line and fields of requests, responses and interim responses, trailers, bodies (see
 * `content.ts` for which), text messages and close reasons of WebSocket, server-sent events with their name and id. Of
 * stream data, what may be HTTP is left out (see `streams.ts`). Left alone are connections, other stream data, other
 * WebSocket messages, and what went wrong, in words.
 */
import type {
  Body,
  DataRecord,
  ExchangeRecord,
  MessageRecord,
  Record,
  RequestMessage,
  ResponseMessage,
  ServerSentEventRecord,
} from "../record.ts";
import type { ResponseHead } from "../../http/head.ts";
import { isScanned, kindOfType, redactContent } from "./content.ts";
import { redactEventId } from "./events.ts";
import { HeadRedactor } from "./heads.ts";
import { redactCloseFrame, redactMessageText } from "./messages.ts";
import type { RedactNames } from "./names.ts";
import type { Rules } from "./scan.ts";
import { redactShortText } from "./short_text.ts";
import { HttpStreams } from "./streams.ts";
import { Tagger } from "./tagger.ts";

export { DEFAULT_REDACT_NAMES, parseRedactNames } from "./names.ts";

/** Most bytes that a coded body is decoded to, unless told otherwise: ample for text, and no bomb fits in. */
const DECODED_LIMIT_BYTES = 4 * 1024 * 1024;

/** Marks a request, a response, a head, a body, a message or a data record in which something was replaced. */
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
  readonly #streams = new HttpStreams();
  readonly #decode: Decode;
  readonly #decodedLimitBytes: number;

  constructor(options: RedactorOptions) {
    this.#rules = { names: options.names, tagger: new Tagger(options.key) };
    this.#heads = new HeadRedactor(this.#rules);
    this.#decode = options.decode ?? (() => ({ bytes: NOTHING, truncated: false, error: "not decoded" }));
    this.#decodedLimitBytes = options.decodedLimitBytes ?? DECODED_LIMIT_BYTES;
  }

  redact(record: Record): Record {
    switch (record.type) {
      case "exchange":
        return this.#exchange(record);
      case "message":
        return this.#message(record);
      case "data":
        return this.#data(record);
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

  /** A read may begin and end anywhere in a head or a body: what may be of HTTP is left out. */
  #data(record: DataRecord): DataRecord {
    if (record.body.kept.length === 0 || !this.#streams.mayBeHttp(record)) return record;
    return marked({ ...record, body: redactedBody(record.body, NOTHING, true) });
  }

  #message(record: MessageRecord): MessageRecord {
    if (record.protocol === "sse") return this.#event(record);
    if (record.opcode !== "text" && record.opcode !== "close") return record;
    const body = record.opcode === "text"
      ? this.#messageBody(record.body, redactMessageText)
      : this.#messageBody(record.body, redactCloseFrame);
    return body === record.body ? record : marked({ ...record, body });
  }

  #event(record: ServerSentEventRecord): ServerSentEventRecord {
    const body = this.#messageBody(record.body, redactMessageText);
    const event = redactShortText(record.event, this.#rules);
    const lastEventId = record.lastEventId && redactEventId(record.lastEventId, this.#rules);
    if (body === record.body && event === record.event && lastEventId === record.lastEventId) return record;
    return marked({ ...record, body, event, ...lastEventId !== undefined && { lastEventId } });
  }

  #messageBody(body: Body, redact: (payload: Uint8Array, rules: Rules) => Uint8Array): Body {
    const kept = redact(body.kept, this.#rules);
    return kept === body.kept ? body : redactedBody(body, kept, body.kept.length < body.bytes);
  }
}

function redactedBody(body: Body, kept: Uint8Array, truncated: boolean): RedactedBody {
  return { bytes: body.bytes, kept, truncated, redacted: true };
}

function marked<Value extends object>(value: Value): Value & Redacted {
  return { ...value, redacted: true };
}
