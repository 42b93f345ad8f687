/** Whether a connection may carry another request after an exchange (RFC 9112 §9.3). */
import type { ExchangeRecord } from "../capture/record.ts";
import { isAmbiguous } from "../http/framing.ts";
import { fieldList, type ResponseHead } from "../http/head.ts";

/** Heads repeat: what each says is remembered as long as it is in use. */
const saysClose = new WeakMap<ResponseHead, boolean>();

/**
 * Whether both ends have said that they keep the connection, and agree on where the response ended.
 *
 * @param exchange One that is over. What else the peer has sent, or that it has ended, its connection knows.
 */
export function keepsConnection({ outcome, request, response, flags }: ExchangeRecord): boolean {
  if (outcome !== "complete" || request === undefined || response === undefined) return false;
  if (flags.length > 0 && (flags.includes("bytes-after-end") || isAmbiguous(request.head))) return false;
  return !closes(response.head) && !fieldList(request.head.fields, "connection").includes("close");
}

/** Whether nothing more comes after this response, by what its head says (RFC 9112 §9.3), or nothing that is safe. */
export function closes(head: ResponseHead): boolean {
  let known = saysClose.get(head);
  if (known === undefined) {
    const options = fieldList(head.fields, "connection");
    known = options.includes("close") || isAmbiguous(head) ||
      (head.version !== "HTTP/1.1" && !options.includes("keep-alive"));
    saysClose.set(head, known);
  }
  return known;
}
