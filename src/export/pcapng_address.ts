/**
 * Addresses for the two ends of a recorded connection, so that it can be shown as a TCP conversation.
 *
 * IP addresses stay as they are. A host name or a Unix socket gets one out of 198.18.0.0/15, which is set aside for tests
 * (RFC 2544, RFC 6890), found by a hash of its name: the same in every export. IPv4 beside IPv6 becomes an IPv4-mapped
 * address (RFC 4291 §2.5.5.2).
 */
import type { ConnectionInfo } from "../capture/record.ts";
import type { AddressName } from "./pcapng_block.ts";

/** The ends of a conversation. */
export interface Ends {
  /** The client's address: 4 bytes of IPv4 or 16 of IPv6. */
  readonly client: Uint8Array;
  /** Its port. */
  readonly clientPort: number;
  /** The target's address, of the same kind. */
  readonly server: Uint8Array;
  /** Its port. */
  readonly serverPort: number;
  /** Names of these addresses that were not told before. */
  readonly names: readonly AddressName[];
}

/** Which ports will do. */
export interface PortRules {
  /** The server's port that is to stand for the real one. */
  readonly serverPort: (port: number) => number;
  /** Whether the client may have this one. */
  readonly suitsClient: (port: number) => boolean;
}

/** The first of the addresses that names get, and how many there are. */
const NAMED_FIRST = 0xc6120001, NAMED_COUNT = 0x1fffe;
/** Names that have an address of their own; those behind them share. */
const MAX_NAMES = 50_000;
const MAX_NAME_LENGTH = 255;
/** Ports for ends that have none, among those that systems give to clients (RFC 6335 §6). */
const FREE_PORT_FIRST = 49_152, FREE_PORTS = 16_384;
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([["https", 443], ["tls", 443]]);
const HTTP_PORT = 80;

/** An end as its text tells it. */
interface End {
  readonly host: string;
  readonly port?: number;
}

/** Gives ends to conversations. No two that are open at once have the same. */
export class AddressBook {
  readonly #named = new Map<string, Uint8Array>();
  readonly #taken = new Set<number>();
  readonly #open = new Set<string>();
  /** Goes round, so that a port that is free is soon found. */
  #spare = 0;

  /**
   * The ends of a conversation, which are taken until {@link release}.
   *
   * A client's port that does not suit, or is taken already, becomes another one.
   */
  ends({ id, client, target }: ConnectionInfo, ports: PortRules): Ends {
    const from = endOf(client), to = endOf(target);
    const names: AddressName[] = [];
    let [a, b] = [this.#address(from.host, names), this.#address(to.host, names)];
    if (a.length !== b.length) {
      [a, b] = [inIpv6(a, from.host), inIpv6(b, to.host)];
    }
    const serverPort = ports.serverPort(to.port ?? HTTP_PORT);
    let clientPort = from.port ?? FREE_PORT_FIRST + id % FREE_PORTS;
    let key = keyOf(a, clientPort, b, serverPort);
    for (let tries = 0; tries < FREE_PORTS; tries++) {
      if (key !== undefined && ports.suitsClient(clientPort) && !this.#open.has(key)) break;
      clientPort = FREE_PORT_FIRST + this.#spare++ % FREE_PORTS;
      key = keyOf(a, clientPort, b, serverPort);
    }
    if (key !== undefined) this.#open.add(key);
    return { client: a, clientPort, server: b, serverPort, names };
  }

  /** Lets others have these ends. */
  release({ client, clientPort, server, serverPort }: Ends): void {
    const key = keyOf(client, clientPort, server, serverPort);
    if (key !== undefined) this.#open.delete(key);
  }

  #address(host: string, names: AddressName[]): Uint8Array {
    if (host === "localhost") return Uint8Array.of(127, 0, 0, 1);
    return ipAddress(host) ?? this.#addressOfName(host, names);
  }

  #addressOfName(host: string, names: AddressName[]): Uint8Array {
    const known = this.#named.get(host);
    if (known !== undefined) return known;
    let index = hash(host) % NAMED_COUNT;
    const isKept = this.#named.size < MAX_NAMES;
    while (isKept && this.#taken.has(index)) index = (index + 1) % NAMED_COUNT;
    const number = NAMED_FIRST + index;
    const address = Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
    if (!isKept) return address;
    this.#taken.add(index);
    this.#named.set(host, address);
    const name = shown(host);
    names.push({ address, name }, { address: mapped(address), name });
    return address;
  }
}

/** Takes `HOST:PORT`, `[V6]:PORT`, `scheme://…`, `unix:PATH` or a host alone apart. */
function endOf(text: string): End {
  if (text.startsWith("unix:")) return { host: text };
  const [, scheme = "", rest] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*?)\/?$/is.exec(text) ?? ["", "", text];
  const [, inBrackets, outside = "", digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(rest) ??
    ["", undefined, rest, undefined];
  const port = digits === undefined ? DEFAULT_PORTS.get(scheme.toLowerCase()) : Number(digits);
  const host = inBrackets ?? outside;
  return port !== undefined && port > 0 && port < 65_536 ? { host, port } : { host };
}

/** The bytes of an address: 4 or 16; `undefined` for a name. */
function ipAddress(host: string): Uint8Array | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) {
    const parts = host.split(".").map(Number);
    return parts.every((part) => part < 256) ? Uint8Array.from(parts) : undefined;
  }
  if (!host.includes(":")) return undefined;
  const text = URL.parse(`http://[${host.replace(/%.*$/s, "")}]`)?.hostname.slice(1, -1);
  if (text === undefined) return undefined;
  // In this form only hexadecimal groups are left, and at most one "::".
  const [before, after] = text.split("::").map((side) => side === "" ? [] : side.split(":"));
  const groups = [...before, ...Array(8 - before.length - (after?.length ?? 0)).fill("0"), ...after ?? []];
  const bytes = Uint8Array.from(
    groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]),
  );
  const isMapped = bytes.subarray(0, 12).every((byte, i) => byte === MAPPED[i]);
  return isMapped ? bytes.slice(12) : bytes;
}

/** What stands before an IPv4 address in an IPv6 one. */
const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255);

function mapped(address: Uint8Array): Uint8Array {
  return Uint8Array.of(...MAPPED, ...address);
}

/** An address beside one of IPv6. */
function inIpv6(address: Uint8Array, host: string): Uint8Array {
  if (address.length === 16) return address;
  return host === "localhost" ? Uint8Array.of(...Array(15).fill(0), 1) : mapped(address);
}

/** What tells a conversation from others, whoever began it; `undefined` where both ends are the same. */
function keyOf(
  client: Uint8Array,
  clientPort: number,
  server: Uint8Array,
  serverPort: number,
): string | undefined {
  const [from, to] = [`${client.join(".")}:${clientPort}`, `${server.join(".")}:${serverPort}`];
  return from === to ? undefined : from < to ? `${from} ${to}` : `${to} ${from}`;
}

/** A name as a file may hold it: without controls and not too long. */
function shown(host: string): string {
  // deno-lint-ignore no-control-regex -- controls are what it looks for
  const safe = host.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?").slice(0, MAX_NAME_LENGTH);
  return safe === "" ? "unknown" : safe;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}
