/** Whom proxies let in, from the option that says so. */
import { UsageError } from "../cli/usage_error.ts";
import { reasonOf } from "../log/destination.ts";
import { Credentials } from "../net/proxy/credentials.ts";

/**
 * Reads `USER:PASSWORD`, or `@FILE` with that on its first line.
 *
 * @throws {UsageError} where there is no colon, or the file cannot be read.
 */
export function readCredentials(text: string | undefined): Credentials | undefined {
  if (text === undefined) return undefined;
  const pair = text.startsWith("@") ? firstLine(text.slice(1)) : text;
  if (pair.indexOf(":") < 1) {
    const found = text.startsWith("@") ? `no user and password in ${text.slice(1)}` : "no user and password";
    throw new UsageError(`cannot read --proxy-auth: found ${found}, wanted USER:PASSWORD or @FILE with that`);
  }
  return new Credentials(pair);
}

function firstLine(file: string): string {
  try {
    return Deno.readTextFileSync(file).split(/\r?\n/, 1)[0];
  } catch (error) {
    throw new UsageError(`cannot read --proxy-auth @${file}: ${reasonOf(error)}`);
  }
}
