/**
 * Who may use the proxy: one user and password (RFC 7617 for HTTP, RFC 1929 for SOCKS). Compared in constant time, over
 * digests, so that neither length nor content shows in the time that it takes.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";

const digest = (text: string) => createHash("sha256").update(text, "utf8").digest();

/** One user and password. */
export class Credentials {
  readonly #expected: Buffer;

  /**
   * Who may use it.
   *
   * @param pair `user:password`; the user has no colon.
   */
  constructor(pair: string) {
    this.#expected = digest(pair);
  }

  /** Whether these are the right ones. */
  check(user: string, password: string): boolean {
    return timingSafeEqual(digest(`${user}:${password}`), this.#expected);
  }

  /** Whether the value of a Proxy-Authorization field holds the right ones. */
  checkBasic(value: string | undefined): boolean {
    const found = /^basic +([A-Za-z0-9+/_=-]+)$/i.exec(value ?? "");
    if (found === null) return false;
    const pair = Buffer.from(found[1], "base64").toString("utf8");
    return timingSafeEqual(digest(pair), this.#expected);
  }
}
