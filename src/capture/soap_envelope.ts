/**
 * SOAP envelopes (SOAP 1.1 §4; SOAP 1.2 Part 1 §5), read no further than is told of them: the header blocks
 * of WS-Addressing (Core §3.2) and the first child of the Body, which names the operation or is a Fault.
 *
 * The end of an envelope may be missing: what stands before it is read. Nothing is validated.
 */
import { SoapNamespaces } from "./soap_namespaces.ts";
import { XmlTags } from "./soap_xml.ts";
import { textOfXml } from "./redact/xml_text.ts";

/** A version of SOAP. */
export type SoapVersion = "1.1" | "1.2";

/**
 * Why a call failed. Texts without the white space around them, at most {@link TEXT_LIMIT} characters of
 * each.
 */
export interface SoapFault {
  /** The fault code as it is written, for example `soap:Server`; empty where there is none. */
  readonly code: string;
  /** The subcodes of SOAP 1.2, the outermost first. Absent: there are none. */
  readonly subcodes?: readonly string[];
  /**
   * The reason, in words: the first one, where it is given in several languages; empty where there is none.
   */
  readonly string: string;
  /** Who failed: `faultactor`, or `Role` in SOAP 1.2. Absent: it is not told. */
  readonly actor?: string;
}

/** What an envelope says. */
export interface SoapEnvelope {
  /** The version, by the namespace of the envelope. */
  readonly version: SoapVersion;
  /** Local name of the first child of the Body. Absent: a Fault, an empty Body, or it was not reached. */
  readonly operation?: string;
  /** Namespace of that child. Absent: it has none. */
  readonly namespace?: string;
  /** The Fault that the Body holds. */
  readonly fault?: SoapFault;
  /** MessageID of WS-Addressing. */
  readonly messageId?: string;
  /** RelatesTo of WS-Addressing, whatever the kind of relation: the ids of other messages. */
  readonly relatesTo?: readonly string[];
}

/** Longest text that is told, in characters: a Fault may carry a whole stack trace in its reason. */
export const TEXT_LIMIT = 1000;
/**
 * How many bytes of a text are looked at for that: references and sections take more room than what they
 * stand for.
 */
const TEXT_LIMIT_BYTES = 4 * TEXT_LIMIT;
/** How many RelatesTo and how many subcodes are told. */
const MAX_VALUES = 8;

const encoder = new TextEncoder();
const name = (text: string) => encoder.encode(text);
const VERSIONS: readonly (readonly [SoapVersion, Uint8Array])[] = [
  ["1.1", name("http://schemas.xmlsoap.org/soap/envelope/")],
  ["1.2", name("http://www.w3.org/2003/05/soap-envelope")],
];
const ADDRESSING = [
  name("http://www.w3.org/2005/08/addressing"),
  name("http://schemas.xmlsoap.org/ws/2004/08/addressing"),
];
const ENVELOPE = name("Envelope");
const HEADER = name("Header");
const BODY = name("Body");
const FAULT = name("Fault");
const MESSAGE_ID = name("MessageID");
const RELATES_TO = name("RelatesTo");
const VALUE = name("Value");
const TEXT = name("Text");
const decoder = new TextDecoder();

/**
 * Reads an envelope.
 *
 * @param bytes The XML text in UTF-8, without a byte order mark.
 * @returns `undefined` for what is no SOAP envelope, or has a document type.
 */
export function readEnvelope(bytes: Uint8Array): SoapEnvelope | undefined {
  return new EnvelopeReader(bytes).read();
}

class EnvelopeReader {
  readonly #tags: XmlTags;
  readonly #namespaces: SoapNamespaces;
  #messageId: string | undefined;
  readonly #relatesTo: string[] = [];

  constructor(bytes: Uint8Array) {
    this.#tags = new XmlTags(bytes);
    this.#namespaces = new SoapNamespaces(bytes);
  }

  read(): SoapEnvelope | undefined {
    const tags = this.#tags;
    const root = tags.next();
    if ((root !== "open" && root !== "empty") || !tags.isLocal(ENVELOPE)) return undefined;
    this.#namespaces.declare(tags);
    const found = VERSIONS.find(([, uri]) => this.#namespaces.has(tags, uri));
    if (found === undefined) return undefined;
    const [version, uri] = found;
    const body = root === "open" ? this.#children(uri) : {};
    return {
      version,
      ...body,
      ...this.#messageId !== undefined && { messageId: this.#messageId },
      ...this.#relatesTo.length > 0 && { relatesTo: this.#relatesTo },
    };
  }

  /** Reads the children of the envelope, up to what the Body says. */
  #children(uri: Uint8Array): Pick<SoapEnvelope, "operation" | "namespace" | "fault"> {
    const tags = this.#tags;
    for (let tag = tags.next(); tag === "open" || tag === "empty"; tag = tags.next()) {
      const isBody = tags.isLocal(BODY);
      const mark = this.#namespaces.declare(tags);
      if (isBody) return tag === "open" ? this.#body(uri) : {};
      if (tag === "open") {
        if (tags.isLocal(HEADER)) this.#header();
        else tags.skip();
      }
      this.#namespaces.forget(mark);
    }
    return {};
  }

