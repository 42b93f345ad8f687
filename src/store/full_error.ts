/** What is said where there is no room for what is to be stored. */
export class FullError extends Error {
  /** The name of the class. */
  override readonly name = "FullError";

  /** There is no room. */
  constructor() {
    super("its disk is full");
  }
}

/** Whether SQLite says that there is no room. */
export function saysFull(error: unknown): boolean {
  return error instanceof Error && error.message.includes("database or disk is full");
}
