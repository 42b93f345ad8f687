/**
 * Parts of a request as HTTPie's users write them (https://httpie.io/docs/cli/request-items):
 *
 *     Name:value  header     Name;  empty header     Name:  no such header     name==value  query
 *     name=value  field      name:=JSON  JSON field  name@path  file           name=@path, name:=@path  from a file
 *
 * The first separator counts, of several at one place the longest. A backslash before one of `:=@;` takes its meaning
 * away, in the value too (`name=\@home` is no file); before anything else it stands for itself. Names are taken
 * literally: `a[b]=1` is a field named `a[b]`.
 */
import { escaped, quoted } from "../net/address.ts";
import type { Field } from "../http/head.ts";
import { jsonFault } from "./json_fault.ts";
import { SendUsageError } from "./send_error.ts";

/** One part of a request, files read. */
export type RequestItem =
  /** A header field. */
  | { readonly kind: "header"; readonly name: string; readonly value: string }
  /** A header field that is left out. */
  | { readonly kind: "no-header"; readonly name: string }
  /** A parameter of the URL. */
  | { readonly kind: "query"; readonly name: string; readonly value: string }
  /** A field of the body, as text. */
  | { readonly kind: "field"; readonly name: string; readonly value: string }
  /** A field of the body, as JSON: `json` is its text, valid and as it was given. */
  | { readonly kind: "json"; readonly name: string; readonly json: string }
  /** A file in the body. */
  | {
    readonly kind: "file";
    readonly name: string;
    /** The last part of its path. */
    readonly filename: string;
    readonly bytes: Uint8Array;
    /** Media type, where it was given as `name@path;type=…`. */
    readonly type?: string;
  };

/** Reads a file that an item names. Rejects with an `Error` with a message for people. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

type Separator = ":=@" | "=@" | ":=" | "==" | "=" | "@" | ":" | ";";

/** Of those that begin at one place, the longest comes first. */
const SEPARATORS: readonly Separator[] = [":=@", "=@", ":=", "==", "=", "@", ":", ";"];
const SPECIAL = ":=@;";

const WANTED =
  "Name:value, Name;, Name:, name==query, name=field, name:=JSON, name@file, name=@file or name:=@file";

/** A field name (RFC 9110 §5.1). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads items, and the files that they name.
 *
 * @throws {SendUsageError} where one cannot be read.
 */
export async function readItems(texts: readonly string[], readFile: ReadFile): Promise<RequestItem[]> {
  const items: RequestItem[] = [];
  for (const text of texts) items.push(await readItem(text, readFile));
  return items;
}

async function readItem(text: string, readFile: ReadFile): Promise<RequestItem> {
  const found = split(text);
  if (found === undefined) throw new SendUsageError(`the item ${quoted(text)}`, WANTED);
  const { name, separator, value } = found;
  if (name === "") throw new SendUsageError(`no name in the item ${quoted(text)}`, WANTED);
  switch (separator) {
    case ":":
      return value === "" ? { kind: "no-header", name: nameOf(name) } : headerOf(name, value);
    case ";":
      return headerOf(name, "");
    case "==":
      return { kind: "query", name, value };
    case "=":
      return { kind: "field", name, value };
    case ":=":
      return { kind: "json", name, json: checkedJson(value, `after := in the item ${quoted(text)}`) };
    case "@":
      return await fileOf(name, value, readFile);
    case "=@":
      return { kind: "field", name, value: await textOf(value, readFile) };
    case ":=@":
      return {
        kind: "json",
        name,
        json: checkedJson(await textOf(value, readFile), `in the file ${quoted(value)}`),
      };
  }
}

/**
 * Reads a header field as curl takes it: `Name: value`, `Name;` for one without a value, `Name:` for none.
 *
 * @throws {SendUsageError} where it cannot be read.
 */
export function readHeader(text: string): RequestItem {
  const found = /^([^:;]*)([:;])([^]*)$/.exec(text);
  if (found === null || (found[2] === ";" && found[3].trim() !== "")) {
    throw new SendUsageError(
      `the header ${quoted(text)}`,
      "Name: value, Name; for an empty one, or Name: for none",
    );
  }
  const [, name, , value] = found;
  if (found[2] === ":" && value.trim() === "") return { kind: "no-header", name: nameOf(name) };
  return headerOf(name, found[2] === ";" ? "" : value);
}

/**
 * The field, checked: its name is a token, and its value holds nothing that ends a line.
 *
 * @throws {SendUsageError} where it is not.
 */
export function checkedField(name: string, value: string): Field {
  const found = /[\r\n\0]/.exec(value);
  if (found !== null) {
    const what = { "\r": "a carriage return", "\n": "a line feed", "\0": "a NUL" }[found[0]];
    throw new SendUsageError(`${what} in the value of the header ${escaped(name)}`, "a value on one line");
  }
  return [nameOf(name), value];
}

/**
 * A text that is JSON.
 *
 * @param where What it is, for the message.
 * @throws {SendUsageError} where it is not, with the place.
 */
export function checkedJson(text: string, where: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    const place = jsonFault(text);
    const at = place === undefined ? "" : ` at line ${place.line}, column ${place.column}`;
    throw new SendUsageError(`what is no JSON ${where}${at}`, 'JSON, such as {"id": 5}, "text", 5 or true');
  }
}

function headerOf(name: string, value: string): RequestItem {
  const [checkedName, checkedValue] = checkedField(name, value.replace(/^[ \t]+|[ \t]+$/g, ""));
  return { kind: "header", name: checkedName, value: checkedValue };
}

function nameOf(name: string): string {
  if (TOKEN.test(name)) return name;
  throw new SendUsageError(
    `the header name ${quoted(name)}`,
    "letters, digits and hyphens, such as X-Request-Id",
  );
}

async function fileOf(name: string, value: string, readFile: ReadFile): Promise<RequestItem> {
  const typed = /^(.+);type=([^;]+)$/s.exec(value);
  const path = typed?.[1] ?? value;
  const bytes = await read(path, readFile);
  const filename = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  if (typed === null) return { kind: "file", name, filename, bytes };
  return { kind: "file", name, filename, bytes, type: checkedField("Content-Type", typed[2])[1] };
}

async function textOf(path: string, readFile: ReadFile): Promise<string> {
  const bytes = await read(path, readFile);
  try {
    return utf8.decode(bytes);
  } catch {
    throw new SendUsageError(
      `bytes that are no UTF-8 in ${quoted(path)}`,
      "a text, or name@path to send the file",
    );
  }
}

async function read(path: string, readFile: ReadFile): Promise<Uint8Array> {
  if (path === "") throw new SendUsageError("no path after @", "the path of a file, such as data@report.pdf");
  try {
    return await readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SendUsageError(
      `no readable file at ${quoted(path)} (${escaped(reason)})`,
      "one that can be read",
    );
  }
}

/** Takes an item apart at its separator. */
function split(
  text: string,
): { readonly name: string; readonly separator: Separator; readonly value: string } | undefined {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") {
      at++;
      continue;
    }
    const separator = SEPARATORS.find((known) => text.startsWith(known, at));
    // A semicolon makes an empty header at the end alone.
    if (separator === undefined || (separator === ";" && at < text.length - 1)) continue;
    return {
      name: unescaped(text.slice(0, at)),
      separator,
      value: unescaped(text.slice(at + separator.length)),
    };
  }
  return undefined;
}

function unescaped(text: string): string {
  return text.replace(/\\([^])/g, (pair, char) => SPECIAL.includes(char) ? char : pair);
}
