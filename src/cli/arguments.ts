/**
 * The argument list, taken apart over the table of options: GNU's long options (`--name VALUE`, `--name=VALUE`,
 * `--no-name` for flags), POSIX's short ones (`-o FILE`, `-oFILE`, `-qo FILE`), `--`, and what is left.
 *
 * Options may stand anywhere. Of an option given twice the last counts, unless the table calls it repeatable.
 */
import { quoted } from "../net/address.ts";
import { type CommandName, findCommand } from "./commands.ts";
import type { Option, OptionName } from "./option.ts";
import { findShort, findSpelled, OPTIONS, spelling, written } from "./options.ts";
import { didYouMean } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";
import { type Given, type GivenOptions, readValue } from "./values.ts";

/** An argument list taken apart. */
export interface Arguments {
  /** The options, under their names. */
  readonly options: GivenOptions;
  /** What is no option, in order. */
  readonly positionals: readonly string[];
}

/**
 * Takes an argument list apart and reads the values.
 *
 * @throws {UsageError} for an unknown option, a missing or needless value, and a value that cannot be read.
 */
export function readArguments(args: readonly string[]): Arguments {
  const options = new Map<OptionName, Given>();
  const positionals: string[] = [];
  // Some options of different commands are written alike: whose they are must be known before they are read.
  const command = args.map(findCommand).find((found) => found !== undefined)?.name;
  const rest = args.values();
  for (const argument of rest) {
    if (argument === "--") positionals.push(...rest);
    else if (argument.startsWith("--")) readLong(argument, rest, options, command);
    else if (argument.startsWith("-") && argument !== "-") readShort(argument, rest, options, command);
    else positionals.push(argument);
  }
  return { options, positionals };
}

function readLong(
  argument: string,
  rest: Iterator<string>,
  options: Map<OptionName, Given>,
  command: CommandName | undefined,
): void {
  const equals = argument.indexOf("=");
  const name = argument.slice(2, equals < 0 ? undefined : equals);
  const text = equals < 0 ? undefined : argument.slice(equals + 1);
  // Before any negation: --no-intercept and --no-proxy are options of their own, with a value.
  const option = findSpelled(name, command);
  if (option !== undefined) {
    put(options, option, valueOf(option, `--${name}`, text, rest), `--${name}`);
    return;
  }
  const negated = name.startsWith("no-") ? findSpelled(name.slice(3), command) : undefined;
  if (negated === undefined || negated.only === "arguments" || !isSwitch(negated)) {
    throw unknown(`--${name}`, name);
  }
  if (text !== undefined) throw needless(`--${name}`, text);
  options.set(negated.name, { value: negated.kind === "flag" ? false : undefined, origin: `--${name}` });
}

/** A cluster of short flags, of which the last may take a value. */
function readShort(
  argument: string,
  rest: Iterator<string>,
  options: Map<OptionName, Given>,
  command: CommandName | undefined,
): void {
  const letters = [...argument.slice(1)];
  for (const [index, letter] of letters.entries()) {
    const option = findShort(letter, command);
    const origin = `-${letter}`;
    if (option === undefined) throw unknown(argument, argument.slice(1));
    const attached = option.kind === "flag" ? "" : letters.slice(index + 1).join("");
    const text = attached === "" ? undefined : attached.replace(/^=/, "");
    put(options, option, valueOf(option, origin, text, rest), origin);
    if (attached !== "") return;
  }
}

function put(
  options: Map<OptionName, Given>,
  option: Option,
  value: Given["value"],
  origin: string,
): void {
  const known = options.get(option.name)?.value;
  if (Array.isArray(known) && Array.isArray(value)) {
    options.set(option.name, { value: [...known, ...value], origin });
    return;
  }
  const before = option.repeatable ? known : undefined;
  const joined = before && value ? `${before},${value}` : before && value === "" ? before : value;
  options.set(option.name, { value: joined, origin });
}

function valueOf(
  option: Option,
  origin: string,
  text: string | undefined,
  rest: Iterator<string>,
): Given["value"] {
  if (option.kind === "flag") {
    if (text !== undefined) throw needless(origin, text);
    return true;
  }
  if (option.kind === "optional-text") {
    // "" stands for the option alone, which "$UNSET" was hardly meant to be.
    if (text !== "") return text ?? "";
    throw new UsageError(
      `cannot read ${origin}: found nothing after =, wanted ${option.value}, or ${origin} alone`,
    );
  }
  if (text !== undefined) return readValue(option, text, origin);
  const next = rest.next();
  if (next.done || isOption(next.value)) {
    const found = next.done ? "nothing after it" : `the option ${quoted(next.value)} after it`;
    const choices = option.kind === "choice" ? `, one of ${option.choices.join(", ")}` : "";
    throw new UsageError(`cannot read ${origin}: found ${found}, wanted ${written(option)}${choices}`);
  }
  return readValue(option, next.value, origin);
}

function isSwitch(option: Option): boolean {
  return option.kind === "flag" || option.kind === "optional-text";
}

/** Whether it is a long option of the table, and so hardly the value of the option before it. */
function isOption(argument: string): boolean {
  return argument.startsWith("--") && findSpelled(argument.slice(2).split("=", 1)[0]) !== undefined;
}

function unknown(shown: string, name: string): UsageError {
  const names = OPTIONS.map(spelling);
  const hint = didYouMean(name, names, "--") || didYouMean(name.replace(/^no-/, ""), names, "--");
  return new UsageError(
    `unknown option ${quoted(shown)}${hint || "; tcpmon help COMMAND lists all"}`,
  );
}

function needless(origin: string, text: string): UsageError {
  return new UsageError(`cannot read ${origin}: found the value ${quoted(text)}, wanted ${origin} alone`);
}
