/** What stands in the form of a listener, and the settings that it makes. */
import type { LinkSettings, ListenerSettings } from "../../api.ts";

/** Names of the figures of a link, in the order of the form. */
export const FIGURES = [
  "bytesPerPause",
  "delay",
  "rate",
  "latency",
  "jitter",
  "dropBytes",
  "fault",
  "seed",
] as const;

/** Name of a figure of a link. */
export type Figure = typeof FIGURES[number];

/** What stands in the form. */
export interface ListenerDraft {
  /** Whether it leads to one target. */
  readonly kind: "relay" | "proxy";
  /** The field for LISTEN. */
  readonly listen: string;
  /** The field for TARGET. */
  readonly target: string;
  /** What becomes of Host; the empty string: what TARGET has it. */
  readonly host: "" | "keep" | "target";
  /** The box for any certificate; undefined: nobody touched it. */
  readonly insecure: boolean | undefined;
  /** Which way targets are reached: as the program was started, directly, or through the proxy of the field. */
  readonly way: "started" | "direct" | "through";
  /** The field for the URL of a proxy, or HOST:PORT. */
  readonly upstreamProxy: string;
  /** The field for the targets to reach without it. */
  readonly noProxy: string;
  /** Name of a kind of link, `none`, or `started`: as the program was started, unless a figure is given. */
  readonly link: string;
  /** The fields of a link. */
  readonly figures: { readonly [name in Figure]: string };
}

const NO_FIGURES = Object.fromEntries(FIGURES.map((name) => [name, ""])) as ListenerDraft["figures"];

/** A form in which nothing was written. */
export const EMPTY_DRAFT: ListenerDraft = {
  kind: "relay",
  listen: "",
  target: "",
  host: "",
  insecure: undefined,
  way: "started",
  upstreamProxy: "",
  noProxy: "",
  link: "started",
  figures: NO_FIGURES,
};

/** A form with the settings of a listener. */
export function draftOf(settings: ListenerSettings): ListenerDraft {
  const { kind, listen, target = "", host = "", insecure, upstreamProxy, noProxy = "", link } = settings;
  return {
    kind,
    listen,
    target,
    host,
    insecure,
    way: upstreamProxy === undefined ? "started" : upstreamProxy === "" ? "direct" : "through",
    upstreamProxy: upstreamProxy ?? "",
    noProxy,
    link: link === undefined ? "started" : link.link || "none",
    figures: { ...NO_FIGURES, ...Object.fromEntries(FIGURES.map((name) => [name, link?.[name] ?? ""])) },
  };
}

/** The settings that a form makes. What cannot be read is for the program to tell: it knows the words for it. */
export function settingsOf(draft: ListenerDraft): ListenerSettings {
  const { kind, host, insecure, way } = draft;
  const [target, proxy, noProxy] = [draft.target.trim(), draft.upstreamProxy.trim(), draft.noProxy.trim()];
  const link = linkOf(draft);
  return {
    kind,
    listen: draft.listen.trim(),
    ...kind === "relay" && { target, ...host !== "" && { host } },
    ...kind === "relay" && insecure !== undefined && { insecure },
    ...way === "direct" && { upstreamProxy: "" },
    ...way === "through" && { upstreamProxy: /^$|:\/\//.test(proxy) ? proxy : `http://${proxy}` },
    ...way !== "direct" && noProxy !== "" && { noProxy },
    ...link !== undefined && { link },
  };
}

/** What is missing that an empty field would not tell: no proxy at all means to go directly. */
export function missingIn({ way, upstreamProxy }: ListenerDraft):
  | { readonly message: string; readonly field: string }
  | undefined {
  if (way !== "through" || upstreamProxy.trim() !== "") return undefined;
  return {
    message: "found no proxy, wanted HOST:PORT or a URL; or choose: directly",
    field: "upstreamProxy",
  };
}

function linkOf({ link, figures }: ListenerDraft): LinkSettings | undefined {
  const given = FIGURES.filter((name) => figures[name].trim() !== "");
  if (link === "started" && given.length === 0) return undefined;
  return {
    ...link !== "started" && link !== "none" && { link },
    ...Object.fromEntries(given.map((name) => [name, figures[name].trim()])),
  };
}

/** Whether TLS is spoken with a target, so that there is a certificate to be looked at. */
export function isTlsTarget(target: string): boolean {
  return /^\s*(?:https|tls):\/\//i.test(target);
}
