/**
 * Which namespace a name of an envelope is in (Namespaces in XML 1.0 §6): the declarations in scope, as
 * places in its bytes.
 */
import { startsWith } from "./redact/runs.ts";
import type { XmlTags } from "./soap_xml.ts";

/**
 * How many declarations are kept: real envelopes have a dozen, and each name is looked for among all of them.
 */
const MAX_DECLARATIONS = 128;

/** A declaration: where the prefix stands, of no length for the default namespace, and where the URI. */
interface Declaration {
  readonly prefixStart: number;
  readonly prefixEnd: number;
  readonly start: number;
  readonly end: number;
}

const COLON = 0x3a;
const XMLNS = new TextEncoder().encode("xmlns");

/** The declarations in scope at a place of an XML text. URIs are compared as they are written (§2.3). */
export class SoapNamespaces {
  readonly #bytes: Uint8Array;
  readonly #declarations: Declaration[] = [];

  /** None are in scope yet. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * Takes the declarations of the start tag at hand into scope.
   *
   * @returns What {@link forget} wants at its end tag.
   */
  declare(tags: XmlTags): number {
    const mark = this.#declarations.length;
    const bytes = this.#bytes;
    tags.attributes((nameStart, nameEnd, start, end) => {
      if (!startsWith(bytes, nameStart, nameEnd, XMLNS) || this.#declarations.length >= MAX_DECLARATIONS) {
        return;
      }
      const behind = nameStart + XMLNS.length;
      if (behind < nameEnd && bytes[behind] !== COLON) return;
      this.#declarations.push({ prefixStart: Math.min(behind + 1, nameEnd), prefixEnd: nameEnd, start, end });
    });
    return mark;
  }

  /** Leaves the scope of the declarations that were taken in since. */
  forget(mark: number): void {
    this.#declarations.length = mark;
  }

  /** The namespace of the name at hand, as it is written; `undefined` where none is declared. */
  of(tags: XmlTags): Uint8Array | undefined {
    const found = this.#find(tags);
    return found === undefined ? undefined : this.#bytes.subarray(found.start, found.end);
  }

  /** Whether the name at hand is in this namespace. */
  has(tags: XmlTags, uri: Uint8Array): boolean {
    const found = this.#find(tags);
    return found !== undefined && found.end - found.start === uri.length &&
      startsWith(this.#bytes, found.start, found.end, uri);
  }

  /** The innermost declaration of the prefix of the name at hand. */
  #find({ nameStart, localStart }: XmlTags): Declaration | undefined {
    const length = Math.max(0, localStart - 1 - nameStart);
    for (let i = this.#declarations.length - 1; i >= 0; i--) {
      const declaration = this.#declarations[i];
      if (declaration.prefixEnd - declaration.prefixStart !== length) continue;
      if (this.#isSame(declaration.prefixStart, nameStart, length)) return declaration;
    }
    return undefined;
  }

  #isSame(one: number, other: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (this.#bytes[one + i] !== this.#bytes[other + i]) return false;
    return true;
  }
}
