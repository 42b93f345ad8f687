/** All bytes of a source, up to a limit. */
import { type ByteSource, PAGE_BYTES } from "./source.ts";

/**
 * Reads a source to its end.
 *
 * @param limitBytes How many bytes at most.
 * @returns The bytes, and whether they are all that there are.
 */
export async function readAll(
  source: ByteSource,
  limitBytes: number,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly isWhole: boolean }> {
  const pages: Uint8Array[] = [];
  let at = 0;
  while (at < Math.min(source.bytes, limitBytes)) {
    const page = await source.read(at, Math.min(at + PAGE_BYTES, limitBytes));
    if (page.length === 0) break;
    pages.push(page);
    at += page.length;
  }
  const bytes = new Uint8Array(at);
  at = 0;
  for (const page of pages) {
    bytes.set(page, at);
    at += page.length;
  }
  return { bytes, isWhole: at < limitBytes || at >= source.bytes };
}
