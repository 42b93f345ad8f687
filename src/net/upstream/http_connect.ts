/**
 * Opening a tunnel through an HTTP proxy: CONNECT and its answer (RFC 9110 §9.3.6), with Basic credentials (RFC 7617).
 *
 * The answer's end is where the tunnel begins, whatever the head says of a body. Up to there never more is wanted than
 * what the shortest rest of a head takes, an empty line with bare LF included.
 */
import { isInterim } from "../../http/framing.ts";
import { findHeadEnd, isUnfinishedHead, RESPONSES } from "../../http/grammar.ts";
import type { ResponseHead } from "../../http/head.ts";
import { parseResponseHead } from "../../http/head_parser.ts";
import { quoted } from "../address.ts";
import type { Handshake, HandshakeStep } from "./handshake.ts";
import { LOGIN_WANTED, loginWanted, statusText } from "./login.ts";

/** Bytes of all heads that answer a CONNECT, interim ones included: real answers have hundreds. */
export const ANSWER_LIMIT_BYTES = 32 * 1024;

/** The shortest head there is: `HTTP/1.1 200` and two line ends. */
const SHORTEST_HEAD_BYTES = 14;
/** How much of an answer an error message repeats, in characters. */
const SHOWN_LENGTH = 60;
const SWITCHING_PROTOCOLS = 101;
/** 407, and 401, with which tinyproxy answers wrong credentials. */
const LOGIN_STATUSES = [LOGIN_WANTED, 401];
const CR = 13;
const LF = 10;

const encoder = new TextEncoder();
const utf8 = new TextDecoder();

/** One request for a tunnel. */
export class HttpConnect implements Handshake {
  readonly opening: Uint8Array;
  readonly #hasLogin: boolean;
  #held: Uint8Array = new Uint8Array(1024);
  #length = 0;
  /** Up to where the held bytes were searched. */
  #searched = 0;
  #startLineSeen = false;
  /** Bytes of interim answers. */
  #skipped = 0;

  /**
   * A request that is yet to be sent.
   *
   * @param host A name, or an address without brackets; a zone is not sent, since it means nothing elsewhere.
   * @param port 1–65535.
   * @param authorization The value of `Proxy-Authorization`, if there is to be one.
   * @throws {Error} where the host cannot stand in a request.
   */
  constructor(host: string, port: number, authorization?: string) {
    const plain = host.replace(/%.*$/s, "");
    if (!/^[A-Za-z0-9._:-]+$/.test(plain)) {
      throw new Error(
        `cannot ask the proxy for a tunnel: found host ${quoted(host)}, wanted a name or an address`,
      );
    }
    const authority = `${plain.includes(":") ? `[${plain}]` : plain}:${port}`;
    const login = authorization === undefined ? "" : `Proxy-Authorization: ${authorization}\r\n`;
    this.opening = encoder.encode(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${login}\r\n`);
    this.#hasLogin = authorization !== undefined;
  }

  get wants(): number {
    const length = this.#length;
    if (length < SHORTEST_HEAD_BYTES) return SHORTEST_HEAD_BYTES - length;
    const last = this.#held[length - 1];
    const lineEnded = last === LF || (last === CR && this.#held[length - 2] === LF);
    return lineEnded ? 1 : 2;
  }

  push(bytes: Uint8Array): HandshakeStep {
    this.#hold(bytes);
    const held = this.#held.subarray(0, this.#length);
    const end = findHeadEnd(held, 0, this.#searched, held.length);
    if (end > 0) return this.#answer(held);
    if (!this.#startLineSeen) {
      const state = isUnfinishedHead(RESPONSES, held, this.#searched);
      if (state === "no") return notHttp(held);
      this.#startLineSeen = state === "start-line-seen";
    }
    this.#searched = Math.max(0, this.#length - 3);
    if (this.#skipped + this.#length < ANSWER_LIMIT_BYTES) return { kind: "more" };
    return { kind: "failed", reason: `the proxy's answer is longer than ${ANSWER_LIMIT_BYTES} bytes` };
  }

  #hold(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#held.length) {
      const grown = new Uint8Array(2 * length);
      grown.set(this.#held.subarray(0, this.#length));
      this.#held = grown;
    }
    this.#held.set(bytes, this.#length);
    this.#length = length;
  }

  #answer(raw: Uint8Array): HandshakeStep {
    const head = parseResponseHead(raw);
    if (typeof head === "string" || !head.version.startsWith("HTTP/1.")) return notHttp(raw);
    if (isInterim(head.status) && head.status !== SWITCHING_PROTOCOLS) {
      this.#skipped += raw.length;
      this.#length = this.#searched = 0;
      this.#startLineSeen = false;
      return { kind: "more" };
    }
    if (head.status >= 200 && head.status < 300) return { kind: "open" };
    return { kind: "failed", reason: this.#refusal(head) };
  }

  #refusal(head: ResponseHead): string {
    return LOGIN_STATUSES.includes(head.status)
      ? `the proxy ${loginWanted(head, this.#hasLogin)}`
      : `the proxy refused the tunnel: ${statusText(head)}`;
  }
}

function notHttp(held: Uint8Array): HandshakeStep {
  const found = quoted(utf8.decode(held.subarray(0, SHOWN_LENGTH)));
  return { kind: "failed", reason: `the proxy does not speak HTTP/1: its answer begins with ${found}` };
}
