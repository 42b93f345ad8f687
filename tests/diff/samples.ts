/** Exchanges to compare. */
import type { ExchangeRecord, RequestMessage, ResponseMessage } from "../../src/capture/record.ts";
import { compareExchanges } from "../../src/diff/compare_exchanges.ts";
import type { Difference } from "../../src/diff/difference.ts";
import { diffRules, parseIgnore } from "../../src/diff/rules.ts";
import { composeRequestHead, composeResponseHead } from "../../src/http/compose_head.ts";
import type { Field } from "../../src/http/head.ts";

/** What of an exchange is not as usual. */
export interface Parts {
  readonly method?: string;
  readonly target?: string;
  readonly status?: number;
  readonly reason?: string;
  readonly fields?: readonly Field[];
  readonly trailers?: readonly Field[];
  readonly body?: string | Uint8Array;
  /** How many bytes the body had, where not all of it was kept. */
  readonly bytes?: number;
  readonly requestBody?: string;
}

const NOTHING = { bytes: 0, kept: new Uint8Array(0) };

/** An exchange with a response body of that content type. */
export function exchange(type: string, parts: Parts = {}): ExchangeRecord {
  const {
    method = "POST",
    target = "/a",
    status = 200,
    reason = "OK",
    fields = [],
    trailers = [],
    body = "",
  } = parts;
  const kept = bytesOf(body);
  const asked = bytesOf(parts.requestBody ?? "");
  const request: RequestMessage = {
    head: composeRequestHead({ method, target, version: "HTTP/1.1", fields: [["Host", "a"]] }),
    body: asked.length === 0 ? NOTHING : { bytes: asked.length, kept: asked },
    trailers: [],
  };
  const response: ResponseMessage = {
    head: composeResponseHead({
      version: "HTTP/1.1",
      status,
      reason,
      fields: [["Content-Type", type], ["Content-Length", String(kept.length)], ...fields],
    }),
    body: { bytes: parts.bytes ?? kept.length, kept },
    trailers,
  };
  return {
    type: "exchange",
    id: 1,
    connection: { id: 1, listener: "127.0.0.1:1", client: "127.0.0.1:2", target: "a:80" },
    at: 0,
    request,
    interim: [],
    response,
    ms: { total: 1 },
    outcome: "complete",
    flags: [],
  };
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? new TextEncoder().encode(body) : body;
}

/** What differs, without what is in the way: `header Content-Length` where bodies differ. */
export function differences(
  before: ExchangeRecord,
  after: ExchangeRecord,
  ...ignore: string[]
): Difference[] {
  const rules = diffRules(["Content-Length", ...ignore].map(parseIgnore));
  return [...compareExchanges(before, after, rules)];
}

/** What differs in two response bodies: path, kind, what was, what is. */
export function bodyDifferences(
  type: string,
  before: string | Uint8Array,
  after: string | Uint8Array,
  ...ignore: string[]
): unknown[] {
  return differences(exchange(type, { body: before }), exchange(type, { body: after }), ...ignore)
    .map(({ path, kind, before, after }) => [path, kind, before, after]);
}
