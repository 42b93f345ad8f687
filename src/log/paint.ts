/** Colours of the human formats: SGR sequences (ECMA-48 §8.3.117), put by tcpmon around escaped text where wanted. */
import type { ByteWriter } from "./byte_writer.ts";
import { writeLine } from "./escape.ts";

/** What is written before and after a text; nothing, without colour. */
export interface Style {
  /** The sequence that switches the style on. */
  readonly before: Uint8Array;
  /** The sequence that switches every style off. */
  readonly after: Uint8Array;
}

/** The styles that the human formats use. */
export interface Paint {
  /** What stands in the background: addresses, line marks, notes. */
  readonly dim: Style;
  /** Method and target. */
  readonly bold: Style;
  /** Failures: server errors, outcomes. */
  readonly red: Style;
  /** Success. */
  readonly green: Style;
  /** Client errors, flags, rewritten fields. */
  readonly yellow: Style;
  /** Redirections and upgrades. */
  readonly cyan: Style;
}

/** The styles, with or without colour. */
export function createPaint(color: boolean): Paint {
  const encoder = new TextEncoder();
  const style = (code: number): Style => ({
    before: encoder.encode(color ? `\x1b[${code}m` : ""),
    after: encoder.encode(color ? "\x1b[0m" : ""),
  });
  return {
    dim: style(2),
    bold: style(1),
    red: style(31),
    green: style(32),
    yellow: style(33),
    cyan: style(36),
  };
}

/** Appends a text in a style, escaped: no sequence from the wire can get among those of the style. */
export function writeStyled(text: string, style: Style, out: ByteWriter): void {
  const isPlain = style.before.length === 0;
  if (!isPlain) out.bytes(style.before);
  writeLine(text, out);
  if (!isPlain) out.bytes(style.after);
}

/** The style of a status code: 2xx green, 3xx cyan, 4xx yellow, 5xx and beyond red, 1xx dim. */
export function statusStyle(status: number, paint: Paint): Style {
  if (status < 200) return paint.dim;
  if (status < 300) return paint.green;
  if (status < 400) return paint.cyan;
  return status < 500 ? paint.yellow : paint.red;
}
