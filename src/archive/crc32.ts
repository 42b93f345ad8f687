/**
 * The checksum of gzip (RFC 1952 §8), as the bytes come. `node:zlib` has it too, but that of Deno 2.4 cannot go on from a
 * checksum of 2^31 or more.
 */

/** For each of the last four bytes: what it does to the checksum of the bytes behind it, four at a time. */
const TABLES: readonly Int32Array[] = tables();

function tables(): Int32Array[] {
  const made = Array.from({ length: 4 }, () => new Int32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : sum >>> 1 ^ 0xedb88320;
    made[0][byte] = sum;
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let i = 1; i < 4; i++) {
      made[i][byte] = made[i - 1][byte] >>> 8 ^ made[0][made[i - 1][byte] & 255];
    }
  }
  return made;
}

/**
 * The checksum of some bytes behind others.
 *
 * @param before The checksum of the others; 0 where there are none.
 * @returns 0 to 2^32 - 1.
 */
export function crc32(bytes: Uint8Array, before: number): number {
  const [first, second, third, fourth] = TABLES;
  let sum = ~before;
  let at = 0;
  for (const end = bytes.length - 3; at < end; at += 4) {
    sum ^= bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
    sum = fourth[sum & 255] ^ third[sum >>> 8 & 255] ^ second[sum >>> 16 & 255] ^ first[sum >>> 24];
  }
  for (; at < bytes.length; at++) sum = sum >>> 8 ^ first[(sum ^ bytes[at]) & 255];
  return ~sum >>> 0;
}
