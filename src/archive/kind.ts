/** The kind of an archive, told by its first bytes. */
import { shown } from "./shape.ts";

/** What a file is. */
export type Kind =
  | { readonly kind: "json-lines" }
  | { readonly kind: "har" }
  | { readonly kind: "saved-text" }
  /** pcap or pcapng. */
  | { readonly kind: "packets" }
  /** None of these; `found` says in words what it seems to be. */
  | { readonly kind: "unknown"; readonly found: string };

const decoder = new TextDecoder();

/** How a line of tcpmon begins. It is looked for where a log has lost the beginning of its first line. */
const RECORD_LINE = '\n{"type":"';

/** The first key of an object, and the white space before it. */
const FIRST_KEY = /^\{(\s*)"((?:[^"\\]|\\.)*)"\s*:/;

/** How saved text begins: with a line of equals signs, or, from early versions, with the port. */
const SAVED_TEXT = /^(?:=+\r?\n)?Listen Port: /;

/** The parts of formats that are met by mistake, by their first bytes. */
const OTHERS: readonly (readonly [bytes: readonly number[], name: string])[] = [
  [[0xff, 0xfe], "text in UTF-16"],
  [[0xfe, 0xff], "text in UTF-16"],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], "an SQLite database"],
  [[0x50, 0x4b, 3, 4], "a ZIP archive"],
];

/** How captures of packets begin: pcapng, and pcap with times in µs or ns, in either order of bytes. */
const PACKETS: readonly (readonly number[])[] = [
  [0x0a, 0x0d, 0x0d, 0x0a],
  [0xd4, 0xc3, 0xb2, 0xa1],
  [0xa1, 0xb2, 0xc3, 0xd4],
  [0x4d, 0x3c, 0xb2, 0xa1],
  [0xa1, 0xb2, 0x3c, 0x4d],
];

/**
 * Tells the kind of a file.
 *
 * @param first Its first bytes, some tens of KiB where it has as many. An empty file is JSON lines without a line.
 */
export function kindOf(first: Uint8Array): Kind {
  const begins = (bytes: readonly number[]) => bytes.every((byte, i) => first[i] === byte);
  if (PACKETS.some(begins)) return { kind: "packets" };
  for (const [bytes, name] of OTHERS) if (begins(bytes)) return { kind: "unknown", found: name };
  const text = decoder.decode(first).trimStart();
  if (text === "") return { kind: "json-lines" };
  if (SAVED_TEXT.test(text)) return { kind: "saved-text" };
  if (text.startsWith("{")) {
    const key = FIRST_KEY.exec(text);
    // A record stands on one line. What goes over several is a document.
    const isDocument = key !== null && (key[2] === "log" || key[1].includes("\n"));
    return { kind: isDocument ? "har" : "json-lines" };
  }
  if (text.includes(RECORD_LINE)) return { kind: "json-lines" };
  return { kind: "unknown", found: shown(text) };
}
