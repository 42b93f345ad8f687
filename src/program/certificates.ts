/**
 * Certificates and keys that options name, checked before the first connection: a broken file is told at the start, and
 * not to whoever connects first. (To show a pair that does not fit ends Deno 2.4 with a panic.)
 */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { UsageError } from "../cli/usage_error.ts";
import { reasonOf } from "../log/destination.ts";
import { escaped } from "../net/address.ts";
import { NODE_TLS_OVER_STREAMS } from "../net/tls/dial_tls_node.ts";
import { listenOnLoopback } from "../net/tls/loopback.ts";
import type { CertifiedKey } from "../net/tls/options.ts";

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[^]*?-----END \1-----/g;
const KEY = /^((RSA|EC) )?PRIVATE KEY$/;

/** Authorities to trust. */
export interface TrustedCertificates {
  /** All of them, PEM. */
  readonly pem: string;
  /** Whether one of them, an authority's, is for that host itself: it may show that as its own. */
  names(host: string): boolean;
}

/**
 * Reads certificates to trust.
 *
 * @param option What named the file, for messages.
 * @throws {UsageError} where it cannot be read, or one of them is none.
 */
export function readTrusted(file: string, option: string): TrustedCertificates {
  const blocks = certificatesIn(file, readFile(file, option), option);
  // The older runtime could not make use of it, nor can it compare addresses.
  const authorities = NODE_TLS_OVER_STREAMS
    ? blocks.map((block) => new X509Certificate(block)).filter(({ ca }) => ca)
    : [];
  return {
    pem: joined(blocks),
    names: (host) => authorities.some((certificate) => isFor(certificate, host)),
  };
}

/**
 * Reads a certificate with those that lead to its authority, and its key.
 *
 * @param option What named the certificate, such as `--tls-cert`.
 * @throws {UsageError} where one cannot be read, or the two are not of one pair.
 */
export function readCertified(certFile: string, keyFile: string, option: string): CertifiedKey {
  const keyOption = keyFile === certFile ? option : option.replace("cert", "key");
  const certPem = joined(certificatesIn(certFile, readFile(certFile, option), option));
  const keyPem = keyIn(keyFile, readFile(keyFile, keyOption), keyOption, option.replace("cert", "key"));
  try {
    listenOnLoopback((hostname) => Deno.listenTls({ hostname, port: 0, cert: certPem, key: keyPem })).close();
  } catch (error) {
    const isPair = !/KeyMismatch/.test(String(error));
    throw new UsageError(
      isPair
        ? `cannot use ${option} ${escaped(certFile)}: ${
          reasonOf(error)
        }; wanted an RSA key of 2048 bits or more, an ` +
          "ECDSA key or an Ed25519 key"
        : `cannot use ${option} ${escaped(certFile)}: its certificate and the key in ${
          escaped(keyFile)
        } are not ` +
          "of one pair; wanted the server's or client's own certificate first in the file",
    );
  }
  return { certPem, keyPem };
}

function isFor(certificate: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
}

function readFile(file: string, option: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${option} ${escaped(file)}: ${reasonOf(error)}`);
  }
}

function certificatesIn(file: string, text: string, option: string): readonly string[] {
  const blocks = blocksOf(text).filter(([, label]) => label === "CERTIFICATE").map(([block]) => block);
  const wanted = "wanted -----BEGIN CERTIFICATE-----";
  if (blocks.length === 0) {
    throw new UsageError(`cannot read ${option} ${escaped(file)}: found no certificate in PEM, ${wanted}`);
  }
  blocks.forEach((block, i) => {
    try {
      new X509Certificate(block);
    } catch {
      const which = blocks.length === 1 ? "its certificate" : `certificate ${i + 1} of ${blocks.length}`;
      throw new UsageError(`cannot read ${option} ${escaped(file)}: ${which} is damaged, ${wanted}, whole`);
    }
  });
  return blocks;
}

/** @param keyOption What can name a file with the key alone. */
function keyIn(file: string, text: string, option: string, keyOption: string): string {
  const blocks = blocksOf(text);
  const isEncrypted = (block: string, label: string) =>
    label === "ENCRYPTED PRIVATE KEY" || (KEY.test(label) && /^Proc-Type: 4,ENCRYPTED/m.test(block));
  const key = blocks.find(([block, label]) => KEY.test(label) && !isEncrypted(block, label));
  if (key !== undefined) return joined([key[0]]);
  const wanted = "wanted -----BEGIN PRIVATE KEY-----";
  const problem = blocks.some(([block, label]) => isEncrypted(block, label))
    ? "found an encrypted private key, wanted one without a passphrase: openssl pkey -in " +
      `${escaped(file)} -out NEWFILE`
    : `found no private key in PEM, ${wanted}${option === keyOption ? "" : `, or ${keyOption} FILE with it`}`;
  throw new UsageError(`cannot read ${option} ${escaped(file)}: ${problem}`);
}

/** The blocks of a PEM file, with their labels (RFC 7468 §2). */
function blocksOf(text: string): readonly (readonly [block: string, label: string])[] {
  return [...text.matchAll(BLOCK)].map((match) => [match[0], match[1]]);
}

function joined(blocks: readonly string[]): string {
  return `${blocks.join("\n")}\n`;
}
