/**
 * What a client says openly before TLS encrypts (RFC 8446 §4.1.2): the name it wants (SNI, RFC 6066 §3), the protocols
 * (ALPN, RFC 7301 §3.1) and versions that it offers.
 *
 * Garbage is data: a hello whose inside does not add up is told as far as it could be read. Values that only keep servers
 * tolerant (GREASE, RFC 8701) are left out.
 */
import {
  extensionsOf,
  FieldReader,
  HandshakeMessageReader,
  SUPPORTED_VERSIONS,
  versionName,
} from "./handshake_message.ts";
import type { ClientHello } from "./record.ts";

const CLIENT_HELLO = 1;
const RANDOM_BYTES = 32;
const SERVER_NAME = 0;
const ALPN = 16;
/** The only kind of server name there is. */
const HOST_NAME = 0;

const printable = /^[\x21-\x7e]+$/;
const text = new TextDecoder();

/** Reads a ClientHello from the first bytes of a connection. */
export class ClientHelloReader {
  readonly #message = new HandshakeMessageReader(CLIENT_HELLO);
  #result: "not-tls" | ClientHello | undefined;

  /**
   * Takes the next bytes; they are copied. Never throws.
   *
   * @returns `more` while it is not clear; `not-tls` as soon as it cannot become a hello, for which one byte may do; the
   * hello once it is whole. The same answer from then on.
   */
  push(chunk: Uint8Array): "more" | "not-tls" | ClientHello {
    if (this.#result !== undefined) return this.#result;
    const message = this.#message.push(chunk);
    if (message === "more") return "more";
    this.#result = message === "not-tls" ? "not-tls" : readHello(message);
    return this.#result;
  }
}

function readHello(message: Uint8Array): "not-tls" | ClientHello {
  const fields = new FieldReader(message);
  const legacyVersion = fields.number(2);
  fields.bytes(RANDOM_BYTES);
  fields.vector(1); // session id
  fields.vector(2); // cipher suites
  fields.vector(1); // compression methods
  if (fields.broken) return "not-tls";
  let serverName: string | undefined;
  let alpn: readonly string[] = [];
  let offered: readonly number[] = [legacyVersion];
  for (const [type, data] of extensionsOf(fields)) {
    if (type === SERVER_NAME) serverName ??= readServerName(data);
    else if (type === ALPN) alpn = readAlpn(data);
    else if (type === SUPPORTED_VERSIONS) offered = readVersions(data);
  }
  const versions = [...new Set(offered)].sort((a, b) => b - a).map(versionName).filter((name) =>
    name !== undefined
  );
  return { ...(serverName !== undefined && { serverName }), alpn, versions };
}

function readServerName(data: Uint8Array): string | undefined {
  const names = new FieldReader(new FieldReader(data).vector(2));
  while (names.left > 0) {
    const kind = names.number(1);
    const name = text.decode(names.vector(2));
    if (kind === HOST_NAME && printable.test(name)) return name;
  }
  return undefined;
}

function readAlpn(data: Uint8Array): readonly string[] {
  const list = new FieldReader(new FieldReader(data).vector(2));
  const protocols: string[] = [];
  while (list.left > 0) {
    const name = list.vector(1);
    if (!isGrease(name)) protocols.push(text.decode(name));
  }
  return protocols;
}

function readVersions(data: Uint8Array): readonly number[] {
  const list = new FieldReader(new FieldReader(data).vector(1));
  const versions: number[] = [];
  while (list.left > 1) versions.push(list.number(2));
  return versions;
}

/** Two equal bytes that end in A; nothing, too, is no name. */
function isGrease(name: Uint8Array): boolean {
  return name.length === 0 || name.length === 2 && name[0] === name[1] && (name[0] & 0x0f) === 0x0a;
}
