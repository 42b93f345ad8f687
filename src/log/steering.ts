/**
 * Which characters no format of the log writes as they are, since they could drive a terminal or reorder a line
 * (CVE-2009-4487; Unicode UAX #9): C0 and C1 controls, DEL, the bidirectional controls U+061C, U+200E, U+200F,
 * U+202A–U+202E and U+2066–U+2069, and the line and paragraph separators U+2028 and U+2029. TAB and line breaks each
 * format treats in its own way.
 */

/** The hexadecimal digits as ASCII, for escapes and dumps. */
export const HEX_DIGITS: Uint8Array = new TextEncoder().encode("0123456789abcdef");

/** Whether a byte, or a character below U+0080, is a control or DEL. */
export function isControl(code: number): boolean {
  return code < 32 || code === 127;
}

/** Whether a character from U+0080 on is a C1 control, a bidirectional control or a line separator. */
export function isSteering(unit: number): boolean {
  if (unit < 0x200e) return unit < 0xa0 || unit === 0x061c;
  if (unit > 0x2069) return false;
  return unit <= 0x200f || (unit >= 0x2028 && unit <= 0x202e) || unit >= 0x2066;
}
