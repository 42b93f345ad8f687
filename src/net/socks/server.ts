/**
 * The server's side of SOCKS 5, up to the request (RFC 1928) with its login by user and password (RFC 1929). Bytes in,
 * answers out: no I/O, no clock.
 *
 *     greeting ──▶ (login) ──▶ request ──▶ connect: the caller dials and sends reply()
 *         └───────────┴───────────┴──▶ failed: the caller sends what there is to send, and closes
 *
 * Clients that send everything at once are served like those that wait. What follows the request is the tunnel's: it is
 * handed back to the byte. Only CONNECT is there; BIND and UDP ASSOCIATE are refused as RFC 1928 §6 says.
 */
import { joined } from "../../http/joined.ts";
import { AddressError, type Target, targetOf } from "../address.ts";
import { ipText } from "./ip_address.ts";
import { replyCode, type SocksReply } from "./reply.ts";
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

/** How far a client has come. */
export type SocksState =
  /** More of its bytes are needed. */
  | { readonly kind: "more" }
  /** It wants a connection to a host (a name, or an address without brackets); `rest` is what it sent after that. */
  | { readonly kind: "connect"; readonly host: string; readonly port: number; readonly rest: Uint8Array }
  /** It cannot be served, for a reason in words. */
  | { readonly kind: "failed"; readonly reason: string };

/** What to send to a client now, in order, and how far it has come. */
export interface SocksStep {
  /** What to send; most often nothing or one piece. */
  readonly send: readonly Uint8Array[];
  /** How far it has come. */
  readonly state: SocksState;
}

/** Whether a user and a password are right. Compare in constant time. */
export type CheckLogin = (user: string, password: string) => boolean;

type Ended =
  | { readonly kind: "connect"; readonly host: string; readonly port: number }
  | { readonly kind: "failed"; readonly reason: string };

/** What one message of the client led to: its length, the answer, and what comes next. */
interface Message {
  readonly length: number;
  readonly send?: Uint8Array;
  readonly next: "login" | "request" | Ended;
}

const COMMANDS: Readonly<Record<number, string>> = { 2: "BIND", 3: "UDP ASSOCIATE" };
/** What a SOCKS 4 server answers to refuse a request: its clients then say so, rather than hang. */
const SOCKS4_REFUSAL = Uint8Array.of(0, 91, 0, 0, 0, 0, 0, 0);

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** One client. */
export class SocksServer {
  readonly #check: CheckLogin | undefined;
  #stage: "greeting" | "login" | "request" | "over" = "greeting";
  /** The beginning of a message: at most 514 bytes. */
  #held: Uint8Array = new Uint8Array(0);

  /**
   * A client that has said nothing yet.
   *
   * @param check Absent: no login is asked for, and whatever a client insists on logging in with is right.
   */
  constructor(check?: CheckLogin) {
    this.#check = check;
  }

