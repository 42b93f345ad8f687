/** What keeps a request from being sent, in words for people. */

/** A request could not be sent, or its connection is no use. The message says why, in one line. */
export class SendError extends Error {
  /** The name of the class, for whoever prints it. */
  override readonly name: string = "SendError";
}

/** A request that cannot be made of what was asked for. The message says what was found and what was wanted. */
export class SendUsageError extends Error {
  /** The name of the class, for whoever prints it. */
  override readonly name = "SendUsageError";

  /**
   * A request that cannot be made.
   *
   * @param found What was found, quoted where it is the user's text.
   * @param wanted What would have been right, with an example where that helps.
   */
  constructor(found: string, wanted: string) {
    super(`found ${found}, wanted ${wanted}`);
  }
}
