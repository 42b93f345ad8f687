/** Text as it came, in lines. */
import { type Line, type LineReader, LineWriter } from "./line.ts";

/** Reads lines of any text. A CR at the end of a piece waits for what follows, which may be its LF. */
export class RawLines implements LineReader {
  readonly #out = new LineWriter();
  #rest = "";

  /** The lines so far. */
  get lines(): readonly Line[] {
    return this.#out.lines;
  }

  /** Whether it takes no more. */
  get isFull(): boolean {
    return this.#out.isFull;
  }

  /** Takes the next piece. */
  push(text: string): void {
    const whole = this.#rest + text;
    this.#rest = whole.endsWith("\r") ? "\r" : "";
    this.#out.addText("plain", this.#rest === "" ? whole : whole.slice(0, -1), 0);
  }

  /** The text is over. */
  end(): void {
    this.#out.addText("plain", this.#rest, 0);
    this.#rest = "";
  }
}
