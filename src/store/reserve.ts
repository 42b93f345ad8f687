/**
 * Room on the disk of a history that is held until the disk is full: removing takes some, too. It is a file without a
 * name, so that nothing of it is left behind.
 */

/** Enough to write down a removal, and to carry it out. */
const RESERVE_BYTES = 1024 * 1024;

/** Holds room. */
export class Reserve implements Disposable {
  readonly #path: string;
  #file: Deno.FsFile | undefined;
  #isHeld = false;

  /**
   * Holds none yet.
   *
   * @param path Where the file is for a moment.
   */
  constructor(path: string) {
    this.#path = path;
  }

  /** Takes the room, unless it is held. @returns Whether it is there; also where files without a name cannot be had. */
  take(): boolean {
    if (this.#isHeld) return true;
    const file = this.#file ??= nameless(this.#path);
    if (file === undefined) return true;
    try {
      file.seekSync(0, Deno.SeekMode.Start);
      // What is all zeros some file systems store as nothing.
      const bytes = crypto.getRandomValues(new Uint8Array(65_536));
      for (let left = RESERVE_BYTES; left > 0;) {
        left -= file.writeSync(bytes.subarray(0, Math.min(left, bytes.length)));
      }
      return this.#isHeld = true;
    } catch {
      this.letGo();
      return false;
    }
  }

  /** Gives the room back to the disk. */
  letGo(): void {
    this.#isHeld = false;
    this.#file?.truncateSync(0);
  }

  /** Gives it back for good. */
  [Symbol.dispose](): void {
    this.#file?.close();
  }
}

function nameless(path: string): Deno.FsFile | undefined {
  if (Deno.build.os === "windows") return undefined;
  try {
    const file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
    Deno.removeSync(path);
    return file;
  } catch {
    return undefined;
  }
}
