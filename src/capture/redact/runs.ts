/** Runs of bytes: whether one stands somewhere, and where. */

/** Whether `prefix` stands at `at`, all of it before `to`. */
export function startsWith(bytes: Uint8Array, at: number, to: number, prefix: Uint8Array): boolean {
  if (at + prefix.length > to) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}

/** Where `wanted` stands first between `from` and `to`, or -1. */
export function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number, to: number): number {
  // The last byte of what is looked for here is ">", which is rarer in text than the first.
  const last = wanted.length - 1;
  let at = bytes.indexOf(wanted[last], from + last);
  for (; at >= 0 && at < to; at = bytes.indexOf(wanted[last], at + 1)) {
    let i = 0;
    while (i < last && bytes[at - last + i] === wanted[i]) i++;
    if (i === last) return at - last;
  }
  return -1;
}
