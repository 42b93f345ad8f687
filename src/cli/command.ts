/** From arguments, environment and config file to one typed command: the only way into the program. */
import { quoted } from "../net/address.ts";
import { type Addresses, extra, looksLikeListen, readProxies, readRelays, readUnnamed } from "./addresses.ts";
import { readArguments } from "./arguments.ts";
import { COMMAND_NAMES, type CommandName, findCommand, type Shell, SHELLS } from "./commands.ts";
import { checkNeeds, checkPairs, checkSeed } from "./conflicts.ts";
import { findOption } from "./options.ts";
import { settleProxies, settleRelays } from "./own_options.ts";
import { checkListens, type ForwardProxy, type Relay } from "./relay_spec.ts";
import { type CaptureOptions, captureOptions, settled } from "./settings.ts";
import { readSources, type SourceInput } from "./sources.ts";
import { didYouMean } from "./suggest.ts";
import type { DiffCommand, ExportCommand, ResendCommand, SendCommand, ViewCommand } from "./tool_commands.ts";
import { readDiff, readExport, readResend, readSend, readView } from "./tools.ts";
import { UsageError } from "./usage_error.ts";
import type { GivenOptions } from "./values.ts";

/** What the program was asked to do. */
export type Command =
  | {
    readonly kind: "relay";
    /** The relays, in order; there is at least one of them or of the proxies. */
    readonly relays: readonly Relay[];
    /** The proxies, in order. */
    readonly proxies: readonly ForwardProxy[];
    readonly options: CaptureOptions;
  }
  | {
    readonly kind: "demo";
    /** Exit after the exchanges. */
    readonly once: boolean;
    /** Port of the relay on 127.0.0.1; 0: any free one. */
    readonly port: number;
    /** Whether the viewer was switched off; where nothing is said of it, the demo shows it. */
    readonly hidesViewer: boolean;
    readonly options: CaptureOptions;
  }
  | SendCommand
  | ResendCommand
  | DiffCommand
  | ExportCommand
  | ViewCommand
  | {
    readonly kind: "ca";
    /** Folder of the CA; undefined: in the user's data folder. */
    readonly folder?: string;
    /** Print the certificate alone. */
    readonly pem: boolean;
  }
  /** Print `script` to stdout. */
  | { readonly kind: "completion"; readonly shell: Shell; readonly script: string }
  /** Print `text` to stdout. */
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" };

/** What a command is read from. */
export interface CommandInput extends SourceInput {
  /** Arguments, without the program's name. */
  readonly args: readonly string[];
}

/** What there must be at least, for each way to start something. */
const MISSING = {
  relay: "found no relay, wanted LISTEN HOST PORT, or relay LISTEN=TARGET..., or --config with relays",
  proxy: "found no proxy, wanted proxy LISTEN..., such as proxy 8888, or --config with proxies",
  unnamed:
    "found no relay and no proxy, wanted LISTEN HOST PORT, or relay LISTEN=TARGET..., or proxy LISTEN, " +
    "or --config with some",
};

const SEE_HELP = "see tcpmon --help";

/**
 * Reads what the program was asked to do.
 *
 * @throws {UsageError} for anything that cannot be understood (as rejection).
 */
export async function parseCommand(input: CommandInput): Promise<Command> {
  const { options, positionals } = readArguments(input.args);
  if (options.has("version")) return { kind: "version" };
  const [first, ...others] = positionals;
  const named = first === undefined ? undefined : findCommand(first);
  if (options.has("help")) return await helpFor(named?.name);
  if (named === undefined) {
    if (first !== undefined) checkUnnamed(first);
    checkApplies(options, "relay");
    return await readListening(input, options, readUnnamed(positionals), "unnamed");
  }
  const { name } = named;
  checkApplies(options, name);
  switch (name) {
    case "help":
      if (others.length > 1) throw extra(others[1], "help [COMMAND]");
      return await helpFor(others[0] === undefined ? undefined : commandName(others[0]));
    case "completion":
      return await completionFor(others);
    case "demo":
      if (others.length > 0) throw extra(others[0], "demo [--once] [--port N]");
      return await readDemo(input, options);
    case "send":
      return await readSend(input, options, others);
    case "resend":
      return await readResend(input, options, others);
    case "diff":
      return await readDiff(input, options, others);
    case "export":
      return await readExport(input, options, others);
    case "view":
      return await readView(input, options, others);
    case "ca":
      if (others.length > 0) throw extra(others[0], "ca [--pem] [--ca-dir DIR]");
      return await readCa(input, options);
    case "relay":
      return await readListening(input, options, readRelays(others), name);
    case "proxy":
      return await readListening(input, options, readProxies(others), name);
  }
}

