/** Base64 (RFC 4648 §4), written straight into the log's buffer: a large body needs no string of its own. */
import type { ByteWriter } from "./byte_writer.ts";

const ALPHABET = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const PADDING = 0x3d;

/** Appends `bytes` in base64, with padding, without line breaks. */
export function writeBase64(out: ByteWriter, bytes: Uint8Array): void {
  const buffer = out.reserve(Math.ceil(bytes.length / 3) * 4);
  const start = out.length;
  const whole = bytes.length - bytes.length % 3;
  let at = start;
  for (let i = 0; i < whole; i += 3) {
    const group = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
    buffer[at] = ALPHABET[group >> 18];
    buffer[at + 1] = ALPHABET[group >> 12 & 0x3f];
    buffer[at + 2] = ALPHABET[group >> 6 & 0x3f];
    buffer[at + 3] = ALPHABET[group & 0x3f];
    at += 4;
  }
  const left = bytes.length - whole;
  if (left > 0) {
    const group = bytes[whole] << 16 | (left === 2 ? bytes[whole + 1] << 8 : 0);
    buffer[at] = ALPHABET[group >> 18];
    buffer[at + 1] = ALPHABET[group >> 12 & 0x3f];
    buffer[at + 2] = left === 2 ? ALPHABET[group >> 6 & 0x3f] : PADDING;
    buffer[at + 3] = PADDING;
    at += 4;
  }
  out.advance(at - start);
}
