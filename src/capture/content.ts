/** What a message holds once its content codings are taken off, decoded once for all who ask. */
import { contentCodings, decodeContent, type Decoded } from "../http/coding.ts";
import type { RequestMessage, ResponseMessage } from "./record.ts";

/** The decoded content of a message. */
export interface Content {
  /** The codings that were applied, in order, lower-cased. */
  readonly codings: readonly string[];
  /** The decoded bytes, at most the limit; with an {@link error}, those that came before it. */
  readonly bytes: Uint8Array;
  /** Whether there was more: past the limit, or in the part of the body that was not kept. */
  readonly truncated: boolean;
  /** Why not all of it could be decoded, in words. */
  readonly error?: string;
}

const contents = new WeakMap<RequestMessage | ResponseMessage, Content>();

/**
 * The content of a message, its codings taken off, or `undefined` where none is named or the body is empty.
 *
 * Several sinks ask for the same message: the first answer is kept as long as the message is, so the first limit wins.
 *
 * @param message The message; its body must still be there when it is first asked about.
 * @param limitBytes How many decoded bytes are wanted at most.
 */
export function contentOf(
  message: RequestMessage | ResponseMessage,
  limitBytes: number,
): Content | undefined {
  if (message.body.bytes === 0) return undefined;
  const known = contents.get(message);
  if (known !== undefined) return known;
  const codings = contentCodings(message.head.fields);
  if (codings.length === 0) return undefined;
  const { body } = message;
  const decoded = decodeContent(codings, body.kept, limitBytes);
  const content = { codings, ...shown(decoded, body.kept.length < body.bytes) };
  contents.set(message, content);
  return content;
}

/** The result, where `isCut` says that we ourselves did not keep the end of the body: then it is no error. */
function shown({ bytes, truncated, error, cutShort }: Decoded, isCut: boolean): Omit<Content, "codings"> {
  if (error === undefined || (isCut && cutShort)) return { bytes, truncated: truncated || isCut };
  return { bytes, truncated: truncated || isCut, error };
}
