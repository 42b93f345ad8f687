/** Completion scripts from the tables of commands and options, one for each shell. */
import { bashScript } from "./completion_bash.ts";
import { fishScript } from "./completion_fish.ts";
import { pwshScript } from "./completion_pwsh.ts";
import { zshScript } from "./completion_zsh.ts";
import type { Shell } from "./commands.ts";

const SCRIPTS: Readonly<Record<Shell, () => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  pwsh: pwshScript,
};

/** The completion script of a shell, to be sourced by it. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]();
}
