/** A filter that reads bodies as people see them: content codings taken off, in their charset. */
import { fieldValue } from "../../http/head.ts";
import { displayText } from "../charset.ts";
import { contentOf } from "../content.ts";
import type { Record, RequestMessage, ResponseMessage } from "../record.ts";
import { soapOf } from "../soap.ts";
import { parseFilter } from "./filter.ts";

/**
 * Whether a record passes a filter.
 *
 * @param source A filter expression.
 * @param maxBodyBytes How much of a body is decoded, where it is asked about.
 * @throws {FilterSyntaxError} Where the expression cannot be read.
 */
export function recordFilter(source: string, maxBodyBytes: number): (record: Record) => boolean {
  const bodyText = (message: RequestMessage | ResponseMessage) => {
    const bytes = contentOf(message, maxBodyBytes)?.bytes ?? message.body.kept;
    return displayText(bytes, fieldValue(message.head.fields, "content-type")) ?? "";
  };
  return parseFilter(source, { bodyText, soapOf: (message) => soapOf(message, maxBodyBytes) }).matches;
}
