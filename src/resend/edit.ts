/**
 * Edits of a request as users write them (`--set`): what is to change, and into what. Pure: nothing is applied here.
 *
 *     header:Name=value   header:Name   method=PUT   target=/a?b=1   path=/a   query:name=value   query:name
 *     json:$.id=5         xml://id=5    body=text    body=@FILE
 */
import { escaped, quoted } from "../net/address.ts";

/** One change of a request. */
export type Edit =
  /** All fields of that name become one with this value; without a value they are taken out. */
  | { readonly kind: "header"; readonly name: string; readonly value?: string }
  /** The method. */
  | { readonly kind: "method"; readonly method: string }
  /** The whole request target. */
  | { readonly kind: "target"; readonly target: string }
  /** The path of the target; its query stays. */
  | { readonly kind: "path"; readonly path: string }
  /** All query parameters of that name become one with this value; without a value they are taken out. */
  | { readonly kind: "query"; readonly name: string; readonly value?: string }
  /** What a JSONPath or an XPath selects in the body. */
  | { readonly kind: "json" | "xml"; readonly path: string; readonly value: string }
  /** The body as text, in the charset that the request declares. */
  | { readonly kind: "body"; readonly text: string }
  /** The body is what a file holds. */
  | { readonly kind: "body-file"; readonly file: string };

/** An edit that cannot be read, or that cannot be made. The message says what was found and what was wanted. */
export class EditError extends Error {
  /** The name of the class. */
  override readonly name = "EditError";
}

const FORMS =
  "header:NAME=VALUE, method=, target=, path=, query:NAME=VALUE, json:$PATH=VALUE, xml:XPATH=VALUE, " +
  "body=TEXT or body=@FILE";
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
/** What may not stand in a request line, which white space takes apart. */
const NOT_IN_TARGET = /[^\x21-\x7e\x80-\u{10ffff}]/u;

/**
 * Reads one edit.
 *
 * @throws {EditError} where it cannot be read, or would break the message: a line break in a header value (which would
 * smuggle in another field, RFC 9112 §11.1), white space in the target, a name that is no token.
 */
export function parseEdit(text: string): Edit {
  const found = /^(header|query|json|xml):(.*)$/s.exec(text);
  if (found !== null) {
    const [, kind, rest] = found;
    switch (kind) {
      case "header":
        return header(text, rest);
      case "query":
        return query(text, rest);
      default:
        return selected(text, kind as "json" | "xml", rest);
    }
  }
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = text.slice(equals + 1);
  switch (equals < 0 ? "" : name) {
    case "method":
      if (!TOKEN.test(value)) throw wrong(text, "a method after method=, such as method=PUT");
      return { kind: "method", method: value };
    case "target":
      return { kind: "target", target: checkedTarget(text, value, "target=/path?name=value") };
    case "path":
      checkedTarget(text, value, "path=/path");
      if (!value.startsWith("/") || /[?#]/.test(value)) {
        throw wrong(
          text,
          "a path that begins with / and has no ? or #, such as path=/stock (query:NAME=VALUE, target=)",
        );
      }
      return { kind: "path", path: value };
    case "body":
      return value.startsWith("@") ? file(text, value.slice(1)) : { kind: "body", text: value };
    case "status":
      throw wrong(text, `an edit of the request: the status is the target's to give; ${FORMS}`);
    default:
      throw wrong(text, FORMS);
  }
}

function header(text: string, rest: string): Edit {
  const equals = rest.indexOf("=");
  const name = equals < 0 ? rest : rest.slice(0, equals);
  if (!TOKEN.test(name)) throw wrong(text, "a field name after header:, such as header:X-Id=5");
  if (equals < 0) return { kind: "header", name };
  const value = rest.slice(equals + 1);
  if (CONTROL.test(value)) {
    throw wrong(
      text,
      `a value of one line for ${name}: a line break or another control character would break the head`,
    );
  }
  if (!value.isWellFormed()) throw wrong(text, `a value for ${name} that UTF-8 can hold`);
  return { kind: "header", name, value: value.replace(/^[ \t]+|[ \t]+$/g, "") };
}

function query(text: string, rest: string): Edit {
  const equals = rest.indexOf("=");
  const name = equals < 0 ? rest : rest.slice(0, equals);
  if (name === "" || !rest.isWellFormed()) throw wrong(text, "a name after query:, such as query:page=2");
  return equals < 0 ? { kind: "query", name } : { kind: "query", name, value: rest.slice(equals + 1) };
}

function selected(text: string, kind: "json" | "xml", rest: string): Edit {
  const equals = findEquals(rest);
  const path = rest.slice(0, equals).trim();
  if (equals < 0 || path === "" || (kind === "json" && !path.startsWith("$"))) {
    throw wrong(
      text,
      kind === "json"
        ? "a JSONPath and a value, such as json:$.id=5"
        : "an XPath and a value, such as xml://id=5",
    );
  }
  return { kind, path, value: rest.slice(equals + 1) };
}

function file(text: string, name: string): Edit {
  if (name === "") {
    throw wrong(text, "the name of a file after body=@ (a text that begins with @ has to come from one)");
  }
  return { kind: "body-file", file: name };
}

/** Where the `=` between path and value stands: the first outside quotes, brackets and parentheses; or -1. */
function findEquals(text: string): number {
  let depth = 0;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === '"' || char === "'") {
      quote = char;
    } else if (char === "[" || char === "(") {
      depth++;
    } else if (char === "]" || char === ")") {
      depth--;
    } else if (char === "=" && depth <= 0) {
      return at;
    }
  }
  return -1;
}

function checkedTarget(text: string, target: string, such: string): string {
  if (target === "" || NOT_IN_TARGET.test(target) || !target.isWellFormed()) {
    throw wrong(text, `a target without white space or control characters (%20 is a space), such as ${such}`);
  }
  return target;
}

function wrong(text: string, wanted: string): EditError {
  return new EditError(`cannot read the edit: found ${quoted(text)}, wanted ${wanted}`);
}

/** An edit as it is named in messages. */
export function nameOfEdit(edit: Edit): string {
  switch (edit.kind) {
    case "header":
    case "query":
      return escaped(`${edit.kind}:${edit.name}`);
    case "json":
    case "xml":
      return escaped(`${edit.kind}:${edit.path}`);
    case "body-file":
      return `body=@${escaped(edit.file)}`;
    default:
      return edit.kind;
  }
}
