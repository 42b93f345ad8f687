/// <reference lib="dom" />
/** Asks the program anew what it says of itself. */
import { askState } from "./server.ts";
import { viewer } from "./store.ts";

let asked = 0;

/**
 * Asks; of several answers under way, the one counts that was asked for last.
 *
 * @throws {ServerError} where the program refuses, or does not answer.
 */
export async function refreshState(): Promise<void> {
  const mine = ++asked;
  const state = await askState();
  if (mine === asked) viewer.value = state;
}
