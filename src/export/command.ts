/** What commands of several programs share: the request that they send again, its fields, and the way of its body. */
import { Buffer } from "node:buffer";
import { charsetOf } from "../capture/charset.ts";
import type { ExchangeRecord, RequestMessage } from "../capture/record.ts";
import { type Field, fieldList, fieldValue, isCutHead, type RequestHead } from "../http/head.ts";
import { bodyText, isCut, isSteered } from "./body_text.ts";
import type { Note } from "./exporter.ts";
import { CUT_BODIES } from "./har_content.ts";
import { authorityOf, type Scheme, sentFields } from "./origin.ts";
import { printfCommand, shellWord, shellWordOfBytes, singleQuoted } from "./shell.ts";

/**
 * Keeps a body beside the output.
 *
 * @param name A safe name for the file, for example `000017-body.bin`.
 * @returns The path by which a command finds it.
 */
export type BodyFile = (name: string, bytes: Uint8Array) => string;

/** How commands are written. */
export interface CommandOptions {
  /** Told what the command cannot send as it was. */
  readonly note?: Note;
  /** Keeps bodies that are not text, or long. Without it they stand in the command, through `printf` or `base64 -d`. */
  readonly bodyFile?: BodyFile;
  /** Number of the exchange, for the name of its body file; 0 unless given. */
  readonly id?: number;
}

/** Longest body that is an argument: Linux allows 128 KiB for one, quotes not counted. */
const ARGUMENT_LIMIT_BYTES = 96 * 1024;

/** A field name that programs take (RFC 9110 §5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** A request, taken apart for a command. */
export interface Sent {
  /** The request. */
  readonly request: RequestMessage;
  /** Scheme of its URL. */
  readonly scheme: Scheme;
  /** Host and port of its URL. */
  readonly authority: string;
  /** Path of the Unix socket that it goes to, if it does. */
  readonly socket?: string;
  /** The request target as the server is to receive it. */
  readonly target: string;
  /** Value of Host. */
  readonly host: string | undefined;
  /** The fields to send, without Host, Content-Length and those that no command can send. */
  readonly fields: readonly Field[];
  /** Whether there is a body, be it an empty one. */
  readonly hasBody: boolean;
}

/**
 * Takes a request apart.
 *
 * @param to Where it goes: `https://HOST`, `tls://HOST:PORT`, `http://HOST`, `HOST:PORT` or `unix:PATH`.
 */
export function sentRequest(request: RequestMessage, to: string, note: Note): Sent {
  const { head, body, trailers } = request;
  const scheme: Scheme = /^(?:https|tls):\/\//i.test(to) ? "https" : "http";
  const authority = authorityOf(to, scheme);
  const all = sentFields(request);
  const hosts = all.filter(([name]) => name.toLowerCase() === "host");
  const isChunked = fieldList(all, "transfer-encoding").includes("chunked");
  const length = fieldValue(all, "content-length");
  if (hosts.length > 1) note("more than one Host field: only the first is sent");
  if (length !== undefined && isChunked) note("Content-Length beside Transfer-Encoding: not sent");
  else if (length !== undefined && length !== String(body.bytes)) {
    note("Content-Length is another than was sent");
  }
  if (trailers.length > 0) note("trailers of requests: not sent");
  if (isCut(body)) note(CUT_BODIES);
  if (!head.exact) note("oddities of heads (line ends, folding, spaces): written in the ordinary way");
  return {
    request,
    scheme,
    authority,
    socket: to.startsWith("unix:") ? to.slice("unix:".length) : undefined,
    target: originForm(head, authority, scheme),
    host: hosts[0]?.[1],
    fields: all.filter((field) => isSendable(field, note)),
    hasBody: body.bytes > 0 || isChunked || length !== undefined,
  };
}

/** Whether a field is one for the command; notes those that no command can send. */
function isSendable([name, value]: Field, note: Note): boolean {
  const lower = name.toLowerCase();
  if (lower === "host" || lower === "content-length") return false;
  // deno-lint-ignore no-control-regex -- controls are what it looks for
  if (TOKEN.test(name) && !/[\u0000\n\r]/.test(value)) return true;
  note("fields with a bad name, a NUL or a line break: not sent");
  return false;
}

/** What clients ask a proxy for by its URL, they ask the server itself for by its path (RFC 9112 §3.2). */
function originForm({ target }: RequestHead, authority: string, scheme: Scheme): string {
  const match = /^http:\/\/([^/?#]*)(.*)$/is.exec(target);
  if (match === null || scheme !== "http" || match[1].replace(/:80$/, "") !== authority) return target;
  return match[2].startsWith("/") ? match[2] : `/${match[2]}`;
}

/**
 * A text of the head as a word of the shell, byte for byte: what is not ASCII may have come as UTF-8 or, where the
 * head could not be written back, as ISO 8859-1.
 */
export function headWord(head: RequestHead, before: string, text: string): string {
  if (!isLatin1(head, text)) return shellWord(before + text);
  return shellWordOfBytes(Buffer.from(before + text, "latin1"));
}

/** Whether a text of the head came in bytes that are not UTF-8. */
export function isLatin1(head: RequestHead, text: string): boolean {
  // deno-lint-ignore no-control-regex -- it is ASCII that it looks for
  if (head.exact || /^[\u0000-\u007f]*$/.test(text)) return false;
  return !Buffer.from(head.raw).includes(text);
}

/** How a command gets its body: an argument, a file, or a command whose output is its standard input. */
export type BodySource =
  | { readonly kind: "argument"; readonly word: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "input"; readonly command: string };

/** The way of a body into a command. */
export function bodySource({ body, head }: RequestMessage, { bodyFile, id = 0 }: CommandOptions): BodySource {
  // An argument is UTF-8, whatever charset the body is said to have.
  const isUtf8 = charsetOf(fieldValue(head.fields, "content-type")) === "utf-8";
  const text = bodyText(isUtf8 ? body : { bytes: body.kept.length, kept: body.kept }, undefined);
  const isShort = body.bytes <= ARGUMENT_LIMIT_BYTES;
  if (text !== undefined && isShort && !isSteered(text) && !text.includes("\r")) {
    return { kind: "argument", word: singleQuoted(text) };
  }
  if (bodyFile !== undefined) {
    return { kind: "file", path: bodyFile(`${String(id).padStart(6, "0")}-body.bin`, body.kept) };
  }
  if (text !== undefined && !text.includes("\0")) return { kind: "input", command: printfCommand(text) };
  return { kind: "input", command: `printf %s '${base64(body.kept)}' | base64 -d` };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

/** Writes the command of an exchange that can be sent again: it has a request, which asks for no tunnel. */
export function isRepeatable({ request }: ExchangeRecord, note: Note): boolean {
  if (request === undefined) note("responses without a request");
  else if (isCutHead(request.head)) note("requests that ended inside their head");
  else if (request.head.method === "CONNECT") note("CONNECT requests: they ask a proxy for a tunnel");
  else return true;
  return false;
}
