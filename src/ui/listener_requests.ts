/** Settings of listeners as the page sends them, checked for their shape. What they say is the program's to judge. */
import type { LinkSettings, ListenerSettings } from "./api.ts";
import { hasOnly, objectOf, Refused } from "./requests.ts";

const KEYS: { readonly [key in keyof Required<ListenerSettings>]: true } = {
  kind: true,
  listen: true,
  target: true,
  host: true,
  insecure: true,
  upstreamProxy: true,
  noProxy: true,
  link: true,
};
/** What a proxy has none of: its clients say where it leads. */
const OF_RELAYS = ["target", "host", "insecure"] as const;

const LINK_KEYS: { readonly [key in keyof Required<LinkSettings>]: true } = {
  link: true,
  bytesPerPause: true,
  delay: true,
  rate: true,
  latency: true,
  jitter: true,
  dropBytes: true,
  fault: true,
  seed: true,
};

/** Longer than any address, URL or list that somebody writes into a field. */
const MAX_TEXT_UNITS = 4096;

/**
 * Reads how a listener is to be set.
 *
 * @throws {Refused} 400, where it does not say, with the field that is wrong.
 */
export function readListener(text: string): ListenerSettings {
  const given = hasOnly(text, Object.keys(KEYS));
  const { kind, host, insecure, link } = given;
  if (kind !== "relay" && kind !== "proxy") throw wrong("kind", 'to be "relay" or "proxy"');
  if (host !== undefined && host !== "keep" && host !== "target") {
    throw wrong("host", 'to be "keep" or "target"; leave it out for what the target has it');
  }
  if (insecure !== undefined && typeof insecure !== "boolean") throw wrong("insecure", "to be true or false");
  const ofRelay = kind === "proxy" ? OF_RELAYS.find((key) => given[key] !== undefined) : undefined;
  if (ofRelay !== undefined) throw wrong(ofRelay, "to be left out: a proxy's clients say where it leads");
  return {
    kind,
    listen: textIn(given.listen, "listen"),
    ...kind === "relay" && { target: textIn(given.target, "target") },
    ...host !== undefined && { host },
    ...insecure !== undefined && { insecure },
    ...given.upstreamProxy !== undefined && { upstreamProxy: textIn(given.upstreamProxy, "upstreamProxy") },
    ...given.noProxy !== undefined && { noProxy: textIn(given.noProxy, "noProxy") },
    ...link !== undefined && { link: readLink(link) },
  };
}

function readLink(value: unknown): LinkSettings {
  const link = objectOf(value);
  if (link === undefined) throw wrong("link", 'to be an object, such as {"rate": "1mbit"}');
  const unknown = Object.keys(link).find((key) => !Object.hasOwn(LINK_KEYS, key));
  if (unknown !== undefined) {
    const wanted = Object.keys(LINK_KEYS).join(", ");
    throw new Refused(400, `found the key ${JSON.stringify(unknown)} in "link", wanted ${wanted}`, "link");
  }
  return Object.fromEntries(Object.entries(link).map(([key, text]) => [key, textIn(text, `link.${key}`)]));
}

function textIn(value: unknown, field: string): string {
  if (typeof value !== "string") throw wrong(field, "to be a text");
  if (value.length > MAX_TEXT_UNITS) throw wrong(field, `to have at most ${MAX_TEXT_UNITS} characters`);
  if (/\p{Cc}/u.test(value)) throw wrong(field, "to have no control characters");
  return value.trim();
}

function wrong(field: string, wanted: string): Refused {
  return new Refused(400, `wanted "${field}" ${wanted}`, field);
}
