/** What redaction, which runs before a format, marked; and whether the end of a body is missing. */
import type { Body } from "../capture/record.ts";
import type { Redacted, RedactedBody } from "../capture/redact/redact.ts";

/** Whether redaction replaced something in this message, head or record. */
export function isRedacted(part: object | undefined): boolean {
  return part !== undefined && (part as Partial<Redacted>).redacted === true;
}

/** Whether the end of a body is missing. The length of a redacted one does not tell, so that it says so itself. */
export function isCut(body: Body): boolean {
  return isRedacted(body) ? (body as RedactedBody).truncated : body.kept.length < body.bytes;
}
