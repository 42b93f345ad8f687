/** The log's text for people, from a log for programs. */
import { createTextFormat, type TextOptions } from "../log/text.ts";
import type { Exporter } from "./exporter.ts";

/** Makes an exporter that writes each record as the log format `text` does, which has no block for some. */
export function createTextExporter(options: TextOptions): Exporter {
  const write = createTextFormat(options);
  return { begin() {}, record: (record, out) => write(record, out), end() {} };
}
