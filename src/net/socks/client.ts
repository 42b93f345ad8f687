/**
 * The client's side of SOCKS 5: CONNECT, with a login by user and password where the proxy wants one (RFC 1928,
 * RFC 1929). Names are sent as names, so that the proxy looks them up.
 */
import { joined } from "../../http/joined.ts";
import type { Handshake, HandshakeStep } from "../upstream/handshake.ts";
import { ipBytes } from "./ip_address.ts";
import { replyText } from "./reply.ts";
import {
  CONNECT,
  IPV4,
  IPV6,
  LOGIN,
  LOGIN_VERSION,
  NAME,
  NO_ACCEPTABLE_METHODS,
  NO_LOGIN,
  VERSION,
} from "./wire.ts";

/** Who logs in. */
export interface SocksLogin {
  /** The user, at most 255 bytes in UTF-8. */
  readonly user: string;
  /** The password, at most 255 bytes in UTF-8. */
  readonly password: string;
}

/** What fits behind a length of one byte: names, users and passwords. */
export const SOCKS_TEXT_LIMIT_BYTES = 255;

/** Version, reply, reserved byte, address type, and the first byte of the address: so much every reply has. */
const REPLY_START_BYTES = 5;
/** Replies that are the proxy's will; the others tell why it did not get through to the target. */
const UNWILLING = [2, 7, 8];

const encoder = new TextEncoder();

/** One request for a tunnel. */
export class SocksClient implements Handshake {
  readonly opening: Uint8Array;
  readonly #request: Uint8Array;
  readonly #login: Uint8Array | undefined;
  #stage: "method" | "login" | "reply" = "method";
  #held: Uint8Array = new Uint8Array(0);
  /** How long the message at hand is, as far as is known. */
  #length = 2;

  /**
   * A request that is yet to be sent.
   *
   * @param host A name, or an address without brackets; a zone is not sent.
   * @param port 1–65535.
   * @param login Absent: the proxy must want none.
   * @throws {Error} where the name, the user or the password is longer than SOCKS can carry.
   */
  constructor(host: string, port: number, login?: SocksLogin) {
    this.#request = joined([
      Uint8Array.of(VERSION, CONNECT, 0),
      address(host),
      Uint8Array.of(port >> 8, port & 0xff),
    ]);
    this.#login = login && joined([
      Uint8Array.of(LOGIN_VERSION),
      withLength(login.user, "user"),
      withLength(login.password, "password"),
    ]);
    this.opening = login === undefined
      ? Uint8Array.of(VERSION, 1, NO_LOGIN)
      : Uint8Array.of(VERSION, 2, NO_LOGIN, LOGIN);
  }

  get wants(): number {
    return this.#length - this.#held.length;
  }

  push(bytes: Uint8Array): HandshakeStep {
    const held = this.#held = joined([this.#held, bytes]);
    if (this.#stage === "reply") return this.#readReply(held);
    if (held[0] !== VERSION && this.#stage === "method") {
      return { kind: "failed", reason: `the proxy does not speak SOCKS 5: its first byte is ${held[0]}` };
    }
    if (held.length < this.#length) return { kind: "more" };
    this.#held = new Uint8Array(0);
    return this.#stage === "method" ? this.#readMethod(held[1]) : this.#readLogin(held[1]);
  }

  #readMethod(method: number): HandshakeStep {
    if (method === NO_LOGIN) return this.#sendRequest();
    if (method === LOGIN && this.#login !== undefined) {
      this.#stage = "login";
      return { kind: "more", send: this.#login };
    }
    if (method !== NO_ACCEPTABLE_METHODS) {
      return { kind: "failed", reason: `the proxy chose login method ${method}, which was not offered` };
    }
    const reason = this.#login === undefined
      ? "the proxy wants a login: give USER:PASSWORD@ before its host"
      : "the proxy wants a login other than user and password";
    return { kind: "failed", reason };
  }

  /** The version before the status is not looked at: some servers put SOCKS' own there. */
  #readLogin(status: number): HandshakeStep {
    return status === 0
      ? this.#sendRequest()
      : { kind: "failed", reason: "the proxy wants other credentials: wrong user or password" };
  }

  #sendRequest(): HandshakeStep {
    this.#stage = "reply";
    this.#length = REPLY_START_BYTES;
    return { kind: "more", send: this.#request };
  }

  #readReply(held: Uint8Array): HandshakeStep {
    if (held[0] !== VERSION) {
      return { kind: "failed", reason: `the proxy answered with version ${held[0]}, not with SOCKS 5` };
    }
    // A refusal is told as soon as it shows: some servers send no more than that.
    if (held.length >= 2 && held[1] !== 0) return { kind: "failed", reason: refusal(held[1]) };
    if (held.length < REPLY_START_BYTES) return { kind: "more" };
    const [, , , type, first] = held;
    if (type !== IPV4 && type !== NAME && type !== IPV6) {
      return { kind: "failed", reason: `the proxy answered with the unknown address type ${type}` };
    }
    this.#length = type === NAME ? REPLY_START_BYTES + first + 2 : 4 + (type === IPV4 ? 4 : 16) + 2;
    return held.length === this.#length ? { kind: "open" } : { kind: "more" };
  }
}

function refusal(code: number): string {
  const unwilling = UNWILLING.includes(code);
  return `the proxy ${unwilling ? "refused the tunnel" : "cannot reach the target"}: ${replyText(code)}`;
}

/** Type and address as RFC 1928 §5 has them. */
function address(host: string): Uint8Array {
  const bytes = ipBytes(host);
  if (bytes === undefined) return joined([Uint8Array.of(NAME), withLength(host, "host name")]);
  return joined([Uint8Array.of(bytes.length === 4 ? IPV4 : IPV6), bytes]);
}

function withLength(text: string, what: string): Uint8Array {
  const bytes = encoder.encode(text);
  if (bytes.length > SOCKS_TEXT_LIMIT_BYTES) {
    throw new Error(
      `cannot ask the SOCKS proxy: found a ${what} of ${bytes.length} bytes, wanted at most ${SOCKS_TEXT_LIMIT_BYTES}`,
    );
  }
  return joined([Uint8Array.of(bytes.length), bytes]);
}
