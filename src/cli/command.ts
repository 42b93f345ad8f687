/** From arguments, environment and config file to one typed command: the only way into the program. */
import { escaped, quoted } from "../net/address.ts";
import { readArguments } from "./arguments.ts";
import {
  ABSENT_COMMANDS,
  COMMAND_NAMES,
  type CommandName,
  findCommand,
  type Shell,
  SHELLS,
} from "./commands.ts";
import type { ConfigFile } from "./config_file.ts";
import { findOption } from "./options.ts";
import {
  parseRelay,
  parseThree,
  readListen,
  type Relay,
  type RelaySpec,
  settleRelays,
} from "./relay_spec.ts";
import {
  type CaptureOptions,
  captureOptions,
  type Environment,
  readEnvironment,
  settle,
  settled,
} from "./settings.ts";
import { didYouMean } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";
import type { GivenOptions } from "./values.ts";

/** What the program was asked to do. */
export type Command =
  | { readonly kind: "relay"; readonly relays: readonly Relay[]; readonly options: CaptureOptions }
  | {
    readonly kind: "demo";
    /** Exit after the exchanges. */
    readonly once: boolean;
    /** Port of the relay on 127.0.0.1; 0: any free one. */
    readonly port: number;
    readonly options: CaptureOptions;
  }
  /** Print `script` to stdout. */
  | { readonly kind: "completion"; readonly shell: Shell; readonly script: string }
  /** Print `text` to stdout. */
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" };

/** Says what is wrong with a text, or `undefined`. */
export type Check = (text: string) => string | undefined;

/** What a command is read from. */
export interface CommandInput {
  /** Arguments, without the program's name. */
  readonly args: readonly string[];
  /** Environment variables. */
  readonly env: Environment;
  /** Reads a file as UTF-8; throws where it cannot. */
  readonly readTextFile: (path: string) => string;
  /**
   * What is wrong with a filter expression, or `undefined`: one line, after which the expression and a caret under the
   * place may follow.
   */
  readonly checkFilter?: Check;
  /** What is wrong with the names of `--redact`, in one line, or `undefined`. */
  readonly checkRedact?: Check;
}

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
  const name = named?.name ?? "relay";
  const unnamed = named === undefined ? readUnnamed(positionals) : [];
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
    case "relay": {
      return await readRelay(input, options, named === undefined ? unnamed : readRelayList(others));
    }
  }
}

/** Addresses without a command before them: TCPMon's three arguments, or a mistake to explain. */
function readUnnamed(positionals: readonly string[]): readonly RelaySpec[] {
  const [first, second, third] = positionals;
  if (first === undefined) return [];
  if (ABSENT_COMMANDS.includes(first)) throw absent(first);
  if (first.includes("=")) {
    throw new UsageError(
      `unknown command ${quoted(first)}; relays follow "relay": tcpmon relay LISTEN=TARGET`,
    );
  }
  // Every LISTEN begins with a digit or a bracket, or has a colon; no command does.
  if (!/^[0-9[]|:/.test(first)) commandName(first);
  if (positionals.length === 1) {
    readListen(first);
    throw new UsageError(
      `tcpmon LISTEN alone is the HTTP proxy, which is not in this version; wanted ${
        escaped(first)
      } HOST PORT for a relay`,
    );
  }
  if (positionals.length === 2) {
    throw new UsageError(
      `found no PORT after ${quoted(second)}, wanted LISTEN HOST PORT, such as 8081 localhost 8080`,
    );
  }
  if (positionals.length > 3) throw extra(positionals[3], "LISTEN HOST PORT");
  return [parseThree(first, second, third)];
}

function readRelayList(positionals: readonly string[]): readonly RelaySpec[] {
  if (positionals.length === 3 && !positionals.some((text) => text.includes("="))) {
    throw new UsageError(
      `cannot read relay ${quoted(positionals[0])}: found no "=", wanted LISTEN=TARGET...\n` +
        `LISTEN HOST PORT stands without "relay": tcpmon 8081 localhost 8080`,
    );
  }
  return positionals.map(parseRelay);
}

async function readRelay(
  input: CommandInput,
  args: GivenOptions,
  positional: readonly RelaySpec[],
): Promise<Command> {
  const sources = await readSources(input, args, "relay");
  const { env, file } = sources;
  const specs = positional.length > 0 ? positional : file.relays;
  if (specs.length === 0) {
    throw new UsageError(
      `found no relay, wanted LISTEN HOST PORT, or relay LISTEN=TARGET..., or --config with relays; ${SEE_HELP}`,
    );
  }
  const override = settle([args, env]).host;
  const relays = settleRelays(specs, override, settle([file.options]).host);
  return { kind: "relay", relays, options: captureOptions(sources.values) };
}

async function readDemo(input: CommandInput, args: GivenOptions): Promise<Command> {
  const { values } = await readSources(input, args, "demo");
  return { kind: "demo", once: values.once, port: values.port, options: captureOptions(values) };
}

/** Environment and config file of a capturing command, and what holds after them. */
async function readSources(input: CommandInput, args: GivenOptions, command: CommandName) {
  const env = readEnvironment(input.env, command);
  const path = settled("config", [args, env]);
  const file = typeof path?.value === "string"
    ? await readConfig(input, path.value, path.origin)
    : { options: new Map(), relays: [] } satisfies ConfigFile;
  const sources = [args, env, file.options];
  const values = settle(sources);
  for (const [name, check] of [["filter", input.checkFilter], ["redact", input.checkRedact]] as const) {
    const text = values[name];
    const complaint = text === undefined ? undefined : check?.(text);
    if (complaint === undefined) continue;
    throw new UsageError(`cannot read ${settled(name, sources)?.origin}: ${complaint}`);
  }
  return { env, file, values };
}

async function readConfig(input: CommandInput, path: string, origin: string): Promise<ConfigFile> {
  let text: string;
  try {
    text = input.readTextFile(path);
  } catch (error) {
    throw new UsageError(
      `cannot read the file of ${origin}: found ${quoted(path)}, ${reason(error)}, wanted a JSON file`,
    );
  }
  // Only here is a JSON parser needed: loading it costs more than all the rest of the command line.
  const { readConfigFile } = await import("./config_file.ts");
  return readConfigFile(path, text);
}

function reason(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: "", message: "" };
  if (name === "NotFound") return "no such file";
  if (name === "PermissionDenied") return "permission denied";
  if (name === "IsADirectory") return "it is a directory";
  return quoted(message);
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

/** The command of that name; throws where there is none, or none yet. */
function commandName(text: string): CommandName {
  const found = findCommand(text);
  if (found !== undefined) return found.name;
  if (ABSENT_COMMANDS.includes(text)) throw absent(text);
  throw new UsageError(
    `unknown command ${quoted(text)}${didYouMean(text, COMMAND_NAMES) || `; ${SEE_HELP}`}`,
  );
}

function checkApplies(options: GivenOptions, command: CommandName): void {
  for (const [name, { origin }] of options) {
    const commands: readonly CommandName[] = findOption(name)?.commands ?? [];
    if (!commands.includes(command)) {
      throw new UsageError(`${origin} is no option of ${command}, only of ${commands.join(" and ")}`);
    }
  }
}

function absent(command: string): UsageError {
  return new UsageError(`${command} is not in this version; ${SEE_HELP} for what is`);
}

function extra(argument: string, wanted: string): UsageError {
  return new UsageError(`found one argument too many, ${quoted(argument)}, wanted tcpmon ${wanted}`);
}
