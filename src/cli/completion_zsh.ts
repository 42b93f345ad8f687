/** Completion for zsh (zshcompsys, `_arguments` and `_describe`). */
import { COMMAND_NAMES, type CommandInfo, COMMANDS } from "./commands.ts";
import type { Option } from "./option.ts";
import { briefly, optionsOf, shownOptionsOf, spelling, wordsOf } from "./options.ts";

/** The script, to be sourced after `compinit` or saved as `_tcpmon` in `$fpath`. */
export function zshScript(): string {
  const described = COMMANDS.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  return `#compdef tcpmon
# zsh completion for tcpmon
_tcpmon_commands() {
  local -a commands=(
${described.join("\n")}
  )
  _describe command commands
}
_tcpmon() {
  local command=\${words[(r)(${COMMAND_NAMES.join("|")})]}
  case $command in
${COMMANDS.map((command) => commandCase(command, command.name)).join("\n")}
${commandCase(COMMANDS[0], "*")}
  esac
}
if [ "$funcstack[1]" = "_tcpmon" ]; then
  _tcpmon "$@"
else
  compdef _tcpmon tcpmon
fi
`;
}

/** What to offer for a command, or, with the pattern `*`, where none is named yet, or only LISTEN. */
function commandCase(command: CommandInfo, pattern: string): string {
  const isNamed = pattern !== "*";
  const first = isNamed ? "'1: :'" : "'1:command:_tcpmon_commands'";
  const options = isNamed ? shownOptionsOf(command.name) : optionsOf(command.name);
  const second = command.words.length === 0 || !isNamed
    ? "'*: :'"
    : quote(`2:${command.name}:(${command.words.join(" ")})`);
  const lines = [...options.map(specification), first, second];
  return `    ${pattern}) _arguments -s \\\n${lines.map((line) => `      ${line}`).join(" \\\n")} ;;`;
}

/** An option as `_arguments` takes it: the forms that exclude each other, the text, and what its value is. */
function specification(option: Option): string {
  const long = `--${spelling(option)}`;
  const text = quote(`[${briefly(option).replace(/[[\]\\:]/g, "\\$&")}]${action(option)}`);
  const equals = option.kind === "flag" ? "" : option.kind === "optional-text" ? "=-" : "=";
  if (option.short === undefined) return `${long}${equals}${text}`;
  const plus = option.kind === "flag" ? "" : "+";
  return `'(-${option.short} ${long})'{-${option.short}${plus},${long}${equals}}${text}`;
}

function action(option: Option): string {
  const value = option.value?.replaceAll(":", "\\:");
  switch (option.kind) {
    case "flag":
      return "";
    case "optional-text":
      return `::${value}: `;
    case "file":
      return `:${value}:_files`;
    case "folder":
      return `:${value}:_files -/`;
    default:
      return `:${value}:${wordsOf(option).length === 0 ? " " : `(${wordsOf(option).join(" ")})`}`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
