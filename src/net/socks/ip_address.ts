/**
 * IP addresses as bytes and back, as SOCKS and address ranges need them: dotted decimal for IPv4, RFC 4291 §2.2 and
 * RFC 5952 for IPv6.
 *
 * An IPv4 address that was mapped into IPv6 (RFC 4291 §2.5.5.2) is the IPv4 address: a connection to it is IPv4, and
 * whoever compares addresses must not be got round by the other way of writing.
 */

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

/**
 * The bytes of an address: 4 for IPv4 and for IPv4 mapped into IPv6, 16 for other IPv6 addresses.
 *
 * @param text The address without brackets; a zone (`%eth0`) is passed over.
 * @returns `undefined` where it is no address. Decimal numbers with leading zeros are none: some read them as octal.
 */
export function ipBytes(text: string): Uint8Array | undefined {
  return text.includes(":") ? ipv6Bytes(text.replace(/%.*$/s, "")) : ipv4Bytes(text);
}

/**
 * An address as text: `192.0.2.1`, or IPv6 in its shortest form.
 *
 * @param bytes 4 or 16 bytes.
 */
export function ipText(bytes: Uint8Array): string {
  const address = unmapped(bytes);
  if (address.length === IPV4_BYTES) return address.join(".");
  const groups: string[] = [];
  for (let at = 0; at < IPV6_BYTES; at += 2) groups.push((address[at] << 8 | address[at + 1]).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function ipv4Bytes(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const bytes = new Uint8Array(IPV4_BYTES);
  for (let i = 0; i < IPV4_BYTES; i++) {
    const decimal = match[i + 1];
    bytes[i] = Number(decimal);
    // What does not fit into a byte, or has leading zeros, does not read back.
    if (String(bytes[i]) !== decimal) return undefined;
  }
  return bytes;
}

function ipv6Bytes(text: string): Uint8Array | undefined {
  if (!/^[0-9A-Fa-f:.]+$/.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  // A URL writes the address in hexadecimal groups, at most one run of zeros left out as "::".
  const [before, after] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const head = groupsOf(before);
  const tail = groupsOf(after ?? "");
  const bytes = new Uint8Array(IPV6_BYTES);
  const put = (group: number, at: number) => bytes.set([group >> 8, group & 0xff], at);
  head.forEach((group, i) => put(group, 2 * i));
  tail.forEach((group, i) => put(group, IPV6_BYTES - 2 * (tail.length - i)));
  return unmapped(bytes);
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
}

/** The IPv4 address in `::ffff:0:0/96`; any other as it is. */
function unmapped(bytes: Uint8Array): Uint8Array {
  const mapped = bytes.length === IPV6_BYTES && bytes[10] === 0xff && bytes[11] === 0xff &&
    bytes.subarray(0, 10).every((byte) => byte === 0);
  return mapped ? bytes.subarray(12) : bytes;
}
