/**
 * A small picture, so that the demo has a body that is no text: prices as bars, written as PNG (W3C PNG, 3rd edition).
 */
import { deflateSync } from "node:zlib";
import { concat } from "./wire.ts";

const WIDTH = 80;
const HEIGHT = 40;
/** Columns of one bar, and those left empty after it. */
const BAR = 12;
const GAP = 4;
/** Grey background, then the bars' colour: the palette, three bytes each. */
const PALETTE = Uint8Array.of(0xf4, 0xf4, 0xf2, 0x1f, 0x6f, 0xb2);
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** The PNG of the values as bars from left to right, the largest as high as the picture; five have room. */
export function chartPng(values: readonly number[]): Uint8Array<ArrayBuffer> {
  const highest = Math.max(...values, 1);
  // Each row begins with its filter type, 0: none.
  const rows = new Uint8Array((WIDTH + 1) * HEIGHT);
  values.forEach((value, index) => {
    const left = 1 + GAP / 2 + index * (BAR + GAP);
    for (let row = Math.round(HEIGHT * (1 - value / highest)); row < HEIGHT; row++) {
      rows.fill(1, row * (WIDTH + 1) + left, row * (WIDTH + 1) + left + BAR);
    }
  });
  // Bit depth 8, colour type 3: an index into the palette.
  const header = concat([bigEndian(WIDTH), bigEndian(HEIGHT), Uint8Array.of(8, 3, 0, 0, 0)]);
  return concat([
    SIGNATURE,
    pngChunk("IHDR", header),
    pngChunk("PLTE", PALETTE),
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", new Uint8Array(0)),
  ]);
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const content = concat([new TextEncoder().encode(type), data]);
  return concat([bigEndian(data.length), content, bigEndian(crc32(content))]);
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16 & 0xff, value >>> 8 & 0xff, value & 0xff);
}

/** CRC-32 of ISO 3309, as PNG asks for (annex D there). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc >>> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
