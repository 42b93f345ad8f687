/**
 * Environment variables that look like that of an option, but are none. The environment cannot be listed, as the program
 * may only ask for single names: so it asks for the usual slips. Whatever else begins with `TCPMON_` may be for others:
 * Kubernetes gives every container a `TCPMON_SERVICE_HOST` where there is a service called `tcpmon`.
 */
import type { CommandName } from "./commands.ts";
import { OPTIONS, optionsOf, variableOf } from "./options.ts";
import type { Environment } from "./settings.ts";

const PREFIX = "TCPMON_";
/** A slip in a shorter word is too near to anything. */
const LEAST_LETTERS = 4;

/** Variables that are set, and those that were probably meant. */
export function* misspelt(
  env: Environment,
  command: CommandName,
): Generator<readonly [found: string, meant: string]> {
  const known = new Set(OPTIONS.map(({ name }) => variableOf(name)));
  for (const { name, only } of optionsOf(command)) {
    const meant = variableOf(name);
    if (only === "arguments") continue;
    for (const found of slips(meant)) {
      if (!known.has(found) && (env(found) ?? "") !== "") yield [found, meant];
    }
  }
}

/** One letter missing, or swapped with the next; underscores left out, or written as in the option; a plural. */
function slips(variable: string): ReadonlySet<string> {
  const word = variable.slice(PREFIX.length);
  if (word.length < LEAST_LETTERS) return new Set();
  const found = new Set([word.replaceAll("_", ""), word.replaceAll("_", "-"), `${word}S`]);
  for (let i = 0; i < word.length; i++) {
    const [before, letter, after] = [word.slice(0, i), word[i], word.slice(i + 1)];
    found.add(before + after);
    if (after !== "") found.add(before + after[0] + letter + after.slice(1));
  }
  found.delete(word);
  return new Set(Array.from(found, (slip) => PREFIX + slip));
}
