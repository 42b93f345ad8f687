/** What takes a while, and what came of it where that is more than a line: cards in a corner of the page. Signals. */
import { signal } from "@preact/signals";
import type { Settable } from "../state/value.ts";

/** A card. */
export type WorkCard =
  /** It is under way. */
  | {
    readonly kind: "running";
    readonly id: number;
    /** What is done. */
    readonly title: string;
    /** How far it is, in words. */
    readonly detail: string;
    /** How far it is, from 0 to 1; absent: nobody knows. */
    readonly share?: number;
    /** Ends it. */
    readonly cancel: () => void;
  }
  /** It is over; the card stands until somebody closes it. */
  | {
    readonly kind: "done";
    readonly id: number;
    /** What came of it. */
    readonly title: string;
    /** What went wrong, a line each, one at least. */
    readonly problems: readonly string[];
  };

/** How far something is. */
export interface Progress {
  /** In words. */
  readonly detail: string;
  /** From 0 to 1; absent: nobody knows. */
  readonly share?: number;
}

/** Something that is under way. */
export interface Work {
  /** Says what is done now, and how far that is. */
  readonly tell: (title: string, progress: Progress) => void;
  /** It is over: its card goes. */
  readonly end: () => void;
}

/** So many reports stand at once: the oldest go. */
const MOST_REPORTS = 3;

/** The cards, oldest first. */
export const workCards: Settable<readonly WorkCard[]> = signal([]);

let lastId = 0;

/** Something begins; its card comes with the first {@link Work.tell}. */
export function beginWork(cancel: () => void): Work {
  const id = ++lastId;
  return {
    tell: (title, progress) => {
      const card: WorkCard = { kind: "running", id, title, ...progress, cancel };
      const isThere = workCards.value.some((each) => each.id === id);
      workCards.value = isThere
        ? workCards.value.map((each) => each.id === id ? card : each)
        : [...workCards.value, card];
    },
    end: () => closeCard(id),
  };
}

/** Ends all that is under way. */
export function cancelWork(): void {
  for (const card of workCards.value) if (card.kind === "running") card.cancel();
}

/** Says what came of something, and what went wrong, a line each. */
export function report(title: string, problems: readonly string[]): void {
  const reports = workCards.value.filter(({ kind }) => kind === "done");
  const old = new Set(reports.slice(0, Math.max(0, reports.length - MOST_REPORTS + 1)));
  workCards.value = [
    ...workCards.value.filter((card) => !old.has(card)),
    { kind: "done", id: ++lastId, title, problems },
  ];
}

/** Takes a card away. */
export function closeCard(id: number): void {
  workCards.value = workCards.value.filter((each) => each.id !== id);
}
