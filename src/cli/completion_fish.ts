/** Completion for fish (`complete`, `__fish_seen_subcommand_from`). */
import { COMMAND_NAMES, COMMANDS } from "./commands.ts";
import type { Option } from "./option.ts";
import { briefly, OPTIONS, shownOptionsOf, spelling, wordsOf } from "./options.ts";

/** The script, to be sourced or saved as `~/.config/fish/completions/tcpmon.fish`. */
export function fishScript(): string {
  const names = COMMAND_NAMES.join(" ");
  const commands = COMMANDS.map(({ name, summary }) =>
    `complete -c tcpmon -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quote(summary)}`
  );
  const words = COMMANDS.filter((command) => command.words.length > 0).map((command) =>
    `complete -c tcpmon -n '__fish_seen_subcommand_from ${command.name}' -a ${quote(command.words.join(" "))}`
  );
  return [
    "# fish completion for tcpmon",
    "complete -c tcpmon -f",
    ...commands,
    ...words,
    ...OPTIONS.map(optionLine),
    "",
  ].join("\n");
}

function optionLine(option: Option): string {
  const short = option.short === undefined ? "" : ` -s ${option.short}`;
  return `complete -c tcpmon -n '${condition(option)}' -l ${spelling(option)}${short}${argument(option)} -d ${
    quote(briefly(option))
  }`;
}

/** When to offer an option: not after the name of a command that does not take it; `relay` may go without a name. */
function condition(option: Option): string {
  if (!option.commands.includes("relay")) return `__fish_seen_subcommand_from ${option.commands.join(" ")}`;
  const others = COMMANDS.filter(({ name }) => !shownOptionsOf(name).includes(option)).map(({ name }) =>
    name
  );
  return others.length === 0 ? "true" : `not __fish_seen_subcommand_from ${others.join(" ")}`;
}

function argument(option: Option): string {
  switch (option.kind) {
    case "flag":
    case "optional-text":
      return "";
    case "file":
      return " -r -F";
    case "folder":
      return " -x -a '(__fish_complete_directories)'";
    default:
      return wordsOf(option).length === 0 ? " -x" : ` -x -a ${quote(wordsOf(option).join(" "))}`;
  }
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
