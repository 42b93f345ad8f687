/**
 * Lists of hosts as users write them, for NO_PROXY and for options that name hosts: `localhost,.example.com,10.0.0.0/8`.
 *
 * There is no standard. As in curl, Go and Python, `example.com` means itself and every host below it, a dot before it
 * changes nothing, entries are apart by commas or white space, and address ranges match addresses only: no name is
 * looked up. Beyond that a `*` may stand anywhere for any characters, so `*.test` are the hosts below `test` alone, and
 * a port behind a host narrows an entry to it.
 */
import { AddressError, quoted } from "./address.ts";
import { ipBytes } from "./socks/ip_address.ts";

type Pattern =
  /** A host and all hosts below it. */
  | { readonly kind: "name"; readonly name: string; readonly port?: number }
  /** The pieces between stars. */
  | { readonly kind: "glob"; readonly pieces: readonly string[]; readonly port?: number }
  /** Addresses whose first bits are these. */
  | { readonly kind: "range"; readonly bytes: Uint8Array; readonly bits: number; readonly port?: number };

const MAX_PORT = 65535;
const FORMS = "HOST, HOST:PORT, *.HOST, an address, a range such as 10.0.0.0/8, or *";

/** A list of hosts. */
export class HostPatterns {
  readonly #patterns: readonly Pattern[];

  private constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
  }

  /**
   * Reads a list. An empty one matches nothing.
   *
   * @throws {AddressError} for an entry that cannot be read.
   */
  static parse(text: string): HostPatterns {
    return new HostPatterns(text.split(/[\s,]+/).filter((entry) => entry !== "").map(readPattern));
  }

  /**
   * Whether a host is in the list.
   *
   * @param host A name in ASCII, or an address with or without brackets; case, a dot at its end and a zone do not count.
   * @param port Its port.
   */
  matches(host: string, port: number): boolean {
    const name = plainHost(host);
    const address = ipBytes(name);
    return this.#patterns.some((pattern) => {
      if (pattern.port !== undefined && pattern.port !== port) return false;
      if (pattern.kind === "glob") return matchesGlob(name, pattern.pieces);
      if (pattern.kind === "range") return address !== undefined && isWithin(address, pattern);
      return address === undefined && (name === pattern.name || name.endsWith(`.${pattern.name}`));
    });
  }
}

/** A host as it is compared: lower case, no brackets, no zone, no dot at its end. */
function plainHost(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/s, "$1").replace(/%.*$/s, "").replace(/\.$/, "");
}

function readPattern(text: string): Pattern {
  const refuse = (wanted: string): never => {
    throw new AddressError(quoted(text), wanted);
  };
  if (text.includes("/")) {
    return readRange(text) ?? refuse("a range of addresses, such as 10.0.0.0/8 or fd00::/8");
  }
  const whole = ipBytes(text);
  if (whole !== undefined) return { kind: "range", bytes: whole, bits: 8 * whole.length };
  const split = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text);
  if (split === null) return refuse(FORMS);
  const port = split[2] === undefined ? undefined : Number(split[2]);
  if (port !== undefined && (port < 1 || port > MAX_PORT)) refuse(`a port from 1 to ${MAX_PORT}`);
  return { ...readHost(split[1]) ?? refuse(FORMS), port };
}

function readHost(text: string): Pattern | undefined {
  const bytes = ipBytes(plainHost(text));
  if (bytes !== undefined) return { kind: "range", bytes, bits: 8 * bytes.length };
  const name = text.toLowerCase().replace(/^\.|\.$/g, "").split(".").map(asciiLabel).join(".");
  if (!/^[a-z0-9_*-]+(\.[a-z0-9_*-]+)*$/.test(name)) return undefined;
  return name.includes("*") ? { kind: "glob", pieces: name.split("*") } : { kind: "name", name };
}

/** A label of an international name in its ASCII form (RFC 5891), as hosts of connections are; others as they are. */
function asciiLabel(label: string): string {
  // deno-lint-ignore no-control-regex -- asks whether it is all ASCII
  if (/^[\x00-\x7f]*$/.test(label) || !URL.canParse(`http://${label}`)) return label;
  return new URL(`http://${label}`).hostname;
}

/** `10.0.0.0/8`, `169.254/16` as macOS writes it, `fd00::/8` or `[fd00::]/8`. */
function readRange(text: string): Pattern | undefined {
  const match = /^\[?([0-9a-f.:]+)\]?\/(\d{1,3})$/i.exec(text);
  if (match === null) return undefined;
  const [, address, length] = match;
  const missing = 4 - address.split(".").length;
  const bytes = ipBytes(address.includes(":") || missing < 1 ? address : address + ".0".repeat(missing));
  if (bytes === undefined) return undefined;
  // An IPv4 range that was written as IPv6 counts its bits from there.
  const bits = Number(length) - (address.includes(":") && bytes.length === 4 ? 96 : 0);
  return bits < 0 || bits > 8 * bytes.length ? undefined : { kind: "range", bytes, bits };
}

function isWithin(
  address: Uint8Array,
  range: { readonly bytes: Uint8Array; readonly bits: number },
): boolean {
  if (address.length !== range.bytes.length) return false;
  const whole = range.bits >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== range.bytes[i]) return false;
  const shift = 8 - (range.bits & 7);
  return shift === 8 || address[whole] >> shift === range.bytes[whole] >> shift;
}

/** Whether the text is the pieces in order, with anything between them. In linear time. */
function matchesGlob(text: string, pieces: readonly string[]): boolean {
  const first = pieces[0];
  const last = pieces[pieces.length - 1];
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at + last.length <= text.length;
}
