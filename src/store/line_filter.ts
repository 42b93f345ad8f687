/**
 * Whether a line of the log may be of a record that passes a filter, told from its letters alone: a text that is looked
 * for stands in the line as JSON writes it. It costs a tenth of reading the record.
 */
import type { Expression, TextValue } from "../capture/filter/expression.ts";
import { ByteWriter } from "../log/byte_writer.ts";
import { writeJsonString } from "../log/json_string.ts";

/** The keys whose texts stand in the line as they are, with bare words. */
const IN_LINE: ReadonlySet<string> = new Set([
  "body",
  "request-body",
  "response-body",
  "path",
  "query",
  "url",
]);

/** Letters beyond ASCII that become ASCII in lower case (İ, and K, the Kelvin sign), as UTF-8 in lower case Latin-1. */
const FOLDING = /\xe4\xb0|\xe2\x84\xaa/;

const decoder = new TextDecoder();

/**
 * A test of lines, as Latin-1 in lower case; `undefined`: they do not tell.
 *
 * @returns `false` only where no record of that line passes.
 */
export function lineFilter(expression: Expression): ((lowerLine: string) => boolean) | undefined {
  const wanted = wantedBy(expression);
  if (wanted.length === 0) return undefined;
  return (line) =>
    wanted.every((text) => line.includes(text)) ||
    // A body that is no text, or a record that passes every filter.
    line.includes('"base64":') || line.startsWith('{"type":"lost"') || FOLDING.test(line);
}

/** Parts of texts that each record has which passes. */
function wantedBy(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case "and":
      return expression.terms.flatMap(wantedBy);
    case "search":
      return partsOf(expression.value);
    case "text":
      return IN_LINE.has(expression.key) && expression.values.length === 1
        ? partsOf(expression.values[0])
        : [];
    default:
      return [];
  }
}

function partsOf(value: TextValue): readonly string[] {
  const texts = value.kind === "glob" ? value.parts : [value.text];
  return texts.flatMap((text) => {
    // Lower case is known to be the same in bytes for ASCII alone.
    const runs = text.toLowerCase().match(/[\0-\x7f]+/g) ?? [];
    return runs.map((run) => {
      const out = new ByteWriter(64);
      writeJsonString(out, run);
      return decoder.decode(out.view()).slice(1, -1).toLowerCase();
    });
  });
}
