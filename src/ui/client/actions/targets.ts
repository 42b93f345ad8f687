/**
 * Where requests can be sent again: the targets that were named last, kept in the browser alone, and those that the
 * table shows. What was stored may be anything: what cannot be used is left out.
 */
import type { ListenerView, RowView } from "../../api.ts";

/** How many are kept. */
const MAX_RECENT = 8;
/** How many of the table are offered. */
const MAX_SEEN = 12;
/** Longer ones are no targets. */
const MAX_CHARACTERS = 300;

/** The targets with one that was named now, newest first. */
export function withTarget(targets: readonly string[], target: string): readonly string[] {
  return [target, ...targets.filter((each) => each !== target)].slice(0, MAX_RECENT);
}

/** Reads what was stored. */
export function readTargets(text: string | null): readonly string[] {
  let found: unknown;
  try {
    found = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  if (!Array.isArray(found)) return [];
  const isTarget = (each: unknown): each is string =>
    typeof each === "string" && each !== "" && each.length <= MAX_CHARACTERS;
  return found.filter(isTarget).slice(0, MAX_RECENT);
}

/** Why a target that somebody wrote cannot be one; undefined: it may be. Whether it leads anywhere is the program's to find. */
export function targetProblem(text: string): string | undefined {
  if (/^(?:https?:\/\/)?(?:\[[0-9a-f:.]+(?:%[\w.-]+)?\]|[^\s/:?#@[\]]+)(?::\d{1,5})?\/?$/i.test(text)) {
    return undefined;
  }
  const found = JSON.stringify(text.slice(0, 60));
  return `Cannot send to ${found}: wanted HOST:PORT, http://HOST:PORT or https://HOST:PORT`;
}

/** A target of a row or a relay as a request can be sent there; undefined: none can. */
export function sendableTarget(target: string): string | undefined {
  if (target === "" || target.length > MAX_CHARACTERS || /^unix:/i.test(target)) return undefined;
  const secure = /^(?:tls|https):\/\/([^/]+)/i.exec(target)?.[1];
  if (secure !== undefined) return `https://${secure}`;
  if (/^http:\/\//i.test(target)) return target;
  return /^[^/]+:443$/.test(target) ? `https://${target}` : target;
}

/** The targets that the table and the listeners show, those of listeners first, without some that are known. */
export function seenTargets(
  rows: readonly RowView[],
  listeners: readonly ListenerView[],
  known: readonly string[],
): readonly string[] {
  const seen = new Set<string>();
  const left = new Set(known);
  const of = [...listeners.flatMap(({ target }) => target ?? []), ...rows.map(({ target }) => target)];
  for (const target of new Set(of)) {
    const found = sendableTarget(target);
    if (found !== undefined && !left.has(found)) seen.add(found);
    if (seen.size === MAX_SEEN) break;
  }
  return [...seen];
}
