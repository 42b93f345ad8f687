/** WebSocket compression, `permessage-deflate` (RFC 7692): what was negotiated, and inflating the messages. */
import { Inflater } from "./coding/inflate.ts";
import type { KeptBytes } from "./coding/kept_bytes.ts";
import { CUT_SHORT } from "./coding/output.ts";
import { SlidingOutput } from "./coding/sliding_output.ts";
import { type Field, fieldList } from "./head.ts";

/** How one direction compresses. */
export interface DeflateParameters {
  /** Whether each message is compressed on its own, without the history of those before it (§7.1.1). */
  readonly noContextTakeover: boolean;
  /** log2 of the history that messages may refer to, 8–15 (§7.1.2). */
  readonly windowBits: number;
}

/** What was agreed for both directions. */
export interface WebSocketExtensions {
  /** For messages of the client. */
  readonly client: DeflateParameters;
  /** For messages of the server. */
  readonly server: DeflateParameters;
}

/** The end that senders leave out of each message (§7.2.1). */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);

/** Past this, a message is a bomb: it is not inflated to its end. Browsers and servers give up well before it. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** zlib, which most senders use, cannot do with less and takes this where 8 was agreed. */
const MIN_WINDOW_BITS = 9;

/**
 * The parameters of `permessage-deflate` that the response to an upgrade names, or `undefined` where it does not.
 *
 * @param fields The fields of the 101 response.
 */
export function webSocketExtensions(fields: readonly Field[]): WebSocketExtensions | undefined {
  for (const extension of fieldList(fields, "sec-websocket-extensions")) {
    const [name, ...parameters] = extension.split(";").map((part) => part.trim());
    if (name !== "permessage-deflate") continue;
    const values = new Map<string, string>();
    for (const parameter of parameters) {
      const [key, value = ""] = parameter.split("=").map((part) => part.trim());
      values.set(key, value.replaceAll('"', ""));
    }
    const side = (prefix: string): DeflateParameters => {
      const bits = Number(values.get(`${prefix}_max_window_bits`) || 15);
      return {
        noContextTakeover: values.has(`${prefix}_no_context_takeover`),
        windowBits: bits >= 8 && bits <= 15 ? bits : 15,
      };
    };
    return { client: side("client"), server: side("server") };
  }
  return undefined;
}

/** Inflates the messages of one direction, one after the other. */
export class MessageInflater {
  readonly #noContextTakeover: boolean;
  readonly #output: SlidingOutput;
  #inflater: Inflater;
  /** Why messages cannot be inflated any more. */
  #lost: string | undefined;
  #error: string | undefined;
  #isEmpty = true;

  /**
   * Makes an inflater for the messages of one direction.
   *
   * @param parameters How this direction compresses.
   * @param kept Where inflated bytes go.
   */
  constructor({ noContextTakeover, windowBits }: DeflateParameters, kept: KeptBytes) {
    this.#noContextTakeover = noContextTakeover;
    this.#output = new SlidingOutput(1 << Math.max(windowBits, MIN_WINDOW_BITS), (buffer, from, to) => {
      kept.append(buffer, from, to);
      return kept.bytes <= MAX_MESSAGE_BYTES;
    });
    this.#inflater = new Inflater(this.#output, true);
  }

  /** Inflates a piece of a message, already unmasked. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#isEmpty = false;
    if (this.#lost !== undefined || this.#error !== undefined) return;
    const state = this.#inflater.push(piece);
    this.#output.passOn();
    if (state === "broken") this.#error = this.#inflater.error;
    if (state === "stopped") this.#error = `given up after ${MAX_MESSAGE_BYTES / 1024 / 1024} MiB`;
  }

  /** Ends a message; what is wrong with its compression, in words, where something is. */
  end(): string | undefined {
    if (!this.#isEmpty) {
      this.push(TAIL);
      if (this.#error === undefined && !this.#inflater.atBlockStart) this.#error = CUT_SHORT;
    }
    const error = this.#lost ?? this.#error;
    if (this.#noContextTakeover) {
      this.#output.clear();
      this.#inflater = new Inflater(this.#output, true);
    } else if (this.#error !== undefined) {
      this.#lost = "not inflated, as it may refer to a message before it that could not be";
    }
    this.#error = undefined;
    this.#isEmpty = true;
    return error === undefined ? undefined : `permessage-deflate: ${error}`;
  }
}
