/**
 * Certificates as they are put together and signed (RFC 5280 §4.1, §4.2, RFC 5758 §3.2): the parts that the
 * CA's own and its leaves share.
 */
import type { Der } from "./authority_der.ts";
import { bitString, integer, oid, sequence, TAG, tagged, time, utf8String } from "./authority_der.ts";

/** What one certificate says. */
export interface CertificateBody {
  /** Whom it is for, as an encoded Name. */
  readonly subject: Der;
  /** Who signs it, as an encoded Name. */
  readonly issuer: Der;
  /** From when on it is valid, in ms since 1970. */
  readonly notBeforeMs: number;
  /** Until when it is valid, in ms since 1970. */
  readonly notAfterMs: number;
  /** The key that it is about, as an encoded SubjectPublicKeyInfo. */
  readonly publicKey: Der;
  /** Encoded extensions. */
  readonly extensions: readonly Der[];
}

/** A new key pair: the public half as certificates carry it. */
export interface NewKey {
  /** The private half, PKCS#8. */
  readonly pkcs8: Der;
  /** The private half, to sign with. */
  readonly privateKey: CryptoKey;
  /** The public half, SubjectPublicKeyInfo. */
  readonly publicKey: Der;
  /** The identifier of the public half (RFC 5280 §4.2.1.2, method 1). */
  readonly keyId: Der;
}

/** The algorithm of all keys: small, fast to sign with, and understood by everything that speaks TLS 1.2. */
export const KEY_ALGORITHM: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };
/** How all keys sign. */
export const SIGNING_ALGORITHM: EcdsaParams = { name: "ECDSA", hash: "SHA-256" };

/** A day, in ms. */
export const DAY_MS = 86_400_000;
/** The object identifiers in use, dotted. */
export const OID = {
  commonName: "2.5.4.3",
  organisation: "2.5.4.10",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  alternativeName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

const SERIAL_BYTES = 16;
const VERSION_3 = tagged(0xa0, integer(Uint8Array.of(2)));
const SIGNATURE_ALGORITHM = sequence(oid(OID.ecdsaWithSha256));
const TRUE = tagged(TAG.boolean, Uint8Array.of(0xff));

/** Makes a key pair. */
export async function newKey(): Promise<NewKey> {
  const keys = await crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]) as CryptoKeyPair;
  return {
    pkcs8: new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey)),
    privateKey: keys.privateKey,
    publicKey: new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey)),
    keyId: await keyIdOf(keys.publicKey),
  };
}

/**
 * The identifier of a public key (RFC 5280 §4.2.1.2, method 1): a name for it, so that SHA-1 is good
 * enough.
 */
export async function keyIdOf(publicKey: CryptoKey): Promise<Der> {
  const point = await crypto.subtle.exportKey("raw", publicKey);
  return new Uint8Array(await crypto.subtle.digest("SHA-1", point));
}

/** Puts a certificate together, with a new serial number, and signs it. */
export async function signCertificate(body: CertificateBody, key: CryptoKey): Promise<Der> {
  const toBeSigned = sequence(
    VERSION_3,
    integer(randomSerial()),
    SIGNATURE_ALGORITHM,
    body.issuer,
    sequence(time(body.notBeforeMs), time(body.notAfterMs)),
    body.subject,
    body.publicKey,
    tagged(0xa3, sequence(...body.extensions)),
  );
  const signature = new Uint8Array(await crypto.subtle.sign(SIGNING_ALGORITHM, key, toBeSigned));
  // WebCrypto gives the two numbers side by side, certificates want a SEQUENCE of them (RFC 3279 §2.2.3).
  const half = signature.length / 2;
  const pair = sequence(integer(signature.subarray(0, half)), integer(signature.subarray(half)));
  return sequence(toBeSigned, SIGNATURE_ALGORITHM, bitString(pair));
}

/** A Name of attributes in order; empty without any. */
export function name(...attributes: readonly (readonly [type: string, value: string])[]): Der {
  return sequence(
    ...attributes.map(([type, value]) => tagged(TAG.set, sequence(oid(type), utf8String(value)))),
  );
}

/** An extension: its value as it is encoded, and whether who does not know it must refuse the certificate. */
export function extension(type: string, critical: boolean, value: Der): Der {
  return sequence(oid(type), ...(critical ? [TRUE] : []), tagged(TAG.octetString, value));
}

/** basicConstraints of a CA that signs servers, but no further CA. */
export function authorityConstraints(): Der {
  return extension(OID.basicConstraints, true, sequence(TRUE, integer(Uint8Array.of(0))));
}

/** basicConstraints of what is no CA. */
export function leafConstraints(): Der {
  return extension(OID.basicConstraints, true, sequence());
}

/** keyUsage from its bits, the first of them highest; they fit one byte here. */
export function keyUsage(bits: number): Der {
  const unused = 31 - Math.clz32(bits & -bits);
  return extension(OID.keyUsage, true, bitString(Uint8Array.of(bits), unused));
}

/** subjectKeyIdentifier. */
export function subjectKeyId(keyId: Der): Der {
  return extension(OID.subjectKeyId, false, tagged(TAG.octetString, keyId));
}

/** authorityKeyIdentifier: the key alone, in its field [0]. */
export function authorityKeyId(keyId: Der): Der {
  return extension(OID.authorityKeyId, false, sequence(tagged(0x80, keyId)));
}

/** Bits of keyUsage (RFC 5280 §4.2.1.3). */
export const USAGE = { digitalSignature: 0x80, keyCertSign: 0x04, crlSign: 0x02 } as const;

/** Random, positive, always of full length (RFC 5280 §4.1.2.2). */
function randomSerial(): Der {
  const bytes = crypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
  bytes[0] = (bytes[0] & 0x7f) | 0x40;
  return bytes;
}
