/**
 * The interception CA: opened or made in its folder, it gives a certificate for any host.
 *
 * Every machine has its own, made on first use and never shared: who has the key can pose as any site to
 * whoever trusts the certificate.
 */
import { escaped } from "../address.ts";
import type { Issuer } from "./authority_certificate.ts";
import { makeAuthority, readAuthority } from "./authority_certificate.ts";
import { hex } from "./authority_der.ts";
import { AuthorityError } from "./authority_error.ts";
import { certPathIn, keyPathIn, readOrMakePair } from "./authority_store.ts";
import { LeafCache } from "./leaf_cache.ts";
import type { Leaf } from "./leaf_certificate.ts";
import { LeafMaker } from "./leaf_certificate.ts";
import { leafName } from "./leaf_name.ts";
import type { CertifiedKey } from "./options.ts";

export { AuthorityError } from "./authority_error.ts";
export { authorityFolder } from "./authority_folder.ts";

/** What the CA wants to know of the world. */
export interface AuthorityEffects {
  /** The time, in ms since 1970. */
  now(): number;
  /** The name of this machine, for the name of a new CA; undefined where it is not known. */
  hostname(): string | undefined;
}

/** How many certificates are kept: about 3 kB each. */
const CACHED_LEAVES = 1_000;

const SYSTEM: AuthorityEffects = {
  now: Date.now,
  // Asked for first, since a call without the permission would prompt where prompts are on.
  hostname: () =>
    Deno.permissions.querySync({ name: "sys", kind: "hostname" }).state === "granted"
      ? Deno.hostname()
      : undefined,
};

/** An interception CA, ready to sign. */
export class Authority {
  /** The CA's certificate, PEM: what clients have to trust. */
  readonly certPem: string;
  /** Where that certificate stands. */
  readonly certPath: string;
  /** The SHA-256 of that certificate, as `AA:BB:…`. */
  readonly fingerprint: string;
  /** The CA's name, as `CN=…, O=…`. */
  readonly subject: string;
  /** When the CA ends. */
  readonly notAfter: Date;
  /** Whether it was made just now, so that nobody can trust it yet. */
  readonly made: boolean;
  readonly #maker: LeafMaker;
  readonly #effects: AuthorityEffects;
  readonly #leaves = new LeafCache<Leaf>(CACHED_LEAVES);

  private constructor(
    folder: string,
    issuer: Issuer,
    fingerprint: string,
    made: boolean,
    maker: LeafMaker,
    effects: AuthorityEffects,
  ) {
    this.certPem = issuer.certPem;
    this.certPath = certPathIn(folder);
    this.fingerprint = fingerprint;
    this.subject = issuer.subject;
    this.notAfter = new Date(issuer.notAfterMs);
    this.made = made;
    this.#maker = maker;
    this.#effects = effects;
  }

  /**
   * Opens the CA in a folder; makes folder and CA where there is none.
   *
   * @throws {AuthorityError} where the folder cannot be used or what is in it is no valid CA; the message says how to
   * mend it.
   */
  static async open(folder: string, effects: AuthorityEffects = SYSTEM): Promise<Authority> {
    const pair = await readOrMakePair(
      folder,
      () => makeAuthority(effects.now(), effects.hostname()),
      effects.now,
    );
    try {
      const issuer = await readAuthority(pair, effects.now());
      const digest = await crypto.subtle.digest("SHA-256", issuer.certDer);
      const fingerprint = hex(new Uint8Array(digest)).toUpperCase().replace(/..(?=.)/g, "$&:");
      return new Authority(folder, issuer, fingerprint, pair.made, await LeafMaker.create(issuer), effects);
    } catch (error) {
      if (!(error instanceof AuthorityError)) throw error;
      throw new AuthorityError(
        `cannot use the CA ${escaped(certPathIn(folder))}: ${error.message}; remove it and ` +
          `${escaped(keyPathIn(folder))}, and a new CA is made, or name another folder with --ca-dir`,
      );
    }
  }

  /**
   * A certificate for a host, from the cache or made now (about 2 ms).
   *
   * @param host A DNS name in ASCII, an IPv4 or an IPv6 address, as a URL or a ClientHello has it.
   * @throws {AuthorityError} where the host is neither, or the CA expired meanwhile.
   */
  async leafFor(host: string): Promise<CertifiedKey> {
    const name = leafName(host);
    const nowMs = this.#effects.now();
    if (nowMs >= this.notAfter.getTime()) {
      throw new AuthorityError(
        `cannot make a certificate: the CA ${
          escaped(this.certPath)
        } expired meanwhile; remove it and its key, and ` +
          "start tcpmon again",
      );
    }
    const leaf = await this.#leaves.get(name.value, nowMs, () => this.#maker.make(name, nowMs));
    return leaf.certified;
  }
}
