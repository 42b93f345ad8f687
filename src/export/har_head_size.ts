/**
 * The size of a head in bytes. A head that was read from a log has its bytes made when they are asked for; most are
 * ASCII and written in the ordinary way, so that their size follows from their parts.
 */
import type { RequestHead, ResponseHead } from "../http/head.ts";

/** What HAR writes for a field besides its name and value: `{"name":"","value":""}`, and a comma or a bracket. */
const PAIR_BYTES = 23;
/** What a head has besides start line, names and values: `: ` and a line end each, a line end at its own end. */
const FIELD_BYTES = 4;
const LINE_END_BYTES = 2;

const ASCII = /^[ -~]*$/;

/**
 * The size of a head.
 *
 * @param pairsBytes How many bytes its fields are as an array of pairs. Where that is no more than names and values
 *   have characters, there is nothing beyond ASCII in them, and nothing that JSON escapes.
 */
export function headSize(head: RequestHead | ResponseHead, pairsBytes: number): number {
  const { fields } = head;
  if (!head.exact || fields.length === 0) return head.raw.length;
  let characters = 0;
  for (const [name, value] of fields) characters += name.length + value.length;
  if (pairsBytes !== PAIR_BYTES * fields.length + 1 + characters) return head.raw.length;
  const line = head.kind === "request"
    ? `${head.method} ${head.target} ${head.version}`
    : `${head.version} ${String(head.status).padStart(3, "0")} ${head.reason}`;
  if (!ASCII.test(line)) return head.raw.length;
  return line.length + LINE_END_BYTES + characters + FIELD_BYTES * fields.length + LINE_END_BYTES;
}
