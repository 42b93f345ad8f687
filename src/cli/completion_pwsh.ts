/** Completion for PowerShell, 5.1 and later (`Register-ArgumentCompleter -Native`). */
import { COMMAND_NAMES, COMMANDS } from "./commands.ts";
import type { Option } from "./option.ts";
import { briefly, OPTIONS, optionsOf } from "./options.ts";

/** The script, to be run in `$PROFILE`. */
export function pwshScript(): string {
  const choices = OPTIONS.flatMap((option) =>
    option.kind === "choice" ? spellings(option).map((key) => `    ${key} = ${list(option.choices)}`) : []
  );
  const files = OPTIONS.filter((option) => option.kind === "file").flatMap(spellings).join(", ");
  const others = OPTIONS.filter((option) => ["size", "duration", "integer", "text"].includes(option.kind));
  const commands = COMMANDS.map(({ name, words }) =>
    `    '${name}' = ${list([...words, ...optionsOf(name).map((option) => `--${option.name}`)])}`
  );
  const texts = [
    ...COMMANDS.map(({ name, summary }) => `    ${quote(name)} = ${quote(summary)}`),
    ...OPTIONS.map((option) => `    ${quote(`--${option.name}`)} = ${quote(briefly(option))}`),
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
    else { ${list(COMMAND_NAMES)} + $commands['relay'] }
  $words | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    $text = if ($texts.ContainsKey($_)) { $texts[$_] } else { $_ }
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $text)
  }
}
`;
}

/** The ways to write an option, as PowerShell strings. */
function spellings(option: Option): readonly string[] {
  const long = quote(`--${option.name}`);
  return option.short === undefined ? [long] : [quote(`-${option.short}`), long];
}

function list(words: readonly string[]): string {
  return `@(${words.map(quote).join(", ")})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
