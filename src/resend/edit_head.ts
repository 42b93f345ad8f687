/**
 * The head of a request with another method, target or other fields. All that is not concerned stays as it was, byte for
 * byte where the head is odd.
 */
import { composeRequestHead } from "../http/compose_head.ts";
import { parseRequestHead } from "../http/head_parser.ts";
import { type Field, fieldValue, type RequestHead } from "../http/head.ts";
import { joined } from "../http/joined.ts";
import { rewriteHead } from "../http/rewrite_head.ts";
import { EditError } from "./edit.ts";

/** What an edited head shall say. */
export type HeadDraft = Pick<RequestHead, "method" | "target" | "fields">;

const encoder = new TextEncoder();

/**
 * Gives all fields of a name one value: the first of them gets it, the others go; where there is none, it is added.
 *
 * @param value The value; `undefined` takes the fields out.
 */
export function withField(
  fields: readonly Field[],
  name: string,
  value: string | undefined,
): readonly Field[] {
  const wanted = name.toLowerCase();
  const edited: Field[] = [];
  let isSet = value === undefined;
  for (const field of fields) {
    if (field[0].toLowerCase() !== wanted) {
      edited.push(field);
    } else if (!isSet) {
      isSet = true;
      edited.push([field[0], value!]);
    }
  }
  if (!isSet) edited.push([name, value!]);
  return edited;
}

/**
 * The head that says what the draft says.
 *
 * @throws {EditError} where the result is no head any more.
 */
export function editedHead(head: RequestHead, draft: HeadDraft): RequestHead {
  if (draft.method === head.method && draft.target === head.target && draft.fields === head.fields) {
    return head;
  }
  if (head.exact) return composeRequestHead({ ...draft, version: head.version });
  const bytes = rewriteHead(withMethod(head, draft.method), {
    ...draft.target !== head.target && { target: draft.target },
    ...fieldEdits(head.fields, draft.fields),
  }).bytes;
  const parsed = parseRequestHead(bytes);
  if (typeof parsed !== "string") return parsed;
  throw new EditError("cannot edit the head: it is too odd to be read once it is changed");
}

/** Which fields differ, as a rewriting of single lines. */
function fieldEdits(before: readonly Field[], after: readonly Field[]) {
  const values = new Map<string, string>();
  const dropped = new Set<string>();
  const add: Field[] = [];
  for (const name of new Set([...before, ...after].map(([name]) => name.toLowerCase()))) {
    const old = valuesOf(before, name);
    const wanted = after.filter((field) => field[0].toLowerCase() === name);
    if (old.length === wanted.length && old.every((value, i) => value === wanted[i][1])) continue;
    if (old.length === 1 && wanted.length === 1) {
      values.set(name, wanted[0][1]);
    } else {
      dropped.add(name);
      add.push(...wanted);
    }
  }
  return { values, drop: (name: string) => dropped.has(name), add };
}

function valuesOf(fields: readonly Field[], name: string): string[] {
  return fields.filter((field) => field[0].toLowerCase() === name).map(([, value]) => value);
}

/** The head with another word where the method stands. */
function withMethod(head: RequestHead, method: string): RequestHead {
  if (method === head.method) return head;
  const { raw } = head;
  let from = 0;
  while (raw[from] === 13 || raw[from] === 10) from++;
  let to = from;
  while (to < raw.length && raw[to] !== 32 && raw[to] !== 9) to++;
  return { ...head, method, raw: joined([raw.subarray(0, from), encoder.encode(method), raw.subarray(to)]) };
}

/** A target with another path; an authority before it and a query behind it stay. */
export function withPath(target: string, path: string): string {
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*)?([^?]*)(\?.*)?$/s.exec(target)!;
  return `${parts[1] ?? ""}${path}${parts[3] ?? ""}`;
}

/**
 * A target with a query parameter of one value, in the place of those of that name, or at the end. The others stay as
 * they are written.
 *
 * @param value The value, which is percent-encoded; `undefined` takes the parameter out.
 */
export function withQuery(target: string, name: string, value: string | undefined): string {
  const at = target.indexOf("?");
  const before = at < 0 ? target : target.slice(0, at);
  const written = value === undefined
    ? undefined
    : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  const parts: string[] = [];
  let isSet = written === undefined;
  for (const part of at < 0 ? [] : target.slice(at + 1).split("&")) {
    if (decodedName(part) !== name) {
      parts.push(part);
    } else if (!isSet) {
      isSet = true;
      parts.push(written!);
    }
  }
  if (!isSet) parts.push(written!);
  const query = parts.join("&");
  return query === "" ? before : `${before}?${query}`;
}

function decodedName(part: string): string {
  const name = part.split("=", 1)[0].replaceAll("+", " ");
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Whether a head has a field of that name, in lower case. */
export function hasField(fields: readonly Field[], name: string): boolean {
  return fieldValue(fields, name) !== undefined;
}
