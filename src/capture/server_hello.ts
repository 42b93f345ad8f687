/** What a server chooses, openly, from what a client offers (RFC 8446 §4.1.3): version and cipher suite. */
import {
  extensionsOf,
  FieldReader,
  HandshakeMessageReader,
  SUPPORTED_VERSIONS,
  versionName,
} from "./handshake_message.ts";

const SERVER_HELLO = 2;
const RANDOM_BYTES = 32;

/** What a server has chosen. */
export interface ServerHello {
  /** For example `TLSv1.3`. Absent: a number without a name. */
  readonly version?: string;
  /** By its IANA name, or its number, for example `0x1301`, where it is not one of the usual. */
  readonly cipher: string;
}

/** Reads a ServerHello from the first bytes of the direction from the server. */
export class ServerHelloReader {
  readonly #message = new HandshakeMessageReader(SERVER_HELLO);
  #result: "not-tls" | ServerHello | undefined;

  /**
   * Takes the next bytes; they are copied. Never throws.
   *
   * @returns `more` while it is not clear; `not-tls` where no hello comes, as with an alert; the hello once it is whole.
   */
  push(chunk: Uint8Array): "more" | "not-tls" | ServerHello {
    if (this.#result !== undefined) return this.#result;
    const message = this.#message.push(chunk);
    if (message === "more") return "more";
    this.#result = message === "not-tls" ? "not-tls" : readHello(message);
    return this.#result;
  }
}

function readHello(message: Uint8Array): "not-tls" | ServerHello {
  const fields = new FieldReader(message);
  let chosen = fields.number(2);
  fields.bytes(RANDOM_BYTES);
  fields.vector(1); // session id
  const suite = fields.number(2);
  fields.number(1); // compression method
  if (fields.broken) return "not-tls";
  for (const [type, data] of extensionsOf(fields)) {
    if (type === SUPPORTED_VERSIONS) chosen = new FieldReader(data).number(2);
  }
  const version = versionName(chosen);
  const cipher = SUITES.get(suite) ?? `0x${suite.toString(16).padStart(4, "0")}`;
  return { ...(version !== undefined && { version }), cipher };
}

/** The suites that this runtime speaks, by their IANA names (RFC 8446 §B.4, RFC 5289, RFC 7905). */
const SUITES: ReadonlyMap<number, string> = new Map([
  [0x1301, "TLS_AES_128_GCM_SHA256"],
  [0x1302, "TLS_AES_256_GCM_SHA384"],
  [0x1303, "TLS_CHACHA20_POLY1305_SHA256"],
  [0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
  [0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
  [0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
  [0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"],
  [0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"],
  [0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"],
]);
