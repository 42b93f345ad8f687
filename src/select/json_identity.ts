/**
 * Which JSON values are the same: objects whatever the order of their members, numbers by what they are worth, exactly
 * (1.0 is 1e0, 9007199254740993 is not 9007199254740992). Members with equal names are told apart by their order.
 *
 * Each distinct value gets a number of its own, given out once: no two values share one, as they could a hash.
 */
import { type JsonDocument, type JsonNode, scalarOf } from "./json_tree.ts";

/** What is compared otherwise than as it is written. */
export interface JsonView {
  /** Values that count as absent, in objects as in arrays. */
  readonly ignored: ReadonlySet<JsonNode>;
  /** What is compared instead of a string, or the text of a number. Absent: as it is. */
  readonly shown?: (text: string) => string;
}

const WHOLE: JsonView = { ignored: new Set() };

/** The identity of what is ignored. */
export const IGNORED = 1;

/** Gives out identities; those of documents that went through the same object can be compared. */
export class JsonIdentities {
  readonly #known = new Map<string, number>([["", IGNORED]]);

  /** Sets the identity of every value of a document. */
  assign({ text, nodes }: JsonDocument, { ignored, shown }: JsonView = WHOLE): void {
    for (const node of nodes) {
      node.identity = ignored.has(node) ? IGNORED : this.#identity(this.#key(node, text, shown));
    }
  }

  #identity(key: string): number {
    let identity = this.#known.get(key);
    if (identity === undefined) {
      identity = this.#known.size + 1;
      this.#known.set(key, identity);
    }
    return identity;
  }

  #key(node: JsonNode, source: string, shown: JsonView["shown"]): string {
    switch (node.kind) {
      case "object":
        return this.#objectKey(node);
      case "array":
        return `[${node.items.map(({ identity }) => identity).filter((id) => id !== IGNORED).join()}`;
      case "string": {
        const value = scalarOf(node, source);
        return `"${shown === undefined ? value : shown(value)}`;
      }
      case "number": {
        const value = source.slice(node.from, node.to);
        const seen = shown === undefined ? value : shown(value);
        return `#${seen === value ? canonicalNumber(value) : seen}`;
      }
      case "literal":
        return source.slice(node.from, node.to);
    }
  }

  #objectKey({ names, items }: JsonNode): string {
    const members: (readonly [name: number, value: number])[] = [];
    let last = 0;
    let isSorted = true;
    for (let i = 0; i < names.length; i++) {
      if (items[i].identity === IGNORED) continue;
      const name = this.#identity(`.${names[i]}`);
      isSorted &&= name >= last;
      last = name;
      members.push([name, items[i].identity]);
    }
    if (!isSorted) members.sort(([a], [b]) => a - b);
    return `{${members.join()}`;
  }
}

/** Whether two JSON texts are the same value. */
export function isSameJson(a: JsonDocument, b: JsonDocument): boolean {
  const identities = new JsonIdentities();
  identities.assign(a);
  identities.assign(b);
  return a.root.identity === b.root.identity;
}

/** Numbers of equal worth have equal texts: digits without zeros at either end, and a power of ten. */
export function canonicalNumber(text: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (parts === null) return text;
  const [, sign, whole, fraction = "", exponent = "0"] = parts;
  const digits = (whole + fraction).replace(/^0+/, "");
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end--;
  if (end === 0) return "0";
  // An exponent past what a double counts exactly is compared as written.
  const power = Number(exponent) - fraction.length + digits.length - end;
  return `${sign}${digits.slice(0, end)}e${Number.isSafeInteger(power) ? power : exponent}`;
}
