/**
 * SOAP in a summary line: `GetQuote` after the target, `fault soap:Server "Out of stock"` after the status.
 * Both come from the wire: shortened, on one line, escaped, and quotes inside of quotes are written `\x22`.
 */
import type { SoapFault } from "../capture/soap.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { escapeLine } from "./escape.ts";
import { type Paint, writeStyled } from "./paint.ts";

/** Longest text in a summary, in characters: a Fault may carry a stack trace. */
const SHOWN_CHARACTERS = 80;

const SPACE = 32;

/** Appends `GetQuote `. */
export function writeOperation(operation: string, paint: Paint, out: ByteWriter): void {
  writeStyled(shortened(operation), paint.bold, out);
  out.byte(SPACE);
}

/** Appends `fault soap:Server "Out of stock" `; subcodes stand behind the code: `env:Sender/m:NoStock`. */
export function writeFault({ code, subcodes = [], string }: SoapFault, paint: Paint, out: ByteWriter): void {
  writeStyled(`fault ${shortened([code, ...subcodes].join("/"))}`.trimEnd(), paint.red, out);
  out.byte(SPACE);
  if (string === "") return;
  out.text(`"${withoutQuotes(escapeLine(shortened(string)))}" `);
}

/** The beginning of a text, each run of white space as one space. */
function shortened(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  if (line.length <= SHOWN_CHARACTERS) return line;
  return `${line.slice(0, SHOWN_CHARACTERS - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** Backslashes before a quote are doubled, as `escape.ts` has it: an odd number of them begins an escape. */
function withoutQuotes(escaped: string): string {
  return escaped.replace(/(\\*)"/g, (_, backslashes) => `${backslashes}${backslashes}\\x22`);
}
