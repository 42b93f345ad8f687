/** A head made from its parts, written in the ordinary way (RFC 9112 §2.1): what came from nowhere has no oddities. */
import type { Field, RequestHead, ResponseHead } from "./head.ts";

/** What a request's head is made of. */
export type RequestParts = Pick<RequestHead, "method" | "target" | "version" | "fields">;

/** What a response's head is made of. */
export type ResponseParts = Pick<ResponseHead, "version" | "status" | "reason" | "fields">;

const encoder = new TextEncoder();

/** The head of a request, as UTF-8. What the parts say is written as it is: whoever takes them from users checks them. */
export function composeRequestHead({ method, target, version, fields }: RequestParts): RequestHead {
  const raw = written(`${method} ${target} ${version}`, fields);
  return { kind: "request", method, target, version, fields, raw, exact: true, flags: [] };
}

/** The head of a response, as UTF-8. A status has three digits. */
export function composeResponseHead({ version, status, reason, fields }: ResponseParts): ResponseHead {
  const raw = written(`${version} ${String(status).padStart(3, "0")} ${reason}`, fields);
  return { kind: "response", version, status, reason, fields, raw, exact: true, flags: [] };
}

function written(startLine: string, fields: readonly Field[]): Uint8Array {
  let text = `${startLine}\r\n`;
  for (const [name, value] of fields) text += `${name}: ${value}\r\n`;
  return encoder.encode(`${text}\r\n`);
}
