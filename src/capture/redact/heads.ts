/**
 * Heads with their secrets replaced, each read once: connections repeat their heads, and the parser then hands out the
 * same object (see `Head`), so what became of it is kept for as long as the head itself.
 */
import {
  type Field,
  fieldList,
  fieldValue,
  isCutHead,
  type RequestHead,
  type ResponseHead,
} from "../../http/head.ts";
import { FieldRedactor, redactUrls } from "./fields.ts";
import { hideUserinfo } from "./pairs.ts";
import { type Rules, Scan } from "./scan.ts";

const LF = 10;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What the fields of a message say about its body. */
export interface ContentFields {
  /** Value of Content-Type, where there is one. */
  readonly type: string | undefined;
  /** Codings in the order in which they were applied, those of Transfer-Encoding other than `chunked` last. */
  readonly codings: readonly string[];
}

/** Redacts heads. */
export class HeadRedactor {
  readonly #rules: Rules;
  readonly #fieldRedactor: FieldRedactor;
  readonly #redacted = new WeakMap<RequestHead | ResponseHead, RequestHead | ResponseHead>();
  readonly #decoded = new WeakMap<RequestHead | ResponseHead, RequestHead | ResponseHead>();
  readonly #content = new WeakMap<RequestHead | ResponseHead, ContentFields>();
  readonly #fields = new WeakMap<readonly Field[], readonly Field[]>();

  /** Makes one that has read no head yet. */
  constructor(rules: Rules) {
    this.#rules = rules;
    this.#fieldRedactor = new FieldRedactor(rules);
  }

  /** The head with its secrets replaced; the same object where none was found. */
  redact<Head extends RequestHead | ResponseHead>(head: Head): Head {
    return memoized(this.#redacted, head, () => this.#redact(head)) as Head;
  }

  /** A head for a body whose codings have been undone: without Content-Encoding, Transfer-Encoding `chunked` at most. */
  withoutCodings<Head extends RequestHead | ResponseHead>(head: Head): Head {
    return memoized(this.#decoded, head, () => rebuilt(head, undecorated(head.fields))) as Head;
  }

  /** What the head says about the body. */
  contentFields(head: RequestHead | ResponseHead): ContentFields {
    return memoized(this.#content, head, () => contentFieldsOf(head.fields));
  }

  /** Fields outside of a head, with their secrets replaced; the same array where none was found. */
  fields(fields: readonly Field[]): readonly Field[] {
    if (fields.length === 0) return fields;
    return memoized(this.#fields, fields, () => this.#fieldRedactor.redact(fields));
  }

  #redact(head: RequestHead | ResponseHead): RequestHead | ResponseHead {
    const fields = this.#fieldRedactor.redact(head.fields);
    const isSame = fields === head.fields && !endsInsideLine(head);
    if (head.kind === "response") return isSame ? head : rebuilt(head, fields);
    const target = redactTarget(head.method, head.target, this.#rules);
    return isSame && target === head.target ? head : rebuilt({ ...head, target }, fields);
  }
}

/** A request target in any of its four forms (RFC 9112 §3.2). */
function redactTarget(method: string, target: string, rules: Rules): string {
  if (method !== "CONNECT" || !target.includes("@") || target.includes("/")) {
    return redactUrls(target, "target", rules);
  }
  const bytes = encoder.encode(target);
  const scan = new Scan(bytes, rules);
  hideUserinfo(scan, 0, bytes.length, "target");
  const redacted = scan.result();
  return redacted === bytes ? target : decoder.decode(redacted);
}

/** Whether the end of a head is a part of a line, which may hold a part of a secret: no field tells of it. */
function endsInsideLine(head: RequestHead | ResponseHead): boolean {
  return isCutHead(head) && head.raw[head.raw.length - 1] !== LF;
}

/**
 * A head with other fields. Its bytes are those of the ordinary way of writing, since the bytes that came may hold the
 * secrets in a way that only an odd head can (folded, after spaces). One that was cut stays so, without half a line.
 */
function rebuilt(
  head: RequestHead | ResponseHead,
  fields: readonly Field[],
): (RequestHead | ResponseHead) & { readonly redacted: true } {
  const start = head.kind === "request"
    ? `${head.method} ${head.target} ${head.version}`
    : `${head.version} ${String(head.status).padStart(3, "0")} ${head.reason}`;
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  const isCut = isCutHead(head);
  const raw = encoder.encode(`${start}\r\n${lines.join("")}${isCut ? "" : "\r\n"}`);
  return { ...head, fields, raw, exact: !isCut, redacted: true };
}

/** Fields without the codings of the body. */
function undecorated(fields: readonly Field[]): readonly Field[] {
  const chunked = fieldList(fields, "transfer-encoding").includes("chunked");
  return fields.flatMap((field): Field[] => {
    const name = field[0].toLowerCase();
    if (name === "content-encoding") return [];
    if (name !== "transfer-encoding") return [field];
    return chunked ? [[field[0], "chunked"]] : [];
  });
}

function contentFieldsOf(fields: readonly Field[]): ContentFields {
  const codings = [...fieldList(fields, "content-encoding"), ...fieldList(fields, "transfer-encoding")]
    .filter((coding) => coding !== "chunked" && coding !== "identity");
  return { type: fieldValue(fields, "content-type"), codings };
}

/** What `make` gives, kept for as long as `key`. */
function memoized<Key extends WeakKey, Value>(memo: WeakMap<Key, Value>, key: Key, make: () => Value): Value {
  let value = memo.get(key);
  if (value === undefined) {
    value = make();
    memo.set(key, value);
  }
  return value;
}
