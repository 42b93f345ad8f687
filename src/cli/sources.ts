/**
 * Where the options of a run come from: arguments, environment and config file, read, checked and settled.
 */
import { resolveTls } from "./conflicts.ts";
import type { ConfigFile } from "./config_file.ts";
import { readInputFile, type ReadTextFile } from "./input_file.ts";
import { misspelt } from "./misspelt.ts";
import type { Check, OptionName, OptionValues } from "./option.ts";
import { OPTIONS, optionsOf } from "./options.ts";
import type { CommandName } from "./commands.ts";
import { type Environment, readEnvironment, settle, settled } from "./settings.ts";
import { UsageError } from "./usage_error.ts";
import type { GivenOptions } from "./values.ts";

/** What is wrong with the texts of options whose meaning the command line does not know, by their names. */
export type Checks = Readonly<Partial<Record<OptionName, Check>>>;

/** What options are read from, beside the arguments. */
export interface SourceInput {
  /** Environment variables. */
  readonly env: Environment;
  /** Reads a file as UTF-8; throws where it cannot. */
  readonly readTextFile: ReadTextFile;
  /**
   * Called for the text that holds in the end, wherever it came from, but not for the bare form of an option
   * that may go without a text. A complaint is one line that goes on after `cannot read --NAME: `, after
   * which further ones may follow.
   */
  readonly checks?: Checks;
  /** Tells the user, on a line of its own, what is probably not as meant. Absent: it is not looked for. */
  readonly warn?: (text: string) => void;
}

/** Everything that a command was given. */
export interface Sources {
  /** What arguments, environment and config file gave, in that order. */
  readonly given: readonly [args: GivenOptions, env: GivenOptions, file: GivenOptions];
  /** What holds after them. */
  readonly values: OptionValues;
  /** The config file, if there is one, and what names it. */
  readonly file?: ConfigFile & { readonly origin: string };
}

/**
 * Reads and settles the options of a command. What environment and file hold for other commands is left
 * alone.
 *
 * @throws {UsageError} for whatever cannot be read (as rejection).
 */
export async function readSources(
  input: SourceInput,
  args: GivenOptions,
  command: CommandName,
): Promise<Sources> {
  const env = readEnvironment(input.env, command);
  const path = settled("config", [args, env]);
  const file = typeof path?.value === "string"
    ? { ...await readConfig(input, path.value, path.origin), origin: path.origin }
    : undefined;
  const names = new Set(optionsOf(command).map(({ name }) => name));
  const fromFile = new Map([...file?.options ?? []].filter(([name]) => names.has(name)));
  const [first, second, third] = resolveTls([args, env, fromFile]);
  const given = [first, second, third] as const;
  for (const option of OPTIONS) {
    const winner = settled(option.name, given);
    for (const check of [option.check, input.checks?.[option.name]]) {
      if (winner?.value === undefined || winner.value === "") continue;
      for (const text of Array.isArray(winner.value) ? winner.value : [String(winner.value)]) {
        const complaint = check?.(text);
        if (complaint !== undefined) throw new UsageError(`cannot read ${winner.origin}: ${complaint}`);
      }
    }
  }
  const values = settle(given);
  if (input.warn !== undefined && !values.quiet) {
    for (const [found, meant] of misspelt(input.env, command)) {
      input.warn(`${found} is no variable of tcpmon, and sets nothing; did you mean ${meant}?`);
    }
  }
  return { given, values, file };
}

async function readConfig(input: SourceInput, path: string, origin: string): Promise<ConfigFile> {
  const text = readInputFile(input.readTextFile, path, origin, "a JSON file");
  // Only here is a JSON parser needed: loading it costs more than all the rest of the command line.
  const { readConfigFile } = await import("./config_file.ts");
  return readConfigFile(path, text);
}
