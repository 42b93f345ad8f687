/** What the page says of a listener, in words. */
import type { LinkSettings, ListenerView } from "../../api.ts";

/** How a listener is: a sign, and words. `tone` tells how good that is. */
export interface ListenerState {
  /** One character, beside the words. */
  readonly sign: string;
  /** The words. */
  readonly words: string;
  /** How good it is. */
  readonly tone: "good" | "plain" | "bad";
}

/** How a listener is. */
export function listenerState({ isListening, error }: ListenerView): ListenerState {
  if (error !== undefined) return { sign: "!", words: "Failed", tone: "bad" };
  return isListening
    ? { sign: "●", words: "Listening", tone: "good" }
    : { sign: "○", words: "Stopped", tone: "plain" };
}

/** What a listener is: `127.0.0.1:8081 → localhost:8080`, `127.0.0.1:8888 proxy`. */
export function listenerTitle({ address, target }: Pick<ListenerView, "address" | "target">): string {
  return target === undefined ? `${address} proxy` : `${address} → ${target}`;
}

/**
 * Which of the choices of a quick select a link is: the name of a preset alone, `none`, `started` (as the program's
 * options have it), or `own`: it has figures of its own.
 */
export function linkChoice(link: LinkSettings | undefined): string {
  if (link === undefined) return "started";
  const given = Object.entries(link).filter(([, text]) => text !== "");
  if (given.length === 0) return "none";
  return given.length === 1 && link.link ? link.link : "own";
}
