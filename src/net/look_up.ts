/** Whether a target's host name has an address at all, asked once at the start so that a slip shows at once. */

/** Why a name has no address. */
export interface LookUpProblem {
  /** Why, in words. */
  readonly reason: string;
  /** Whether asking again would not help: the name does not exist. */
  readonly final: boolean;
}

/**
 * Looks a host name up as connections will (hosts file, then DNS), without sending the target anything.
 *
 * @returns What is wrong, or `undefined` where it has an address.
 */
export function lookUp(host: string): LookUpProblem | undefined {
  if (host === "localhost" || /^[\d.]+$/.test(host) || host.includes(":")) return undefined;
  try {
    // Binding a port looks the name up with the system's resolver first; for a foreign address it then fails.
    Deno.listen({ hostname: host, port: 0 }).close();
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!text.includes("lookup address")) return undefined;
    if (/temporary/i.test(text)) return { reason: "its host name cannot be looked up now", final: false };
    return { reason: "host name does not resolve", final: true };
  }
}