/** Explains a first word that is neither a command nor an address. */
function checkUnnamed(first: string): void {
  if (first.includes("=")) {
    throw new UsageError(
      `unknown command ${quoted(first)}; relays follow "relay": tcpmon relay LISTEN=TARGET`,
    );
  }
  if (!looksLikeListen(first)) commandName(first);
}

/** Relays, proxies, or both. Addresses on the command line stand instead of all that a config file has. */
async function readListening(
  input: CommandInput,
  args: GivenOptions,
  positional: Addresses,
  name: keyof typeof MISSING,
): Promise<Command> {
  const { given, values, file } = await readSources(input, args, "relay");
  const isNamed = positional.relays.length + positional.proxies.length > 0;
  const { relays, proxies } = isNamed ? positional : file ?? positional;
  const found = { relay: relays.length, proxy: proxies.length, unnamed: relays.length + proxies.length };
  if (found[name] === 0) throw new UsageError(`${MISSING[name]}; ${SEE_HELP}`);
  checkNeeds(args, { relays, proxies });
  checkPairs(given);
  checkSeed(given, [...relays, ...proxies].map(({ own }) => own));
  checkListens(relays, proxies);
  return {
    kind: "relay",
    relays: settleRelays(relays, given, input.checks),
    proxies: settleProxies(proxies, given, input.checks),
    options: captureOptions(values),
  };
}

async function readDemo(input: CommandInput, args: GivenOptions): Promise<Command> {
  const { given, values, file } = await readSources(input, args, "demo");
  if (file !== undefined && file.relays.length + file.proxies.length > 0) {
    throw new UsageError(
      `demo has a relay of its own: found others in the file of ${file.origin}, wanted one without relays and proxies`,
    );
  }
  checkPairs(given);
  checkSeed(given);
  const view = settled("view", given);
  return {
    kind: "demo",
    once: values.once,
    port: values.port,
    hidesViewer: view !== undefined && view.value === undefined,
    options: captureOptions(values),
  };
}

async function readCa(input: CommandInput, args: GivenOptions): Promise<Command> {
  const { values } = await readSources(input, args, "ca");
  return { kind: "ca", folder: values["ca-dir"], pem: values.pem };
}

async function helpFor(command: CommandName | undefined): Promise<Command> {
  const { commandHelp, overview } = await import("./help.ts");
  return { kind: "help", text: command === undefined ? overview() : commandHelp(command) };
}

async function completionFor(positionals: readonly string[]): Promise<Command> {
  const [text, more] = positionals;
  const shell = SHELLS.find((known) => known === text);
  if (text === undefined || shell === undefined) {
    const found = text === undefined ? "none" : quoted(text);
    throw new UsageError(
      `cannot read SHELL of completion: found ${found}, wanted one of ${SHELLS.join(", ")}`,
    );
  }
  if (more !== undefined) throw extra(more, "completion SHELL");
  const { completionScript } = await import("./completion.ts");
  return { kind: "completion", shell, script: completionScript(shell) };
}

/** The command of that name; throws where there is none. */
function commandName(text: string): CommandName {
  const found = findCommand(text);
  if (found !== undefined) return found.name;
  throw new UsageError(
    `unknown command ${quoted(text)}${didYouMean(text, COMMAND_NAMES) || `; ${SEE_HELP}`}`,
  );
}

function checkApplies(options: GivenOptions, command: CommandName): void {
  for (const [name, { origin }] of options) {
    const commands: readonly CommandName[] = findOption(name)?.commands ?? [];
    if (!commands.includes(command)) {
      throw new UsageError(
        `${origin} is no option of ${command}, only of ${
          commands.join(", ").replace(/, (?=[^,]*$)/, " and ")
        }`,
      );
    }
  }
}
