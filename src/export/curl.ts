/**
 * Exchanges as commands of curl (7.55 and newer) for a POSIX shell, each on lines of its own.
 *
 * A command goes to the target itself and sends what the target received: its method, target, fields and body. Left to
 * curl are the order of the fields and Content-Length; what curl would add of its own is switched off.
 */
import type { RequestMessage } from "../capture/record.ts";
import { fieldValue } from "../http/head.ts";
import { bodySource, type CommandOptions, headWord, type Sent, sentRequest } from "./command.ts";
import { createCommandExporter } from "./command_exporter.ts";
import type { Exporter, Note } from "./exporter.ts";
import { shellWord } from "./shell.ts";

/** Targets that curl's reader of URLs leaves as they are. */
const PLAIN_TARGET = /^\/[!$-~]*$/;
/** What curl takes for a pattern, unless told not to. */
const GLOB = /[[\]{}]/;
/** Segments that curl resolves, unless told not to. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|\?|$)/i;

/** What is no value to curl, and a value to HTTP. */
const BLANK = /^[\v\f\r\t ]+$/;

/** From this size on curl asks before it sends (older ones do so), unless told not to. */
const EXPECT_BYTES = 1024;

/** What stands between two options. */
const NEXT = " \\\n  ";

/** Makes an exporter that writes one command for each exchange. */
export function createCurlExporter(options: CommandOptions = {}): Exporter {
  return createCommandExporter(curlCommand, options);
}

/**
 * The command that sends a request.
 *
 * @param to Where it goes: `https://HOST`, `tls://HOST:PORT`, `http://HOST`, `HOST:PORT` or `unix:PATH`.
 */
export function curlCommand(request: RequestMessage, to: string, options: CommandOptions = {}): string {
  const { note = () => {} } = options;
  const sent = sentRequest(request, to, note);
  const words = [
    ...targetWords(sent),
    ...versionWords(sent, note),
    ...methodWords(sent, note),
    ...fieldWords(sent, note),
  ];
  if (!sent.hasBody) return `curl ${words.join(NEXT)}`;
  const source = bodySource(request, options);
  switch (source.kind) {
    case "argument":
      return `curl ${[...words, `--data-raw ${source.word}`].join(NEXT)}`;
    case "file":
      return `curl ${[...words, `--data-binary ${shellWord(`@${source.path}`)}`].join(NEXT)}`;
    case "input":
      return `${source.command} | curl ${[...words, "--data-binary @-"].join(NEXT)}`;
  }
}

/** The URL, and what keeps curl from changing it. */
function targetWords({ request, scheme, authority, socket, target }: Sent): string[] {
  const words: string[] = [];
  const origin = `${scheme}://${authority}`;
  if (PLAIN_TARGET.test(target) && !target.includes("#") && !target.includes("\\")) {
    words.push(shellWord(origin + target));
    if (GLOB.test(origin + target)) words.push("--globoff");
    if (DOT_SEGMENT.test(target)) words.push("--path-as-is");
  } else {
    words.push(shellWord(`${origin}/`));
    if (GLOB.test(origin)) words.push("--globoff");
    words.push(`--request-target ${headWord(request.head, "", target)}`);
  }
  if (socket !== undefined) words.push(`--unix-socket ${shellWord(socket)}`);
  return words;
}

function versionWords({ request: { head: { version } }, scheme }: Sent, note: Note): string[] {
  if (version === "HTTP/1.0") return ["--http1.0"];
  if (version !== "HTTP/1.1") note("versions other than HTTP/1.0 and HTTP/1.1: sent as HTTP/1.1");
  // Over TLS curl would take HTTP/2 where it can have it.
  return scheme === "https" ? ["--http1.1"] : [];
}

function methodWords({ request: { head: { method } }, hasBody }: Sent, note: Note): string[] {
  if (method === "HEAD" && !hasBody) return ["--head"];
  if (method === (hasBody ? "POST" : "GET")) return [];
  if (method === "HEAD") note("HEAD requests with a body: curl then waits for the body of the response");
  return [`-X ${shellWord(method)}`];
}

function fieldWords({ request, authority, host, fields, hasBody }: Sent, note: Note): string[] {
  const { head, body } = request;
  const words: string[] = [];
  const removed = (name: string) => fieldValue(fields, name.toLowerCase()) === undefined;
  if (host !== authority) {
    words.push(host === undefined ? "-H Host:" : `-H ${headWord(head, ...line("Host", host))}`);
  }
  for (const name of ["User-Agent", "Accept"]) if (removed(name)) words.push(`-H ${name}:`);
  if (hasBody && removed("Content-Type")) words.push("-H Content-Type:");
  if (hasBody && body.bytes > EXPECT_BYTES && removed("Expect")) words.push("-H Expect:");
  for (const [name, value] of fields) {
    if (head.version === "HTTP/1.0" && name.toLowerCase() === "transfer-encoding") {
      note("Transfer-Encoding in HTTP/1.0: not sent");
    } else if (BLANK.test(value)) {
      note("fields of nothing but VT, FF or CR: not sent");
    } else {
      words.push(`-H ${headWord(head, ...line(name, value))}`);
    }
  }
  return words;
}

/** A field as curl wants it: one without a value would be taken for one to leave out. */
function line(name: string, value: string): [before: string, text: string] {
  return value === "" ? [`${name};`, ""] : [`${name}: `, value];
}
