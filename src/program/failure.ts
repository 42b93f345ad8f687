/** A failure at run time, in one line for the user. */
export class Failure extends Error {
  /** The name of the class. */
  override readonly name = "Failure";
}