  /** Reads the header blocks, and the end tag behind them. */
  #header(): void {
    const tags = this.#tags;
    for (let tag = tags.next(); tag === "open" || tag === "empty"; tag = tags.next()) {
      if (tag === "empty") continue;
      const isId = tags.isLocal(MESSAGE_ID);
      if (!(isId || tags.isLocal(RELATES_TO)) || !this.#isAddressing()) {
        tags.skip();
        continue;
      }
      const text = this.#text();
      if (isId) this.#messageId ??= text;
      else if (text !== "" && this.#relatesTo.length < MAX_VALUES) this.#relatesTo.push(text);
    }
  }

  #isAddressing(): boolean {
    const mark = this.#namespaces.declare(this.#tags);
    const is = ADDRESSING.some((uri) => this.#namespaces.has(this.#tags, uri));
    this.#namespaces.forget(mark);
    return is;
  }

  /** Reads the first child of the Body. */
  #body(uri: Uint8Array): Pick<SoapEnvelope, "operation" | "namespace" | "fault"> {
    const tags = this.#tags;
    const tag = tags.next();
    if (tag !== "open" && tag !== "empty") return {};
    this.#namespaces.declare(tags);
    if (tags.isLocal(FAULT) && this.#namespaces.has(tags, uri)) {
      return { fault: tag === "open" ? this.#fault() : { code: "", string: "" } };
    }
    const operation = decoder.decode(
      tags.bytes.subarray(tags.localStart, tags.nameEnd).subarray(0, TEXT_LIMIT),
    );
    const namespace = this.#namespaces.of(tags);
    if (operation === "") return {};
    if (namespace === undefined || namespace.length === 0) return { operation };
    return { operation, namespace: textOf(namespace) };
  }

  /** Reads a Fault of either version: 1.1 has texts (§4.4), 1.2 has Code, Reason and Role (Part 1 §5.4). */
  #fault(): SoapFault {
    const tags = this.#tags;
    let [code, string, actor]: (string | undefined)[] = [];
    let subcodes: readonly string[] = [];
    for (let tag = tags.next(); tag === "open" || tag === "empty"; tag = tags.next()) {
      if (tag === "empty") continue;
      switch (decoder.decode(tags.bytes.subarray(tags.localStart, tags.nameEnd))) {
        case "faultcode":
          code ??= this.#text();
          break;
        case "faultstring":
          string ??= this.#text();
          break;
        case "faultactor":
        case "Role":
          actor ??= this.#text();
          break;
        case "Code":
          [code, ...subcodes] = this.#texts(VALUE);
          break;
        case "Reason":
          [string] = this.#texts(TEXT);
          break;
        default:
          tags.skip();
      }
    }
    return {
      code: code ?? "",
      ...subcodes.length > 0 && { subcodes },
      string: string ?? "",
      ...actor !== undefined && actor !== "" && { actor },
    };
  }

  /** The text of the element at hand; its end tag is then at hand. */
  #text(): string {
    const tags = this.#tags;
    const from = tags.end;
    tags.skip();
    return textOf(tags.bytes.subarray(from, tags.start));
  }

  /**
   * The texts of the elements of that name in the element at hand, at any depth; its end tag is then at hand.
   */
  #texts(wanted: Uint8Array): string[] {
    const tags = this.#tags;
    const texts: string[] = [];
    for (let depth = 1; depth > 0;) {
      const tag = tags.next();
      if (tag === "none") break;
      if (tag === "close") depth--;
      else if (tag === "open" && texts.length < MAX_VALUES && tags.isLocal(wanted)) texts.push(this.#text());
      else if (tag === "open") depth++;
    }
    return texts;
  }
}

/**
 * The text of XML content or of an attribute. It shares no memory with the bytes, and not much with longer
 * texts.
 */
function textOf(content: Uint8Array): string {
  const text = decoder.decode(textOfXml(content.subarray(0, TEXT_LIMIT_BYTES))).trim();
  return text.length > TEXT_LIMIT || content.length > TEXT_LIMIT_BYTES ? cut(text) : text;
}

/** The beginning of a text that is too long; a character of which only a part is left goes. */
function cut(text: string): string {
  return text.slice(0, TEXT_LIMIT).replace(/[\uD800-\uDBFF\uFFFD]$/, "");
}
