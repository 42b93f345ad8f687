/** A captured body on its way to the browser, piece by piece as it is taken: none is ever held whole. */
import type { Answer } from "./source.ts";

/** How much is read of the history at a time. */
const PIECE_BYTES = 1024 * 1024;

/** Gives a part of the body; fewer bytes than asked for: it ends there. */
export type ReadPart = (from: number, to: number) => Answer<Uint8Array | undefined>;

/**
 * The bytes from `from` to before `to`; nothing behind the end.
 *
 * @returns `undefined`: there is no such body.
 */
export async function bodyStream(
  read: ReadPart,
  from: number,
  to: number,
): Promise<ReadableStream<Uint8Array> | undefined> {
  let at = from;
  const next = async () => {
    const end = Math.max(at, Math.min(at + PIECE_BYTES, to));
    const piece = await read(at, end);
    at = piece !== undefined && piece.length === end - at ? end : to;
    return piece;
  };
  const first = await next();
  if (first === undefined) return undefined;
  let piece: Uint8Array | undefined = first;
  return new ReadableStream({
    async pull(controller) {
      // The history may forget the exchange meanwhile: then the rest is missing, and that must not look like an end.
      if (piece === undefined) return controller.error(new Error("the body is not in the history any more"));
      if (piece.length > 0) controller.enqueue(piece);
      if (at >= to || piece.length === 0) return controller.close();
      piece = await next();
    },
  }, { highWaterMark: 0 });
}
