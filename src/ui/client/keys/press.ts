/** Names for key presses. */

/** What a key press is told by, as a `KeyboardEvent` has it. */
export interface Press {
  /** The key, as Shift has made it. */
  readonly key: string;
  /** Whether Ctrl is down. */
  readonly ctrlKey: boolean;
  /** Whether Command is down: it counts as Ctrl. */
  readonly metaKey: boolean;
  /** Whether Shift is down. */
  readonly shiftKey: boolean;
}

/** The name of a key press as the bindings have it. */
export function pressOf(
  { key, ctrlKey, metaKey, shiftKey }: Press,
): string {
  if (ctrlKey || metaKey) return `Ctrl+${key.toLowerCase()}`;
  // What Shift makes of a key is another character already, but for letters and keys with a name.
  return shiftKey && (key.length > 1 || key.toLowerCase() !== key) ? `Shift+${key}` : key;
}
