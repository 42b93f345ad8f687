/** JSON lines again: what a filter, a redaction or a merge leaves of a log. */
import { createJsonFormat } from "../log/json.ts";
import type { Exporter } from "./exporter.ts";

/** Makes an exporter that writes each record as a line of JSON. `limitBytes`: of a body once its codings are undone. */
export function createJsonExporter(options: { readonly limitBytes: number }): Exporter {
  const write = createJsonFormat(options);
  return { begin() {}, record: (record, out) => write(record, out), end() {} };
}
