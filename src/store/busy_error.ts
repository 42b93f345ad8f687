/** What is said where a history has too much to do to take on more. */
export class BusyError extends Error {
  /** The name of the class. */
  override readonly name = "BusyError";
}
