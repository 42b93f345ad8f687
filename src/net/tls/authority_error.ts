/** The one error of the interception CA. */

/** The CA or one of its certificates cannot be had. The message is one line and says how to mend it. */
export class AuthorityError extends Error {
  /** The name of the class, for whoever prints it. */
  override readonly name = "AuthorityError";
}
