/**
 * Which certification authorities are trusted: the system's and those that the runtime brings along.
 *
 * A compiled binary trusts Mozilla's list alone, which knows nothing of a company's own authority; the system's list
 * alone may be missing, as in a container. The runtime reads the choice once, when TLS is spoken for the first time.
 */

const VARIABLE = "DENO_TLS_CA_STORE";

/**
 * Trusts both lists, unless the user's environment has chosen. Call it before TLS is spoken for the first time; later
 * it has no effect. `SSL_CERT_FILE` and `SSL_CERT_DIR` say where the system's list is, as with OpenSSL.
 *
 * @param env The process's environment.
 */
export function trustSystemRoots(env: Pick<Deno.Env, "get" | "set"> = Deno.env): void {
  if (!env.get(VARIABLE)) env.set(VARIABLE, "system,mozilla");
}
