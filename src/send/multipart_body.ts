/** Bodies of multipart/form-data (RFC 7578, names escaped as in WHATWG HTML "multipart/form-data encoding algorithm"). */
import { joined } from "../http/joined.ts";
import type { RequestItem } from "./request_items.ts";
import { SendUsageError } from "./send_error.ts";

/** What a part is made of. */
export type PartItem = RequestItem & { readonly kind: "field" | "json" | "file" };

/** How often another boundary is tried where one occurs in the parts. */
const ATTEMPTS = 10;
/** A boundary that needs no quotes (RFC 2046 §5.1.1). */
const BOUNDARY = /^[0-9A-Za-z_-]{1,70}$/;

const encoder = new TextEncoder();

/**
 * Makes a body of parts.
 *
 * @param boundary Gives a boundary, another one at each call.
 * @returns The bytes, and the boundary that is in them.
 * @throws {SendUsageError} where no boundary fits.
 */
export function multipartBody(
  items: readonly PartItem[],
  boundary: () => string,
): { readonly body: Uint8Array; readonly boundary: string } {
  const parts = items.map(partOf);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const chosen = boundary();
    const delimiter = `--${chosen}`;
    if (!BOUNDARY.test(chosen) || parts.some(({ content }) => includes(content, delimiter))) continue;
    const pieces = parts.flatMap(({ head, content }) => [
      encoder.encode(`${delimiter}\r\n${head}\r\n\r\n`),
      content,
      encoder.encode("\r\n"),
    ]);
    return { body: joined([...pieces, encoder.encode(`${delimiter}--\r\n`)]), boundary: chosen };
  }
  throw new SendUsageError("every boundary in the parts", "one that occurs in none of them");
}

function partOf(item: PartItem): { readonly head: string; readonly content: Uint8Array } {
  const disposition = `Content-Disposition: form-data; name="${escapedName(item.name)}"`;
  switch (item.kind) {
    case "field":
      return { head: disposition, content: encoder.encode(item.value) };
    case "json":
      return { head: `${disposition}\r\nContent-Type: application/json`, content: encoder.encode(item.json) };
    case "file": {
      const type = item.type ?? "application/octet-stream";
      const named = `${disposition}; filename="${escapedName(item.filename)}"`;
      return { head: `${named}\r\nContent-Type: ${type}`, content: item.bytes };
    }
  }
}

function escapedName(name: string): string {
  return name.replace(
    /["\r\n\0]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function includes(bytes: Uint8Array, ascii: string): boolean {
  const wanted = encoder.encode(ascii);
  for (let at = bytes.indexOf(wanted[0]); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    let same = 1;
    while (same < wanted.length && bytes[at + same] === wanted[same]) same++;
    if (same === wanted.length) return true;
  }
  return false;
}
