/** What a command answers on stdout, at its end. */
import { print } from "../cli/print.ts";
import { escapeSteering } from "../export/body_text.ts";
import { reasonOf } from "../log/destination.ts";
import { Failure } from "./failure.ts";

/**
 * Writes a text, or bytes as they are, to stdout. A reader that has seen enough is no failure.
 *
 * @throws {Failure} where stdout takes no more, such as on a full disk.
 */
export async function writeOut(text: string | Uint8Array): Promise<void> {
  try {
    await print(text, (bytes) => Deno.stdout.write(bytes));
  } catch (error) {
    throw new Failure(`cannot write to stdout: ${reasonOf(error)}`);
  }
}

/** A value as a line of JSON. What could drive a terminal is escaped in it, beyond what JSON asks for. */
export function jsonLine(value: unknown): string {
  return `${escapeSteering(JSON.stringify(value))}\n`;
}
