/** `--rate`: bits take time. Pieces are as large as packets, or what passes in a few ms where that is more. */

const BITS_PER_BYTE = 8;
const MS_PER_SECOND = 1_000;
/** Payload of a TCP segment on Ethernet. */
const PACKET_BYTES = 1_460;
/** Smaller pieces would only cost more timers, which are no finer than a ms. */
const PIECE_MS = 5;
const MOST_PIECE_BYTES = 64 * 1024;

/** How long it takes to send so many bytes, ms. */
export function sendingMs(bytes: number, bitsPerSecond: number): number {
  return bytes * BITS_PER_BYTE * MS_PER_SECOND / bitsPerSecond;
}

/** How many bytes are sent as one piece. */
export function ratePieceBytes(bitsPerSecond: number): number {
  return Math.min(MOST_PIECE_BYTES, Math.max(PACKET_BYTES, Math.floor(bytesWithin(PIECE_MS, bitsPerSecond))));
}

/** How many bytes pass within `ms`. */
export function bytesWithin(ms: number, bitsPerSecond: number): number {
  return ms * bitsPerSecond / BITS_PER_BYTE / MS_PER_SECOND;
}
