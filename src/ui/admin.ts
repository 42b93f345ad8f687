/**
 * What the page can have done with listeners. The viewer checks who asks and what shape it has; the program judges what
 * it says, and does it.
 */
import type { ActiveView, ListenerSettings, ListenerView } from "./api.ts";

/** The newest of what is under way. */
export interface ActivePart {
  /** They, newest first. */
  readonly rows: readonly ActiveView[];
  /** How many there are in all. */
  readonly total: number;
}

/**
 * The listeners of a program. Methods reject with `Refused`: 400 and the field where a setting cannot be used, 404 where
 * there is no such listener (any more), 409 and `listen` where the address cannot be had; then nothing was changed.
 */
export interface ListenerAdmin {
  /** All of them, in the order in which they were added. */
  list(): readonly ListenerView[];
  /** Adds one, and lets it listen. */
  add(settings: ListenerSettings): Promise<ListenerView>;
  /**
   * Sets one anew; one that listens goes on listening. A new link holds for connections that there are, too; all else for
   * those that come: what is under way ends as it began, and connections on which nothing is under way are closed.
   *
   * @param revision What the settings were made of ({@link ListenerView.revision}; never changed: 0): where it was changed
   * since, 409. Absent: whatever it is.
   */
  edit(id: number, settings: ListenerSettings, revision?: number): Promise<ListenerView>;
  /** Lets one that was stopped listen again. */
  start(id: number): Promise<ListenerView>;
  /** Lets one listen no more; exchanges under way may finish. */
  stop(id: number): Promise<ListenerView>;
  /** Stops one, and forgets it. */
  remove(id: number): Promise<void>;
  /** A config file that makes a program with these listeners, passwords left out. */
  config(): string;
  /**
   * What is under way: the newest, newest first, and how many there are.
   *
   * @param until What began later, ms since the epoch, is left out, and does not count.
   * @param most How many are wanted.
   */
  active(until: number, most: number): ActivePart;
  /** Tells of every change, until the returned function is called. */
  subscribe(changed: () => void): () => void;
}
