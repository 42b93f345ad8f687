/**
 * Pictures that are shown as such: PNG, JPEG, GIF and WebP, told by their first bytes and never by what a message says
 * of them. Everything else, SVG before all, is text or bytes.
 */

/** A picture. */
export interface ImageKind {
  /** Its media type. */
  readonly type: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
  /** Its size in pixels; absent where it does not stand in the bytes that were looked at. */
  readonly width?: number;
  /** See {@link width}. */
  readonly height?: number;
}

/** A picture of more pixels than this is not drawn unasked: a small file can decode to gigabytes. */
export const MAX_PIXELS = 50_000_000;
/** A longer file is not fetched to be drawn. */
export const MAX_IMAGE_BYTES = 16 * 1024 * 1024;

const PNG = "\x89PNG\r\n\x1a\n";

/** The picture that bytes begin, or `undefined`. */
export function imageOf(bytes: Uint8Array): ImageKind | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (begins(bytes, 0, PNG)) {
    return { type: "image/png", ...bytes.length >= 24 && sized(view.getUint32(16), view.getUint32(20)) };
  }
  if (begins(bytes, 0, "GIF87a") || begins(bytes, 0, "GIF89a")) {
    return {
      type: "image/gif",
      ...bytes.length >= 10 && sized(view.getUint16(6, true), view.getUint16(8, true)),
    };
  }
  if (begins(bytes, 0, "RIFF") && begins(bytes, 8, "WEBP")) {
    return { type: "image/webp", ...webpSize(bytes, view) };
  }
  if (begins(bytes, 0, "\xff\xd8\xff")) return { type: "image/jpeg", ...jpegSize(view) };
  return undefined;
}

/** Whether a picture may be drawn: its size is known, and not absurd. */
export function isDrawable({ width, height }: ImageKind): boolean {
  return width !== undefined && height !== undefined && width * height <= MAX_PIXELS;
}

function begins(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

function sized(width: number, height: number): { width: number; height: number } {
  return { width, height };
}

/** RFC 9649 §2: a simple lossy file, a simple lossless one, or an extended one. */
function webpSize(bytes: Uint8Array, view: DataView): { width: number; height: number } | undefined {
  if (bytes.length < 30) return undefined;
  if (begins(bytes, 12, "VP8 ")) {
    return sized(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
  }
  if (begins(bytes, 12, "VP8L")) {
    const bits = view.getUint32(21, true);
    return sized((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1);
  }
  if (!begins(bytes, 12, "VP8X")) return undefined;
  const at24 = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 65536;
  return sized(at24(24) + 1, at24(27) + 1);
}

/** ITU-T T.81 §B.2: segments up to the frame header, which has the size. */
function jpegSize(view: DataView): { width: number; height: number } | undefined {
  for (let at = 2; at + 9 <= view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
    } else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return sized(view.getUint16(at + 7), view.getUint16(at + 5));
    } else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
    } else {
      const length = view.getUint16(at + 2);
      if (length < 2) return undefined;
      at += 2 + length;
    }
  }
  return undefined;
}
