/**
 * The TCP segment in a captured packet: link layer, IPv4 (RFC 791) or IPv6 (RFC 8200) with its extension headers, TCP
 * (RFC 9293 §3.1).
 */
import type { CapturedPacket } from "./pcap_blocks.ts";

/** One segment. */
export interface Segment {
  /** `address:port` of the sender and of the receiver. */
  readonly from: string;
  /** See {@link from}. */
  readonly to: string;
  /** Port of the sender and of the receiver. */
  readonly fromPort: number;
  /** See {@link fromPort}. */
  readonly toPort: number;
  /** When it passed, ms since the epoch. */
  readonly at: number;
  /** Flags of the header: {@link FIN}, {@link SYN}, {@link RST}, {@link ACK}. */
  readonly flags: number;
  /** Number of its first byte. */
  readonly sequence: number;
  /** What was captured of its payload: a view. */
  readonly payload: Uint8Array;
  /** How many bytes the payload had. */
  readonly payloadBytes: number;
}

/** Flags of a segment. */
export const FIN = 1, SYN = 2, RST = 4, ACK = 16;

const TCP = 6;
const ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd;
/** Tags of virtual networks: IEEE 802.1Q and 802.1ad. */
const TAGS = [0x8100, 0x88a8, 0x9100];
/** Extension headers of IPv6 that have a next header and a length. */
const EXTENSIONS = [0, 43, 60, 135];
const FRAGMENT = 44;

/** The segment in a packet, or in words why there is none that can be read. */
export function segmentOf({ linkType, at, bytes, originalBytes }: CapturedPacket): Segment | string {
  const ipAt = ipOffset(linkType, bytes);
  if (typeof ipAt === "string") return ipAt;
  const missing = Math.max(0, originalBytes - bytes.length);
  const version = bytes[ipAt] >> 4;
  if (version === 4) return fromIpv4(bytes.subarray(ipAt), missing, at);
  if (version === 6) return fromIpv6(bytes.subarray(ipAt), missing, at);
  return "packets that are not IP";
}

/** Where the IP header begins. */
function ipOffset(linkType: number, bytes: Uint8Array): number | string {
  switch (linkType) {
    case 0:
    case 108:
      return 4;
    case 1:
      return behindType(bytes, 12);
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return 0;
    case 113:
      return behindType(bytes, 14);
    case 276:
      return u16(bytes, 0) === ETHERTYPE_IPV4 || u16(bytes, 0) === ETHERTYPE_IPV6
        ? 20
        : "packets that are not IP";
    default:
      return `packets of link type ${linkType}, which is not read`;
  }
}

/** Where what an EtherType announces begins, behind tags. */
function behindType(bytes: Uint8Array, typeAt: number): number | string {
  let at = typeAt;
  while (TAGS.includes(u16(bytes, at))) at += 4;
  const type = u16(bytes, at);
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 ? at + 2 : "packets that are not IP";
}

function fromIpv4(ip: Uint8Array, missing: number, at: number): Segment | string {
  const headBytes = (ip[0] & 15) * 4;
  if (ip.length < 20 || headBytes < 20) return "packets cut short within their headers";
  if ((u16(ip, 6) & 0x3fff) !== 0) return "fragments of IP packets";
  if (ip[9] !== TCP) return "packets that are not TCP";
  // A length of 0: the network card was to cut it into packets.
  const length = u16(ip, 2) || ip.length + missing;
  const hosts = [12, 16].map((offset) => ip.subarray(offset, offset + 4).join(".")) as [string, string];
  return fromTcp(ip.subarray(headBytes, length), length - headBytes, hosts, at);
}

function fromIpv6(ip: Uint8Array, missing: number, at: number): Segment | string {
  if (ip.length < 40) return "packets cut short within their headers";
  let next = ip[6], offset = 40;
  while (EXTENSIONS.includes(next) && offset + 8 <= ip.length) {
    next = ip[offset];
    offset += 8 + ip[offset + 1] * 8;
  }
  if (next === FRAGMENT) return "fragments of IP packets";
  if (next !== TCP) return "packets that are not TCP";
  const length = 40 + u16(ip, 4) === 40 ? ip.length + missing : 40 + u16(ip, 4);
  const hosts = [8, 24].map((from) => ipv6Text(ip.subarray(from, from + 16))) as [string, string];
  return fromTcp(ip.subarray(offset, length), length - offset, hosts, at);
}

function fromTcp(tcp: Uint8Array, tcpBytes: number, hosts: [string, string], at: number): Segment | string {
  const headBytes = (tcp[12] >> 4) * 4;
  if (tcp.length < 20 || headBytes < 20 || tcpBytes < headBytes) {
    return "packets cut short within their headers";
  }
  const [fromPort, toPort] = [u16(tcp, 0), u16(tcp, 2)];
  const view = new DataView(tcp.buffer, tcp.byteOffset);
  return {
    from: `${hosts[0]}:${fromPort}`,
    to: `${hosts[1]}:${toPort}`,
    fromPort,
    toPort,
    at,
    flags: tcp[13],
    sequence: view.getUint32(4),
    payload: tcp.subarray(headBytes),
    payloadBytes: tcpBytes - headBytes,
  };
}

/** An IPv6 address in brackets, in its short form; one that is mapped from IPv4 as that (RFC 4291 §2.5.5.2). */
function ipv6Text(bytes: Uint8Array): string {
  const isMapped = bytes[10] === 255 && bytes[11] === 255 &&
    bytes.subarray(0, 10).every((byte) => byte === 0);
  if (isMapped) return bytes.subarray(12).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => u16(bytes, 2 * i).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}
