/** What a fault that strikes at a byte must be able to tell. One small file for each: `drop.ts`, `corrupt.ts`, … */

/** What a fault does where it strikes. */
export type Strike =
  /** The next `bytes` vanish. `note` tells of a run of them that is complete. */
  | { readonly kind: "drop"; readonly bytes: number; readonly note?: DroppedRun }
  /** The next byte is combined with `mask` by exclusive or. */
  | { readonly kind: "change"; readonly mask: number }
  /** Nothing passes from here on; after `endAfterMs` the connection is ended, if that is given. */
  | { readonly kind: "hang"; readonly endAfterMs: number | undefined }
  /** The connection is ended; `abrupt`: at once, else as if the sender had ended. What follows does not pass. */
  | { readonly kind: "end"; readonly abrupt: boolean };

/** Bytes side by side that vanished. */
export interface DroppedRun {
  /** Where the first stood. */
  readonly offset: number;
  /** How many they were. */
  readonly bytes: number;
}

/**
 * A fault that strikes at places among the bytes of one direction. Places depend on nothing but offsets, so that they are
 * the same however reads were cut.
 */
export interface ByteFault {
  /** What notes call it. */
  readonly name: string;
  /** Whether it strikes as soon as its place is reached; else, with the byte that stands there. */
  readonly early: boolean;
  /** How many bytes pass before it strikes next; 0: it strikes here; `Infinity`: never again. */
  distance(offset: number): number;
  /**
   * It strikes. Called where {@link distance} is 0.
   *
   * @param available How many bytes there are from here, from 1; from 0 if it strikes early.
   */
  strike(offset: number, available: number): Strike;
  /** The direction has ended. @returns A run that was not complete. */
  ended?(): DroppedRun | undefined;
}
