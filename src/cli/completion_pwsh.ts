/** Completion for PowerShell, 5.1 and later (`Register-ArgumentCompleter -Native`). */
import { COMMAND_NAMES, COMMANDS } from "./commands.ts";
import type { Option } from "./option.ts";
import { briefly, optionsOf, shownOptionsOf, spelling, UNIQUE_OPTIONS, wordsOf } from "./options.ts";

/** The script, to be run in `$PROFILE`. */
export function pwshScript(): string {
  const hasWords = (option: Option) => wordsOf(option).length > 0;
  const choices = UNIQUE_OPTIONS.filter(hasWords).flatMap((option) =>
    spellings(option).map((key) => `    ${key} = ${list(wordsOf(option))}`)
  );
  const files = UNIQUE_OPTIONS.filter(({ kind }) => kind === "file" || kind === "folder").flatMap(spellings)
    .join(", ");
  const others = UNIQUE_OPTIONS.filter((option) =>
    ["size", "duration", "integer", "text", "list"].includes(option.kind) && !hasWords(option)
  );
  const commands = COMMANDS.map(({ name, words }) =>
    `    '${name}' = ${list([...words, ...shownOptionsOf(name).map(long)])}`
  );
  const texts = [
    ...COMMANDS.map(({ name, summary }) => `    ${quote(name)} = ${quote(summary)}`),
    ...UNIQUE_OPTIONS.map((option) => `    ${quote(long(option))} = ${quote(briefly(option))}`),
  ];
  return `# PowerShell completion for tcpmon
Register-ArgumentCompleter -Native -CommandName tcpmon -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $choices = @{
${choices.join("\n")}
  }
  $commands = @{
${commands.join("\n")}
  }
  $texts = @{
${texts.join("\n")}
  }
  $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    Select-Object -Skip 1 | ForEach-Object { $_.Extent.Text })
  $previous = if ($before.Count -gt 0) { $before[-1] } else { '' }
  if ($previous -cin ${files}) { return }
  if ($previous -cin ${others.flatMap(spellings).join(", ")}) { return '' }
  $command = $before | Where-Object { $commands.ContainsKey($_) } | Select-Object -First 1
  $words = if ($choices.ContainsKey($previous)) { $choices[$previous] }
    elseif ($command) { $commands[$command] }
    else { ${list([...COMMAND_NAMES, ...optionsOf("relay").map(long)])} }
  $words | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    $text = if ($texts.ContainsKey($_)) { $texts[$_] } else { $_ }
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $text)
  }
}
`;
}

/** The ways to write an option, as PowerShell strings. */
function spellings(option: Option): readonly string[] {
  const name = quote(long(option));
  return option.short === undefined ? [name] : [quote(`-${option.short}`), name];
}

function long(option: Option): string {
  return `--${spelling(option)}`;
}

function list(words: readonly string[]): string {
  return `@(${words.map(quote).join(", ")})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