  /**
   * Takes the next bytes of the client. They are borrowed until the call returns.
   *
   * @throws {Error} after `connect` or `failed`: what comes then is not SOCKS.
   */
  push(chunk: Uint8Array): SocksStep {
    if (this.#stage === "over") throw new Error("the client's SOCKS request is over");
    const send: Uint8Array[] = [];
    let bytes = this.#held.length === 0 ? chunk : joined([this.#held, chunk]);
    for (;;) {
      const message = this.#read(bytes);
      if (message === undefined) {
        this.#held = bytes.slice();
        return { send, state: { kind: "more" } };
      }
      if (message.send !== undefined) send.push(message.send);
      bytes = bytes.subarray(message.length);
      if (typeof message.next !== "string") {
        this.#stage = "over";
        const rest = bytes.slice();
        return { send, state: message.next.kind === "connect" ? { ...message.next, rest } : message.next };
      }
      this.#stage = message.next;
    }
  }

  /** The answer to a request that was understood; the connection is the tunnel's after `succeeded`, else it ends. */
  reply(reply: SocksReply): Uint8Array {
    return replyBytes(reply);
  }

  #read(bytes: Uint8Array): Message | undefined {
    if (this.#stage === "greeting") return readGreeting(bytes, this.#check !== undefined);
    if (this.#stage === "login") return readLogin(bytes, this.#check ?? (() => true));
    return readRequest(bytes);
  }
}

/** An answer to a request. Its address is none: the one this end dials from says nothing to a client. */
function replyBytes(reply: SocksReply): Uint8Array {
  return Uint8Array.of(VERSION, replyCode(reply), 0, IPV4, 0, 0, 0, 0, 0, 0);
}

function failed(reason: string, send?: Uint8Array): Message {
  return { length: 0, send, next: { kind: "failed", reason } };
}

function refused(reply: SocksReply, reason: string): Message {
  return failed(reason, replyBytes(reply));
}

/** RFC 1928 §3: version, how many ways to log in the client knows, and these. */
function readGreeting(bytes: Uint8Array, loginWanted: boolean): Message | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes[0] === 4) {
    return failed("found SOCKS 4, wanted SOCKS 5: set the client to socks5", SOCKS4_REFUSAL.slice());
  }
  if (bytes[0] !== VERSION) return failed(`found SOCKS version ${bytes[0]}, wanted 5`);
  if (bytes.length < 2 || bytes.length < 2 + bytes[1]) return undefined;
  const length = 2 + bytes[1];
  const offered = bytes.subarray(2, length);
  if (!loginWanted && offered.includes(NO_LOGIN)) {
    return { length, send: Uint8Array.of(VERSION, NO_LOGIN), next: "request" };
  }
  if (offered.includes(LOGIN)) return { length, send: Uint8Array.of(VERSION, LOGIN), next: "login" };
  const found = offered.length === 0 ? "none" : [...offered.subarray(0, 8)].join(", ");
  return failed(
    `found the login methods ${found}, wanted ${loginWanted ? "user and password (2)" : "none needed (0)"}`,
    Uint8Array.of(VERSION, NO_ACCEPTABLE_METHODS),
  );
}

/** RFC 1929 §2: version, user and password, each with its length before it. */
function readLogin(bytes: Uint8Array, check: CheckLogin): Message | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes[0] !== LOGIN_VERSION) {
    return failed(`found version ${bytes[0]} of the login, wanted 1`, Uint8Array.of(LOGIN_VERSION, 1));
  }
  const passwordAt = 2 + bytes[1];
  if (bytes.length < 2 || bytes.length <= passwordAt) return undefined;
  const length = passwordAt + 1 + bytes[passwordAt];
  if (bytes.length < length) return undefined;
  const user = utf8.decode(bytes.subarray(2, passwordAt));
  const password = utf8.decode(bytes.subarray(passwordAt + 1, length));
  if (!check(user, password)) return failed("wrong user or password", Uint8Array.of(LOGIN_VERSION, 1));
  return { length, send: Uint8Array.of(LOGIN_VERSION, 0), next: "request" };
}

/** RFC 1928 §4: version, command, reserved byte, address, port. */
function readRequest(bytes: Uint8Array): Message | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes[0] !== VERSION) {
    return refused("general-failure", `found version ${bytes[0]} of the request, wanted 5`);
  }
  if (bytes.length < 5) return undefined;
  const [, command, , type, first] = bytes;
  if (command !== CONNECT) {
    const found = COMMANDS[command] ?? `command ${command}`;
    return refused("command-not-supported", `found ${found}, wanted CONNECT: nothing else is supported`);
  }
  if (type !== IPV4 && type !== NAME && type !== IPV6) {
    return refused(
      "address-type-not-supported",
      `found address type ${type}, wanted IPv4 (1), a name (3) or IPv6 (4)`,
    );
  }
  const from = type === NAME ? 5 : 4;
  const portAt = type === NAME ? 5 + first : 4 + (type === IPV4 ? 4 : 16);
  const length = portAt + 2;
  if (bytes.length < length) return undefined;
  const address = bytes.subarray(from, portAt);
  return { length, ...destination(type === NAME ? utf8.decode(address) : ipText(address), bytes, portAt) };
}

/** What is asked for, once it has been checked: names come from clients, and go into dials and records. */
function destination(text: string, bytes: Uint8Array, portAt: number): Omit<Message, "length"> {
  try {
    const target = targetOf(text, String(bytes[portAt] << 8 | bytes[portAt + 1]));
    const { host, port } = target as Extract<Target, { kind: "tcp" }>;
    return { next: { kind: "connect", host, port } };
  } catch (error) {
    if (error instanceof AddressError) return refused("general-failure", error.message);
    throw error;
  }
}
