/** Bytes for tests of SOCKS: written as numbers and text, and cut into pieces. */

const encoder = new TextEncoder();

/** Numbers as bytes, text as its bytes in UTF-8, one after the other. */
export function bytes(...parts: readonly (number | string | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => {
      if (typeof part === "number") return [part];
      return [...typeof part === "string" ? encoder.encode(part) : part];
    }),
  );
}

/** Text with its length in a byte before it. */
export function counted(text: string): Uint8Array {
  const encoded = encoder.encode(text);
  return bytes(encoded.length, encoded);
}

/** Whole, byte by byte, and in two at every offset. */
export function* cuts(whole: Uint8Array): Generator<readonly Uint8Array[]> {
  yield [whole];
  yield [...whole].map((byte) => Uint8Array.of(byte));
  for (let at = 1; at < whole.length; at++) yield [whole.slice(0, at), whole.slice(at)];
}
