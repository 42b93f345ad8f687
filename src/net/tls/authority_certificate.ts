/** The CA's own certificate and key: making a pair, and reading one back (RFC 5280 §4). */
import type { Der, DerValue } from "./authority_der.ts";
import { hex, oid, pemOf, readInside, readPem, readTime, readValues, TAG } from "./authority_der.ts";
import { AuthorityError } from "./authority_error.ts";
import {
  authorityConstraints,
  DAY_MS,
  KEY_ALGORITHM,
  keyIdOf,
  keyUsage,
  name,
  newKey,
  OID,
  signCertificate,
  SIGNING_ALGORITHM,
  subjectKeyId,
  USAGE,
} from "./authority_signing.ts";

/** A certificate and its private key as they stand in files. */
export interface PemPair {
  /** The certificate, PEM. */
  readonly certPem: string;
  /** The private key, PKCS#8, PEM. */
  readonly keyPem: string;
}

/** A CA that was read and checked: all that is needed to sign with it. */
export interface Issuer {
  /** Its certificate alone, PEM, with a closing line end. */
  readonly certPem: string;
  /** Its certificate, DER. */
  readonly certDer: Der;
  /** Its name, as `CN=…, O=…`. */
  readonly subject: string;
  /** Its name as it is encoded in the certificate: verifiers compare the bytes. */
  readonly subjectDer: Der;
  /** The first moment at which it is valid, in ms since 1970. */
  readonly notBeforeMs: number;
  /** The last moment at which it is valid, in ms since 1970. */
  readonly notAfterMs: number;
  /** Names its key in what it signs (RFC 5280 §4.2.1.2). */
  readonly keyId: Der;
  /** Its private key, for signing only. */
  readonly key: CryptoKey;
}

/** How long a CA lasts: ten years. */
const AUTHORITY_DAYS = 3_652;
const NAME_BYTES = 4;
/** Longest organisation name (RFC 5280 appendix A.1, ub-organization-name). */
const MAX_ORGANISATION_LENGTH = 64;
/** Abbreviations of the attributes of names, by their encoded identifier (RFC 4514 §3). */
const ATTRIBUTES = new Map(
  [["CN", OID.commonName], ["O", OID.organisation], ["OU", "2.5.4.11"], ["C", "2.5.4.6"]].map(
    ([short, dotted]) => [hex(oid(dotted)), short],
  ),
);
const CERTIFICATE = "CERTIFICATE";
const PRIVATE_KEY = "PRIVATE KEY";

/**
 * Makes a new CA: its own random key, ten years, able to sign servers but no further CA (pathLen 0).
 *
 * The name carries a random part, so that two CAs in one list of trusted roots can be told apart.
 *
 * @param nowMs The time, in ms since 1970.
 * @param hostname The name of this machine, or undefined where it is not known.
 */
export async function makeAuthority(nowMs: number, hostname: string | undefined): Promise<PemPair> {
  const { pkcs8, privateKey, publicKey, keyId } = await newKey();
  const random = hex(crypto.getRandomValues(new Uint8Array(NAME_BYTES)));
  const machine = hostname?.replace(/[^\w.-]/g, "") || "this machine";
  const subject = name(
    [OID.commonName, `tcpmon CA ${random}`],
    [OID.organisation, `tcpmon on ${machine}`.slice(0, MAX_ORGANISATION_LENGTH)],
  );
  const certificate = await signCertificate({
    subject,
    issuer: subject,
    // A day back, for clients whose clock is late.
    notBeforeMs: nowMs - DAY_MS,
    notAfterMs: nowMs + AUTHORITY_DAYS * DAY_MS,
    publicKey,
    extensions: [authorityConstraints(), keyUsage(USAGE.keyCertSign | USAGE.crlSign), subjectKeyId(keyId)],
  }, privateKey);
  return { certPem: pemOf(CERTIFICATE, certificate), keyPem: pemOf(PRIVATE_KEY, pkcs8) };
}

/**
 * Reads a CA back and checks that it can be used: an ECDSA P-256 pair that fits, a CA, valid now.
 *
 * @param nowMs The time, in ms since 1970.
 * @throws {AuthorityError} where it cannot be used; the message is the reason alone, without a path.
 */
