/**
 * The one table of options. Reading of arguments, environment and config file, help, completion and suggestions all
 * come from it, so that they cannot disagree.
 */
import { CAPTURING, type CommandName, EVERY_COMMAND, TOOLS } from "./commands.ts";
import type { Option, OptionName } from "./option.ts";
import { CAPTURE_OPTIONS } from "./options_capture.ts";
import { HISTORY_OPTIONS } from "./options_history.ts";
import { LINK_OPTIONS } from "./options_link.ts";
import { PROXY_OPTIONS } from "./options_proxy.ts";
import { RECORDER_OPTIONS } from "./options_recorder.ts";
import { TLS_OPTIONS } from "./options_tls.ts";
import { TOOL_OPTIONS } from "./options_tools.ts";

/** Every option, in the order of help. */
export const OPTIONS: readonly Option[] = [
  ...CAPTURE_OPTIONS,
  ...PROXY_OPTIONS,
  ...TLS_OPTIONS,
  ...LINK_OPTIONS,
  ...HISTORY_OPTIONS,
  ...RECORDER_OPTIONS,
  ...TOOL_OPTIONS,
  { name: "once", kind: "flag", help: "exit after the exchanges", group: "Demo", commands: ["demo"] },
  {
    name: "port",
    kind: "integer",
    default: "0",
    least: 0,
    most: 65535,
    value: "N",
    help: "port of the relay; 0: any free one, which the status line names",
    group: "Demo",
    commands: ["demo"],
  },
  {
    name: "quiet",
    short: "q",
    kind: "flag",
    help: "no status lines on stderr, only errors",
    group: "General",
    commands: [...CAPTURING, ...TOOLS, "view"],
  },
  {
    name: "config",
    kind: "file",
    value: "FILE",
    help: "read options and addresses from a JSON file, comments allowed",
    group: "General",
    commands: [...CAPTURING, "ca"],
    common: true,
    only: "arguments-and-environment",
  },
  {
    name: "help",
    short: "h",
    kind: "flag",
    help: "show help, of a command where one is given",
    group: "General",
    commands: EVERY_COMMAND,
    common: true,
    only: "arguments",
  },
  {
    name: "version",
    short: "V",
    kind: "flag",
    help: "show the version",
    group: "General",
    commands: EVERY_COMMAND,
    common: true,
    only: "arguments",
  },
];

/** Of those that are written alike the first: for where nothing tells whose they are. */
export const UNIQUE_OPTIONS: readonly Option[] = OPTIONS.filter((option) =>
  OPTIONS.find((other) => spelling(other) === spelling(option)) === option
);

/** The options that a command takes, in the order of help. */
export function optionsOf(command: CommandName): readonly Option[] {
  return OPTIONS.filter((option) => option.commands.includes(command));
}

/** Those of them that help and completion show: for relays alone none of proxies, and the other way round. */
export function shownOptionsOf(command: CommandName): readonly Option[] {
  const other = command === "relay" ? "proxy" : command === "proxy" ? "relay" : undefined;
  return optionsOf(command).filter(({ needs }) => needs === undefined || needs !== other);
}

/** Words that completion offers as the value of an option; none where any text will do. */
export function wordsOf(option: Option): readonly string[] {
  return option.kind === "choice" ? option.choices : option.words ?? [];
}

/** How an option is written on the command line, without its dashes. */
export function spelling(option: Option): string {
  return option.spelled ?? option.name;
}

/**
 * The option that is written so, if there is one.
 *
 * @param command The command that it is given to: of several options that are written alike, its own.
 */
export function findSpelled(text: string, command?: CommandName): Option | undefined {
  return ownOf(OPTIONS.filter((option) => spelling(option) === text), command);
}

/** The option of that letter, as {@link findSpelled}. */
export function findShort(letter: string, command?: CommandName): Option | undefined {
  return ownOf(OPTIONS.filter((option) => option.short === letter), command);
}

function ownOf(options: readonly Option[], command?: CommandName): Option | undefined {
  return options.find(({ commands }) => command !== undefined && commands.includes(command)) ?? options[0];
}

/** The option of that name, if there is one. */
export function findOption(name: string): Option | undefined {
  return OPTIONS.find((option) => option.name === name);
}

/** The environment variable of an option, for example `TCPMON_MAX_BODY`. */
export function variableOf(name: OptionName): string {
  return `TCPMON_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** The first clause of an option's help, for where there is little room. */
export function briefly(option: Option): string {
  return option.help.replace(/[;:,].*$/s, "");
}

/** An option as it is written on the command line, with the name of its value: `--max-body SIZE`, `--redact[=NAMES]`. */
export function written(option: Option): string {
  const name = `--${spelling(option)}`;
  if (option.kind === "flag") return name;
  return option.kind === "optional-text" ? `${name}[=${option.value}]` : `${name} ${option.value}`;
}
