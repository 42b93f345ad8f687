/** The commands that work on captures or send requests of their own, from arguments to what they are asked to do. */
import { quoted } from "../net/address.ts";
import { extra } from "./addresses.ts";
import { checkPairs } from "./conflicts.ts";
import { captureOptions, viewerOptions } from "./settings.ts";
import { readSources, type SourceInput } from "./sources.ts";
import { isStdin, outputFile } from "./standard_stream.ts";
import { UsageError } from "./usage_error.ts";
import type { OptionName } from "./option.ts";
import type { DiffCommand, ExportCommand, ResendCommand, SendCommand, ViewCommand } from "./tool_commands.ts";
import type { GivenOptions } from "./values.ts";

const MODES = ["json", "xml", "form", "multipart"] as const satisfies readonly OptionName[];
/** A method: in upper case, or a usual one in lower case. A host would hardly be written so. */
const METHOD = /^(?:[A-Z][A-Z0-9_-]*|get|head|post|put|patch|delete|options|trace)$/;

/**
 * Reads `send [METHOD] URL [ITEM...]`.
 *
 * @throws {UsageError} where it cannot be read (as rejection).
 */
export async function readSend(
  input: SourceInput,
  args: GivenOptions,
  positionals: readonly string[],
): Promise<SendCommand> {
  const { given, values } = await readSources(input, args, "send");
  checkPairs(given);
  const modes = MODES.filter((name) => values[name]);
  if (modes.length > 1) throw both(`--${modes[0]}`, `--${modes[1]}`);
  if (values.offline && values.curl) throw both("--offline", "--curl");
  const [first, ...others] = positionals;
  const wanted = "send [METHOD] URL [ITEM...], such as send POST :8080/items name=chair";
  if (first === undefined) throw new UsageError(`found no URL, wanted tcpmon ${wanted}`);
  const hasMethod = METHOD.test(first) && others.length > 0;
  const [url, ...items] = hasMethod ? others : positionals;
  const soap = values.soap ?? (values["soap-action"] === undefined ? undefined : "1.1");
  if (soap !== undefined && modes.length > 0 && modes[0] !== "xml") throw both("--soap", `--${modes[0]}`);
  if (soap !== undefined && items.some(isBodyItem)) {
    throw new UsageError(
      `found --soap and the item ${quoted(items.find(isBodyItem)!)}, wanted the body by --data`,
    );
  }
  return {
    kind: "send",
    method: hasMethod ? first.toUpperCase() : undefined,
    url,
    items,
    headers: values.header ?? [],
    data: dataOf(values.data),
    mode: modes[0],
    soap,
    soapAction: values["soap-action"],
    via: values["send-via"],
    follow: values.follow,
    timeoutMs: values.timeout,
    repeat: values.repeat,
    concurrency: values.concurrency ?? 1,
    ratePerSecond: values["send-rate"],
    expectStatus: values["expect-status"],
    expect: values.expect ?? [],
    print: values.offline ? "bytes" : values.curl ? "curl" : undefined,
    options: captureOptions(values),
  };
}

/**
 * Reads `resend FILE [ID...]`.
 *
 * @throws {UsageError} where it cannot be read (as rejection).
 */
export async function readResend(
  input: SourceInput,
  args: GivenOptions,
  positionals: readonly string[],
): Promise<ResendCommand> {
  const { given, values } = await readSources(input, args, "resend");
  checkPairs(given);
  const [file, ...ids] = positionals.map(inputFile);
  if (file === undefined) throw noFile("resend FILE [ID...]");
  if (values["keep-connections"] && values.concurrency !== undefined) {
    throw both("--keep-connections", "--concurrency");
  }
  if (!values.diff && values.ignore !== undefined) {
    throw new UsageError("found --ignore without --diff, wanted --diff with it");
  }
  return {
    kind: "resend",
    file,
    ids,
    to: values.to,
    speed: readSpeed(values.speed),
    edits: values.set ?? [],
    edit: values.edit,
    keepConnections: values["keep-connections"],
    concurrency: values.concurrency ?? 1,
    diff: values.diff,
    ignore: values.ignore ?? [],
    timeoutMs: values.timeout,
    strict: values.strict,
    options: captureOptions(values),
  };
}

