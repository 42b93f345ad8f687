/**
 * Secrets → tags: `[redacted:` and the first 10 hex digits of HMAC-SHA-256(key, secret) `]` (RFC 2104).
 *
 * With one key the same secret always gets the same tag, so a session can be followed without its secret; without the
 * key a tag tells nothing, not even to one who tries likely secrets.
 */
import { createHash } from "node:crypto";

/** Hex digits of a tag: 40 bits, so that thousands of secrets stay apart and a line stays readable. */
const TAG_DIGITS = 10;
/** Block size of SHA-256, in bytes. */
const BLOCK_BYTES = 64;
/** Most tags remembered, and the longest secret, in bytes, worth remembering: together at most 1 MiB. */
const REMEMBERED_LIMIT = 1024;
const REMEMBERED_SECRET_LIMIT_BYTES = 1024;

const TAG = /^\[redacted:[0-9a-f]{10}\]$/;
/** Length of a tag, in bytes. */
const TAG_BYTES = "[redacted:]".length + TAG_DIGITS;

/**
 * Words that may begin the value of an Authorization field (IANA's registry, and those in wide use). Only these are
 * kept: an unknown first word may be the secret itself.
 */
const SCHEMES = new Set(
  ("basic bearer digest dpop gnap hoba mutual negotiate ntlm kerberos oauth privatetoken scram-sha-1 scram-sha-256 " +
    "vapid aws aws4-hmac-sha256 aws4-ecdsa-p256-sha256 token apikey api-key key jwt hawk mac sharedkey " +
    "sharedkeylite sharedaccesssignature goog4-rsa-sha256 goog4-hmac-sha256 googlelogin wsse signature splunk snowflake")
    .split(" "),
);
/** Longest of {@link SCHEMES}, in bytes. */
const SCHEME_LIMIT_BYTES = 32;

const encoder = new TextEncoder();

/** Makes tags under one key. */
export class Tagger {
  /** The key XOR 0x36 and XOR 0x5c, padded to a block (RFC 2104 §2). */
  readonly #inner: Uint8Array;
  readonly #outer: Uint8Array;
  readonly #remembered = new Map<string, string>();

  /**
   * Makes tags under a key.
   *
   * @param key The secret that tags depend on; any length, 32 random bytes are right.
   */
  constructor(key: Uint8Array) {
    const block = new Uint8Array(BLOCK_BYTES);
    block.set(key.length > BLOCK_BYTES ? createHash("sha256").update(key).digest() : key);
    this.#inner = block.map((byte) => byte ^ 0x36);
    this.#outer = block.map((byte) => byte ^ 0x5c);
  }

  /** The tag of a secret. Nothing, and what is a tag already, have none: there is nothing to hide in them. */
  tag(secret: Uint8Array): string | undefined {
    if (secret.length === 0) return undefined;
    if (secret.length > REMEMBERED_SECRET_LIMIT_BYTES) return this.#make(secret);
    const text = latin1(secret);
    if (secret.length === TAG_BYTES && TAG.test(text)) return undefined;
    let tag = this.#remembered.get(text);
    if (tag === undefined) {
      tag = this.#make(secret);
      if (this.#remembered.size >= REMEMBERED_LIMIT) this.#remembered.clear();
      this.#remembered.set(text, tag);
    }
    return tag;
  }

  /**
   * What stands in the place of the value of `name`: its tag, or, for an Authorization of any spelling, its scheme and
   * the tag of the credentials. Basic credentials are tagged as the `user:password` they decode to, as in a URL.
   *
   * @param space How a space is written where the value stands.
   * @returns ASCII, or `undefined` where there is nothing to hide.
   */
  value(name: string, value: Uint8Array, space = " "): string | undefined {
    if (!/authorization$/i.test(name)) return this.tag(value);
    const gap = value.indexOf(0x20);
    const end = gap < 0 ? value.length : gap;
    if (end > SCHEME_LIMIT_BYTES) return this.tag(value);
    const scheme = latin1(value.subarray(0, end));
    if (!SCHEMES.has(scheme.toLowerCase())) return this.tag(value);
    let start = end;
    while (value[start] === 0x20) start++;
    const credentials = value.subarray(start);
    const tag = this.tag(scheme.toLowerCase() === "basic" ? unbase64(credentials) : credentials);
    return tag && `${scheme}${space}${tag}`;
  }

  /** The tag of text, as UTF-8. */
  text(secret: string): string | undefined {
    return this.tag(encoder.encode(secret));
  }

  #make(secret: Uint8Array): string {
    const inner = createHash("sha256").update(this.#inner).update(secret).digest();
    const digits = createHash("sha256").update(this.#outer).update(inner).digest("hex");
    return `[redacted:${digits.slice(0, TAG_DIGITS)}]`;
  }
}

/** Each byte as the character of the same number. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

/** What base64 stands for, or the bytes themselves where they are not base64. */
function unbase64(bytes: Uint8Array): Uint8Array {
  try {
    return Uint8Array.from(atob(latin1(bytes)), (char) => char.charCodeAt(0));
  } catch {
    return bytes;
  }
}
