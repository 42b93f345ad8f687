/**
 * Which names hide a secret: the default list, the list given to `--redact=NAMES`, and how a name is compared.
 *
 * Case, `-` and `_` do not count, so that one entry covers `X-Api-Key`, `x_api_key` and `xApiKey`.
 */

/**
 * Names whose values are secrets unless `--redact=NAMES` says otherwise.
 *
 * Each entry is the name of a credential, or of a number that pays or identifies by itself. Left out on purpose, since
 * they are ordinary words in most traffic and hiding them would blind the reader: `code` (error and country codes,
 * HTML's `<code>`; OAuth's is good for one use within minutes), `key` (of a key and a value, S3's `<Key>`), `session`,
 * `signature` (XML signatures), `user` and `username`. `--redact=+code,+key` adds them.
 */
export const DEFAULT_REDACT_NAMES: readonly string[] = [
  // Header fields.
  ..."authorization proxy-authorization x-authorization cookie set-cookie cookie2 set-cookie2".split(" "),
  ..."x-api-key api-key x-auth-key x-auth-token x-access-token x-goog-api-key x-functions-key".split(" "),
  ..."ocp-apim-subscription-key x-amz-security-token x-amz-signature x-goog-signature sig".split(" "),
  ..."x-csrf-token csrf-token csrf x-xsrf-token xsrf-token csrfmiddlewaretoken authenticity-token".split(" "),
  ..."private-token job-token x-gitlab-token x-vault-token x-shopify-access-token".split(" "),
  // Tokens and keys of OAuth, OpenID Connect, JWT, cloud providers.
  ..."token access-token refresh-token id-token auth-token bearer-token session-token security-token".split(
    " ",
  ),
  ..."oauth-token oauth-token-secret jwt assertion client-assertion saml-response code-verifier".split(" "),
  ..."secret client-secret consumer-secret shared-secret app-secret api-secret secret-key".split(" "),
  ..."secret-access-key aws-secret-access-key access-key private-key signing-key encryption-key".split(" "),
  // Passwords and session identifiers.
  ..."password passwd pwd pass passphrase passcode old-password new-password current-password".split(" "),
  ..."confirm-password password-confirmation user-password db-password pin otp totp".split(" "),
  ..."session-id jsessionid phpsessid".split(" "),
  // WS-Security and WS-Trust.
  ..."binary-security-token binary-secret requested-security-token".split(" "),
  // Payment cards and people.
  ..."card-number credit-card-number cc-number card-no cvv cvv2 cvc cvc2 security-code".split(" "),
  ..."ssn social-security-number".split(" "),
];

/** Longest name in `--redact=NAMES`, in characters: no protocol has longer ones, and it bounds what is compared. */
export const NAME_LIMIT = 100;

/** A set of names, as {@link parseRedactNames} makes it. */
export interface RedactNames {
  /** The names as {@link foldName} gives them. */
  readonly folded: ReadonlySet<string>;
}

/** A name as it is compared: in lower case, without `-` and `_`. */
function foldName(name: string): string {
  const lower = name.toLowerCase();
  return lower.includes("-") || lower.includes("_") ? lower.replaceAll("-", "").replaceAll("_", "") : lower;
}

/**
 * Whether a name, as it stands in the traffic, is listed. Names that say where a value belongs count by their parts:
 * each of `user[password]`, and what follows the last dot of `spring.datasource.password`.
 */
export function isListed(names: RedactNames, name: string): boolean {
  const folded = foldName(name);
  if (names.folded.has(folded)) return true;
  if (!folded.includes(".") && !folded.includes("[")) return false;
  for (const part of folded.split(/[[\]]/)) {
    if (names.folded.has(part) || names.folded.has(part.slice(part.lastIndexOf(".") + 1))) return true;
  }
  return false;
}

/** What no header name, JSON key, XML name or parameter name that can be listed has in it. */
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const NOT_IN_A_NAME = /[\s\x00-\x1f\x7f+*?!=:;&|<>"'`/\\()[\]{}@#%^]/;

/**
 * Reads the value of `--redact`.
 *
 * @param list Names separated by commas: `name,name` replaces the default list, `+name,+name` adds to it; `undefined`
 *   or nothing at all is the default list.
 * @throws Error with one line that says which part cannot be read and what was wanted.
 */
export function parseRedactNames(list: string | undefined): RedactNames {
  const text = list?.trim() ?? "";
  if (text === "") return { folded: new Set(DEFAULT_REDACT_NAMES.map(foldName)) };
  const parts = text.split(",").map((part) => part.trim());
  const adds = parts[0].startsWith("+");
  const folded = new Set(adds ? DEFAULT_REDACT_NAMES.map(foldName) : []);
  for (const part of parts) {
    if (part.startsWith("+") !== adds && part !== "") {
      throw new Error(
        `--redact: "${list}" mixes +NAME (adds to the default list) and NAME (replaces it): use one of them`,
      );
    }
    folded.add(foldName(checkedName(adds ? part.slice(1).trim() : part, text)));
  }
  return { folded };
}

/** The name itself, where it is one. */
function checkedName(name: string, list: string): string {
  if (foldName(name) === "") {
    throw new Error(`--redact: a name is missing in "${list}": wanted NAME,NAME or +NAME,+NAME`);
  }
  if (name.startsWith("-") || NOT_IN_A_NAME.test(name)) {
    throw new Error(
      `--redact: "${name}" is not a name: wanted a header, JSON, XML, parameter or cookie name such as x-api-key`,
    );
  }
  if (name.length > NAME_LIMIT) {
    throw new Error(
      `--redact: "${name.slice(0, 20)}…" is too long: a name has at most ${NAME_LIMIT} characters`,
    );
  }
  return name;
}
