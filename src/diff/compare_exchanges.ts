/** Two exchanges compared: what was asked, what was answered, how it ended. Interim responses and times are not. */
import type { ExchangeRecord, RequestMessage, ResponseMessage } from "../capture/record.ts";
import { bodyNotes, compareBodies, isSameKept } from "./compare_bodies.ts";
import { areSameFields, compareFields } from "./compare_fields.ts";
import { type Difference, DifferenceList } from "./difference.ts";
import type { DiffRules } from "./rules.ts";

const NOTHING: readonly Difference[] = [];
const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * Compares two exchanges.
 *
 * @param before The one that is expected, as recorded.
 * @param after The one that is looked at.
 * @returns What differs, requests before responses; empty where nothing does. Of each message at most 100 differences
 * are told, the last of them saying that there are more.
 */
export function compareExchanges(
  before: ExchangeRecord,
  after: ExchangeRecord,
  rules: DiffRules,
): readonly Difference[] {
  let found: Difference[] | undefined;
  for (const part of rules.parts) {
    const [was, is] = [before[part], after[part]];
    if (was === undefined && is === undefined) continue;
    if (was !== undefined && is !== undefined && isSameMessage(was, is, rules)) continue;
    found ??= [];
    const list = new DifferenceList(part, found);
    if (was !== undefined && is !== undefined) compareMessages(was, is, before, rules, list);
    else if (part === "request") {
      if (was !== undefined) list.removed("method", undefined, startLine(was));
      if (is !== undefined) list.added("method", undefined, startLine(is));
    }
  }
  if (rules.parts.includes("response") && before.outcome !== after.outcome) {
    found ??= [];
    new DifferenceList("response", found).changed("outcome", undefined, endOf(before), endOf(after));
  }
  return found ?? NOTHING;
}

/**
 * What {@link compareExchanges} could not compare, each on one line: bodies of which not all was kept, or that could not
 * be decoded.
 */
export function comparisonNotes(
  before: ExchangeRecord,
  after: ExchangeRecord,
  rules: DiffRules,
): readonly string[] {
  if (rules.kinds.has("body")) return [];
  return rules.parts.flatMap((part) => {
    const [was, is] = [before[part], after[part]];
    return was === undefined || is === undefined ? [] : bodyNotes(part, was, is, rules);
  });
}

type Message = RequestMessage | ResponseMessage;

/** The common case, quickly: the same lines, the same bytes. */
function isSameMessage(was: Message, is: Message, rules: DiffRules): boolean {
  const [a, b] = [was.head, is.head];
  if (a.version !== b.version) return false;
  if (a.kind === "response") {
    if (b.kind !== "response" || a.status !== b.status || a.reason !== b.reason) return false;
  } else if (b.kind !== "request" || a.method !== b.method || a.target !== b.target) return false;
  return areSameFields(a.fields, b.fields, rules) && areSameFields(was.trailers, is.trailers, rules) &&
    isSameKept(was.body, is.body);
}

function compareMessages(
  was: Message,
  is: Message,
  exchange: ExchangeRecord,
  rules: DiffRules,
  list: DifferenceList,
): void {
  const [a, b] = [was.head, is.head];
  if (a.version !== b.version) list.changed("version", undefined, a.version, b.version);
  if (a.kind === "request" && b.kind === "request") {
    if (a.method !== b.method) list.changed("method", undefined, a.method, b.method);
    if (a.target !== b.target) list.changed("target", undefined, a.target, b.target);
  } else if (a.kind === "response" && b.kind === "response") {
    if (a.status !== b.status && !rules.kinds.has("status")) {
      list.changed("status", undefined, String(a.status), String(b.status));
    }
    if (a.reason !== b.reason && !rules.kinds.has("reason")) {
      list.changed("reason", undefined, a.reason, b.reason);
    }
  }
  const bodies: Difference[] = [];
  if (!rules.kinds.has("body")) {
    compareBodies(was, is, rules, new DifferenceList(was.head.kind, bodies));
  }
  const carriers = bodies.length === 0 && !isWithoutBody(was, is, exchange) ? rules.carrierFields : NO_NAMES;
  compareFields("header", a.fields, b.fields, carriers, rules, list);
  list.append(bodies);
  compareFields("trailer", was.trailers, is.trailers, NO_NAMES, rules, list);
}

/** Whether these messages never have a body, so that such fields tell of another one (RFC 9110 §8.6). */
function isWithoutBody(was: Message, is: Message, { request }: ExchangeRecord): boolean {
  if (was.head.kind !== "response" || is.head.kind !== "response") return false;
  return request?.head.method === "HEAD" || was.head.status === 304 && is.head.status === 304;
}

function startLine({ head }: Message): string {
  return head.kind === "request" ? `${head.method} ${head.target}` : `${head.status} ${head.reason}`;
}

/** How an exchange ended, and why. */
function endOf({ outcome, error }: ExchangeRecord): string {
  return error === undefined ? outcome : `${outcome}: ${error}`;
}
