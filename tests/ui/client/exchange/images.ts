/** The smallest pictures. */
import { base64Bytes } from "../../../../src/ui/client/exchange/body/source.ts";

/** 1 × 1. */
export const PNG: Uint8Array = base64Bytes(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
)!;
/** 1 × 1. */
export const GIF: Uint8Array = base64Bytes("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")!;
/** 1 × 1. */
export const WEBP: Uint8Array = base64Bytes("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")!;
/** Its frame header says 16 × 8; there is no picture in it. */
export const JPEG: Uint8Array = Uint8Array.of(
  ...[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc2, 0, 11, 8, 0, 8, 0, 16, 1, 1, 0x11, 0],
);
