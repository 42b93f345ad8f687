/**
 * Exchanges as commands of HTTPie (3.0 and newer) for a POSIX shell, each on lines of its own.
 *
 * HTTPie sends less faithfully than curl: it knows methods of letters only, speaks HTTP/1.1 to hosts only, and writes
 * percent-encodings anew. What it cannot send is noted, and where that is the request itself, no command is written.
 */
import type { RequestMessage } from "../capture/record.ts";
import { fieldValue } from "../http/head.ts";
import { bodySource, type CommandOptions, isLatin1, type Sent, sentRequest } from "./command.ts";
import { createCommandExporter } from "./command_exporter.ts";
import type { Exporter, Note } from "./exporter.ts";
import { shellWord } from "./shell.ts";

/** Targets that HTTPie's reader of URLs takes: a single bad escape has it escape all the others again. */
const PLAIN_TARGET = /^\/(?:[!$&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]|%[0-9A-Fa-f]{2})*$/;
/** What HTTPie writes otherwise: escapes of what needs none, brackets, and escapes in small letters. */
const REWRITTEN = /%(?:2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a]|5f|7e)|[[\]]/i;
const SMALL_ESCAPE = /%(?:[a-f]|[0-9A-F][a-f])/;
/** Segments that HTTPie resolves, unless told not to. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|\?|$)/i;

/** What Python takes for white space, and HTTP for a part of the value. */
const TRIMMED = // deno-lint-ignore no-control-regex -- controls are what it looks for
  /^[\s\u001c-\u001f\u0085]|[\s\u001c-\u001f\u0085]$/;

/** What HTTPie adds of its own, unless told not to. */
const OWN_FIELDS = ["User-Agent", "Accept-Encoding", "Accept", "Connection"];
/** What the library under it adds even then. */
const STUBBORN_FIELDS = ["user-agent", "accept-encoding"];

/** What stands between two options. */
const NEXT = " \\\n  ";

/** Makes an exporter that writes one command for each exchange that HTTPie can send. */
export function createHttpieExporter(options: CommandOptions = {}): Exporter {
  return createCommandExporter(httpieCommand, options);
}

/**
 * The command that sends a request.
 *
 * @param to Where it goes: `https://HOST`, `tls://HOST:PORT`, `http://HOST` or `HOST:PORT`.
 * @returns `undefined` where HTTPie cannot send it; the note says why.
 */
export function httpieCommand(
  request: RequestMessage,
  to: string,
  options: CommandOptions = {},
): string | undefined {
  const { note = () => {} } = options;
  const { head } = request;
  const refusal = refusalOf(request, to);
  if (refusal !== undefined) {
    note(`${refusal}: HTTPie cannot send them`);
    return undefined;
  }
  const sent = sentRequest(request, to, note);
  if (!PLAIN_TARGET.test(sent.target)) {
    note("targets that are no path of a URL: HTTPie cannot send them");
    return undefined;
  }
  if (REWRITTEN.test(sent.target) || SMALL_ESCAPE.test(sent.target)) {
    note("percent-encodings that HTTPie writes anew");
  }
  if (head.version !== "HTTP/1.1") note("versions other than HTTP/1.1: sent as HTTP/1.1");
  const flags = [
    ...DOT_SEGMENT.test(sent.target) ? ["--path-as-is"] : [],
    ...isChunked(sent) ? ["--chunked"] : [],
  ];
  const url = shellWord(`${sent.scheme}://${sent.authority}${sent.target}`);
  // What follows `--` is no option, whatever the name of a field begins with.
  const end = sent.fields.some(([name]) => name.startsWith("-")) ? "-- " : "";
  const words = [[sent.scheme, ...flags].join(" "), `${end}${head.method} ${url}`, ...fieldWords(sent, note)];
  if (!sent.hasBody) return withOption(words, "--ignore-stdin");
  const source = bodySource(request, options);
  if (source.kind === "argument") return withOption(words, `--ignore-stdin --raw=${source.word}`);
  const command = words.join(NEXT);
  return source.kind === "file" ? `${command} < ${shellWord(source.path)}` : `${source.command} | ${command}`;
}

/** The command with options of the program behind its name. */
function withOption([program, ...words]: readonly string[], option: string): string {
  return [`${program} ${option}`, ...words].join(NEXT);
}

/** Why HTTPie cannot send a request, as the name of all such requests. */
function refusalOf({ head, body }: RequestMessage, to: string): string | undefined {
  if (to.startsWith("unix:")) return "requests to Unix sockets";
  if (!/^[A-Z]+$/.test(head.method)) return "methods that are not of capital letters only";
  if (head.method === "HEAD" && body.bytes > 0) return "HEAD requests with a body";
  return undefined;
}

function isChunked({ fields }: Sent): boolean {
  return fieldValue(fields, "transfer-encoding")?.toLowerCase() === "chunked";
}

function fieldWords({ request: { head }, authority, host, fields, hasBody }: Sent, note: Note): string[] {
  const words: string[] = [];
  if (host === undefined) note("requests without Host: HTTPie sends one");
  else if (host !== authority) words.push(...item("Host", host, note));
  const own = hasBody ? [...OWN_FIELDS, "Content-Type"] : OWN_FIELDS;
  if (STUBBORN_FIELDS.some((name) => fieldValue(fields, name) === undefined)) {
    note("requests without User-Agent or Accept-Encoding: HTTPie sends its own");
  }
  for (const name of own) if (fieldValue(fields, name.toLowerCase()) === undefined) words.push(`${name}:`);
  for (const [name, value] of fields) {
    if (name.toLowerCase() === "transfer-encoding" && value.toLowerCase() === "chunked") continue;
    if (TRIMMED.test(value)) note("white space and controls at the ends of fields: HTTPie may not send them");
    if (isLatin1(head, value)) note("fields that are not UTF-8: HTTPie cannot send them");
    else words.push(...item(name, value, note));
  }
  return words;
}

/**
 * A field as one item. What would make it another kind of item is escaped; a backslash before such a character HTTPie
 * would take for the escape.
 */
function item(name: string, value: string, note: Note): string[] {
  if (value === "") return [shellWord(`${name};`)];
  if (/\\[:;=@]/.test(value)) {
    note("fields with a backslash before : ; = or @: HTTPie cannot send them");
    return [];
  }
  return [shellWord(`${name}:${value.replace(/^[:=@]/, "\\$&")}`)];
}
