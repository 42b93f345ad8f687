/**
 * Completion for bash, 3.2 and later (GNU Bash manual §8.6). Bash splits words at `=` and `:` (COMP_WORDBREAKS), so
 * `--format=js` arrives as three words; the script takes both forms.
 */
import { COMMAND_NAMES, COMMANDS } from "./commands.ts";
import type { Option } from "./option.ts";
import { optionsOf, shownOptionsOf, spelling, UNIQUE_OPTIONS, wordsOf } from "./options.ts";

/** The script, to be sourced in `~/.bashrc`. */
export function bashScript(): string {
  const valued = UNIQUE_OPTIONS.filter((option) => option.kind !== "flag" && option.kind !== "optional-text");
  const hasWords = (option: Option) => wordsOf(option).length > 0;
  const choices = valued.filter(hasWords).map((option) =>
    `    ${pattern(option)}) words="${wordsOf(option).join(" ")}" ;;`
  );
  const files = patterns(valued.filter((option) => option.kind === "file"));
  const folders = patterns(valued.filter((option) => option.kind === "folder"));
  const others = patterns(
    valued.filter((option) => !hasWords(option) && option.kind !== "file" && option.kind !== "folder"),
  );
  const commands = COMMANDS.map(({ name, words }) => {
    const options = shownOptionsOf(name).map((option) => `--${spelling(option)}`).join(" ");
    return `    ${name}) words="${[...words, options].join(" ")}" ;;`;
  });
  const bare = optionsOf("relay").map((option) => `--${spelling(option)}`).join(" ");
  return `# bash completion for tcpmon
_tcpmon() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="" words="" attached="" word line index skip=0 kind=-f
  COMPREPLY=()
  if [ "$cur" = "=" ]; then
    cur="" attached=1
  elif [ "$prev" = "=" ]; then
    prev="\${COMP_WORDS[COMP_CWORD-2]}" attached=1
  fi
  case "$prev" in
${choices.join("\n")}
    ${files}|${folders})
      case "$prev" in
        ${folders}) kind=-d ;;
      esac
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen $kind -- "$cur")
      compopt -o filenames 2>/dev/null
      return ;;
    ${others}) return ;;
  esac
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  if [ -n "$attached" ]; then return; fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    if [ "$skip" = 1 ] && [ "$word" != "=" ]; then skip=0; continue; fi
    case "$word" in
      ${patterns(valued)}) skip=1 ;;
      ${COMMAND_NAMES.join("|")}) command="$word"; break ;;
    esac
  done
  case "$command" in
${commands.join("\n")}
    *) words="${COMMAND_NAMES.join(" ")} ${bare}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _tcpmon tcpmon
`;
}

function patterns(options: readonly Option[]): string {
  return options.map(pattern).join("|");
}

/** The ways to write an option, as a pattern of `case`. */
function pattern(option: Option): string {
  const long = `--${spelling(option)}`;
  return option.short === undefined ? long : `-${option.short}|${long}`;
}
