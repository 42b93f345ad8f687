/**
 * A server's certificate, signed by the interception CA, in the shape that today's clients want (RFC 5280
 * §4.2).
 */
import type { Issuer } from "./authority_certificate.ts";
import type { Der } from "./authority_der.ts";
import { oid, pemOf, sequence, tagged } from "./authority_der.ts";
import type { NewKey } from "./authority_signing.ts";
import {
  authorityKeyId,
  DAY_MS,
  extension,
  keyUsage,
  leafConstraints,
  name,
  newKey,
  OID,
  signCertificate,
  subjectKeyId,
  USAGE,
} from "./authority_signing.ts";
import type { LeafName } from "./leaf_name.ts";
import type { CertifiedKey } from "./options.ts";

/** A made certificate, and when it is time for the next. */
export interface Leaf {
  /** What a TLS server needs. */
  readonly certified: CertifiedKey;
  /** From when on the next should be made, in ms since 1970. */
  readonly renewAtMs: number;
}

const SECOND_MS = 1_000;
/**
 * How long a leaf lasts: Apple's and Chromium's limit is 398 days from the first second to the last, both
 * counted.
 */
const LEAF_DAYS = 397;
/**
 * How much of its life a leaf serves before the next is made. A share, so that it works near the CA's end
 * as well.
 */
const SERVING_SHARE = 0.9;
/** Longest common name (RFC 5280 appendix A.1, ub-common-name). */
const MAX_COMMON_NAME_LENGTH = 64;

/**
 * Makes certificates for one CA.
 *
 * One key serves all leaves. They live in one memory, so a key for each would protect nothing; it is never
 * written to a disk.
 */
export class LeafMaker {
  readonly #issuer: Issuer;
  readonly #publicKey: Der;
  readonly #keyPem: string;
  /** The extensions that are the same for every host. */
  readonly #extensions: readonly Der[];

  private constructor(issuer: Issuer, key: NewKey) {
    this.#issuer = issuer;
    this.#publicKey = key.publicKey;
    this.#keyPem = pemOf("PRIVATE KEY", key.pkcs8);
    this.#extensions = [
      leafConstraints(),
      keyUsage(USAGE.digitalSignature),
      extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth))),
      authorityKeyId(issuer.keyId),
      subjectKeyId(key.keyId),
    ];
  }

  /** A maker with a new key. */
  static async create(issuer: Issuer): Promise<LeafMaker> {
    return new LeafMaker(issuer, await newKey());
  }

  /**
   * Makes a certificate for one host, for servers only, valid from yesterday (clocks differ) for 397 days,
   * but never before or beyond its CA.
   *
   * @param nowMs The time, in ms since 1970.
   */
  async make(host: LeafName, nowMs: number): Promise<Leaf> {
    const issuer = this.#issuer;
    const notBeforeMs = Math.max(nowMs - DAY_MS, issuer.notBeforeMs);
    const notAfterMs = Math.min(notBeforeMs + LEAF_DAYS * DAY_MS - SECOND_MS, issuer.notAfterMs);
    const named = host.value.length <= MAX_COMMON_NAME_LENGTH;
    const certificate = await signCertificate({
      subject: named ? name([OID.commonName, host.value]) : name(),
      issuer: issuer.subjectDer,
      notBeforeMs,
      notAfterMs,
      publicKey: this.#publicKey,
      // Critical where it is the only name (RFC 5280 §4.2.1.6).
      extensions: [...this.#extensions, extension(OID.alternativeName, !named, sequence(generalName(host)))],
    }, issuer.key);
    return {
      certified: { certPem: pemOf("CERTIFICATE", certificate) + issuer.certPem, keyPem: this.#keyPem },
      renewAtMs: nowMs + (notAfterMs - nowMs) * SERVING_SHARE,
    };
  }
}

/** A host as a GeneralName: dNSName is its field [2], iPAddress its field [7]. */
function generalName(host: LeafName): Der {
  return host.kind === "dns"
    ? tagged(0x82, new TextEncoder().encode(host.value))
    : tagged(0x87, addressBytes(host.value));
}

/** The 4 or 16 bytes of an address in its canonical form. */
function addressBytes(address: string): Uint8Array {
  if (!address.includes(":")) return Uint8Array.from(address.split("."), Number);
  const groups = (text: string) => text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
  const [before, after = ""] = address.split("::");
  const [head, tail] = [groups(before), groups(after)];
  const all = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
