/** What a line of the timeline says of a message, an event or a read. */
import type { TimelineJson } from "../record_json.ts";
import { sizeText } from "../units.ts";
import { END_WORDS, wordsFor } from "../words.ts";

/** A line of the timeline. */
export interface Moment {
  /** Which way it went; absent: neither. */
  readonly direction?: "up" | "down";
  /** What it is, in a word or two. */
  readonly kind: string;
  /** What else is known of it, in words. */
  readonly details: readonly string[];
  /** When, ms since the epoch. */
  readonly at: number;
  /** The beginning of its text, on one line; empty where it is none. */
  readonly preview: string;
  /** Media type to show it by. */
  readonly contentType: string;
}

/** So much of a text is shown before it is opened. */
const PREVIEW_CHARACTERS = 160;
/** And so much of bytes that are none. */
const PREVIEW_BYTES = 24;

/** The line of a record. */
export function momentOf(record: TimelineJson): Moment {
  const at = Date.parse(record.time);
  if (record.type === "connection") {
    const { event, end, error } = record;
    const kind = event === "opened" ? "opened" : event === "closed" ? "closed" : "TLS hello";
    const details = [end === undefined ? "" : wordsFor(END_WORDS, end), error ?? ""].filter((text) =>
      text !== ""
    );
    return { kind, details, at, preview: "", contentType: "" };
  }
  const base = { direction: record.direction, at, preview: previewOf(record.text, record.base64) };
  const size = sizeText(record.bytes);
  if (record.type === "data") {
    return { ...base, kind: "bytes", details: [size, `at ${record.offset}`], contentType: "" };
  }
  if (record.protocol === "sse") {
    const { event = "message", lastEventId, retry } = record;
    const details = [
      size,
      lastEventId === undefined ? "" : `id ${lastEventId}`,
      retry === undefined ? "" : `retry ${retry} ms`,
    ];
    return {
      ...base,
      kind: event,
      details: details.filter((text) => text !== ""),
      contentType: "text/plain",
    };
  }
  const { opcode = "message", frames = 1, compressedBytes, closeCode, error } = record;
  const details = [
    size,
    closeCode === undefined ? "" : `code ${closeCode}`,
    compressedBytes === undefined ? "" : `${sizeText(compressedBytes)} compressed`,
    frames > 1 ? `${frames} frames` : "",
    error ?? "",
  ];
  const contentType = opcode === "text" || opcode === "close" ? "text/plain" : "";
  return { ...base, kind: opcode, details: details.filter((text) => text !== ""), contentType };
}

function previewOf(text: string | undefined, base64: string | undefined): string {
  if (text === undefined) return base64 === undefined ? "" : hexOf(base64);
  const start = text.slice(0, PREVIEW_CHARACTERS).replace(/[\t\r\n ]+/g, " ");
  return text.length > PREVIEW_CHARACTERS ? `${start}…` : start;
}

/** The first bytes in hexadecimal digits. */
function hexOf(base64: string): string {
  const bytes = [...atob(base64.slice(0, Math.ceil(PREVIEW_BYTES / 3) * 4))];
  const start = bytes.slice(0, PREVIEW_BYTES).map((char) => char.charCodeAt(0).toString(16).padStart(2, "0"));
  const isAll = base64.length <= Math.ceil(PREVIEW_BYTES / 3) * 4 && bytes.length <= PREVIEW_BYTES;
  return `${start.join(" ")}${isAll ? "" : " …"}`;
}
