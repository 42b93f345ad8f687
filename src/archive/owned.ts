/** Records that outlive the bytes which they were made of. */
import type { Record } from "../capture/record.ts";

/** The record with bytes of its own: nobody else changes them. */
export function owned(record: Record): Record {
  if (record.type === "data" || record.type === "message") return { ...record, body: copied(record.body) };
  if (record.type !== "exchange") return record;
  const { request, response } = record;
  return {
    ...record,
    ...request && { request: { ...request, body: copied(request.body) } },
    ...response && { response: { ...response, body: copied(response.body) } },
  };
}

function copied<B extends { readonly kept: Uint8Array }>(body: B): B {
  return { ...body, kept: body.kept.slice() };
}