export async function readAuthority(pair: PemPair, nowMs: number): Promise<Issuer> {
  const { publicKeyDer, extensions, ...certificate } = readCertificate(pair.certPem);
  const key = await readKey(pair.keyPem);
  const publicKey = await readPublicKey(publicKeyDer);
  if (publicKey === undefined || !await fits(publicKey, key)) {
    throw new AuthorityError("the certificate and the key are not of one pair");
  }
  if (!maySign(extensions)) throw new AuthorityError("the certificate is not one of a CA");
  if (certificate.notAfterMs <= nowMs) {
    throw new AuthorityError(`the certificate expired on ${day(certificate.notAfterMs)}`);
  }
  if (certificate.notBeforeMs > nowMs) {
    throw new AuthorityError(
      `the certificate is not valid before ${day(certificate.notBeforeMs)}, so the clock may be wrong`,
    );
  }
  const keyId = extensions.get(OID.subjectKeyId)?.content ?? await keyIdOf(publicKey);
  return { ...certificate, keyId, key };
}

interface ReadCertificate extends Omit<Issuer, "keyId" | "key"> {
  readonly publicKeyDer: Der;
  /** The values of those extensions that matter here, by dotted identifier. */
  readonly extensions: ReadonlyMap<string, DerValue>;
}

function readCertificate(pem: string): ReadCertificate {
  try {
    const certDer = readPem(CERTIFICATE, pem);
    const certPem = pemOf(CERTIFICATE, certDer);
    const outer = readValues(certDer);
    const body = readInside(readInside(outer[0], TAG.sequence)[0], TAG.sequence);
    if (outer.length !== 1 || body[0]?.tag !== 0xa0) throw new RangeError("no certificate of version 3");
    const [, , , , validity, subject, publicKey] = body;
    const [notBefore, notAfter] = readInside(validity, TAG.sequence);
    return {
      certPem,
      certDer,
      subject: readName(subject),
      subjectDer: subject.whole,
      notBeforeMs: readTime(notBefore),
      notAfterMs: readTime(notAfter),
      publicKeyDer: publicKey.whole,
      extensions: readExtensions(body.find(({ tag }) => tag === 0xa3)),
    };
  } catch {
    throw new AuthorityError(`the certificate cannot be read: wanted a PEM block ${CERTIFICATE}`);
  }
}

/**
 * The attributes of a Name, those with a well-known abbreviation by it, others by their encoded identifier.
 */
function readName(value: DerValue): string {
  const attributes = readInside(value, TAG.sequence).flatMap((set) => readInside(set, TAG.set));
  return attributes.map((attribute) => {
    const [type, text] = readInside(attribute, TAG.sequence);
    const identifier = hex(type.whole);
    return `${ATTRIBUTES.get(identifier) ?? identifier}=${new TextDecoder().decode(text.content)}`;
  }).join(", ");
}

function readExtensions(field: DerValue | undefined): Map<string, DerValue> {
  const values = new Map<string, DerValue>();
  if (field === undefined) return values;
  const known = new Map(
    [OID.basicConstraints, OID.keyUsage, OID.subjectKeyId].map((dotted) => [hex(oid(dotted)), dotted]),
  );
  for (const each of readInside(readValues(field.content)[0], TAG.sequence)) {
    const parts = readInside(each, TAG.sequence);
    const dotted = known.get(hex(parts[0].whole));
    if (dotted !== undefined) values.set(dotted, readInside(parts.at(-1), TAG.octetString)[0]);
  }
  return values;
}

async function readKey(pem: string): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("pkcs8", readPem(PRIVATE_KEY, pem), KEY_ALGORITHM, false, ["sign"]);
  } catch {
    throw new AuthorityError(
      `the key cannot be read: wanted an ECDSA P-256 key in a PEM block ${PRIVATE_KEY}`,
    );
  }
}

/** A public key, or undefined where it is of another kind. */
async function readPublicKey(publicKeyDer: Der): Promise<CryptoKey | undefined> {
  try {
    return await crypto.subtle.importKey("spki", publicKeyDer, KEY_ALGORITHM, true, ["verify"]);
  } catch {
    return undefined;
  }
}

/** Whether what the one signs, the other verifies. */
async function fits(publicKey: CryptoKey, key: CryptoKey): Promise<boolean> {
  const nonce = crypto.getRandomValues(new Uint8Array(32));
  const signature = await crypto.subtle.sign(SIGNING_ALGORITHM, key, nonce);
  return await crypto.subtle.verify(SIGNING_ALGORITHM, publicKey, signature, nonce);
}

/** Whether it may sign certificates (RFC 5280 §4.2.1.3, §4.2.1.9). */
function maySign(extensions: ReadonlyMap<string, DerValue>): boolean {
  const constraints = extensions.get(OID.basicConstraints);
  const usage = extensions.get(OID.keyUsage);
  const [isAuthority] = constraints === undefined ? [] : readValues(constraints.content);
  return isAuthority?.tag === TAG.boolean && isAuthority.content[0] !== 0 &&
    (usage === undefined || (usage.content[1] & USAGE.keyCertSign) !== 0);
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