/**
 * Reads `diff FILE ID [FILE] ID`.
 *
 * @throws {UsageError} where it cannot be read (as rejection).
 */
export async function readDiff(
  input: SourceInput,
  args: GivenOptions,
  positionals: readonly string[],
): Promise<DiffCommand> {
  const usage = "diff FILE ID [FILE] ID";
  const { values } = await readSources(input, args, "diff");
  const [file, id, third, fourth, more] = positionals.map(inputFile);
  if (file === undefined) throw noFile(usage);
  if (third === undefined) {
    const found = id === undefined ? "no ID" : "only one ID";
    throw new UsageError(`found ${found}, wanted two: tcpmon ${usage}, such as diff api.log 17 42`);
  }
  if (more !== undefined) throw extra(more, usage);
  const [other, otherId] = fourth === undefined ? [file, third] : [third, fourth];
  if (file === "-" && other === "-" && fourth !== undefined) {
    throw new UsageError("found - twice, wanted stdin once: it can be read only once");
  }
  return {
    kind: "diff",
    before: { file, id },
    after: { file: other, id: otherId },
    format: values["diff-format"],
    ignore: values.ignore ?? [],
    strict: values.strict,
    color: values.color,
    quiet: values.quiet,
  };
}

/**
 * Reads `export FILE [ID...] --as FORMAT`.
 *
 * @throws {UsageError} where it cannot be read (as rejection).
 */
export async function readExport(
  input: SourceInput,
  args: GivenOptions,
  positionals: readonly string[],
): Promise<ExportCommand> {
  const { given, values } = await readSources(input, args, "export");
  checkPairs(given);
  const [file, ...ids] = positionals.map(inputFile);
  if (file === undefined) throw noFile("export FILE [ID...] --as FORMAT");
  const output = outputFile(values["export-output"]);
  const isRaw = values.as === "raw";
  if (isRaw && output === undefined) {
    throw new UsageError("found --as raw without a folder, wanted --output DIR: it makes one file a message");
  }
  return {
    kind: "export",
    file,
    ids,
    as: values.as,
    output,
    strict: values.strict,
    options: captureOptions(values),
  };
}

/**
 * Reads `view [FILE...]`.
 *
 * @throws {UsageError} where it cannot be read (as rejection).
 */
export async function readView(
  input: SourceInput,
  args: GivenOptions,
  positionals: readonly string[],
): Promise<ViewCommand> {
  const { values } = await readSources(input, args, "view");
  return {
    kind: "view",
    files: positionals.map(inputFile),
    viewer: viewerOptions(values),
    maxBodyBytes: values["max-body"],
    quiet: values.quiet,
  };
}

/** A capture by its name, of which stdin has several. No number of an exchange looks like one. */
function inputFile(path: string): string {
  return isStdin(path) ? "-" : path;
}

/** The body: text, `@FILE`, or `-` for stdin, which may be named as a file, too. */
function dataOf(text: string | undefined): string | undefined {
  return text !== undefined && isStdin(text.replace(/^@/, "")) ? "-" : text;
}

/** Whether an item is a part of the body. */
function isBodyItem(text: string): boolean {
  return /^[^:=@]*(?::=|=(?!=)|@)/.test(text);
}

function readSpeed(text: string): number {
  if (text === "max") return Infinity;
  const factor = /^[0-9]{1,6}(\.[0-9]{1,6})?$/.test(text) ? Number(text) : 0;
  if (factor > 0) return factor;
  throw new UsageError(
    `cannot read --speed: found ${quoted(text)}, wanted a factor such as 1, 2 or 0.5, or max`,
  );
}

function noFile(usage: string): UsageError {
  return new UsageError(`found no FILE, wanted tcpmon ${usage}; - is stdin`);
}

function both(one: string, other: string): UsageError {
  return new UsageError(`found both ${one} and ${other}, wanted one of them`);
}
