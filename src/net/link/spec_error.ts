/** Options of a link that cannot be read. */
import { quoted } from "../address.ts";

/** Text of an option that cannot be read. The message is one line, `found …, wanted …`, to stand after the option. */
export class LinkSpecError extends Error {
  /** The name of the class, for whoever prints it. */
  override readonly name = "LinkSpecError";
  /** The option that it stands in, for example `rate`; the one to which it was handed. */
  readonly option: string;

  /**
   * An option that cannot be read.
   *
   * @param option Its key.
   * @param found The user's text, which is quoted here.
   * @param wanted What would have been right.
   */
  constructor(option: string, found: string, wanted: string) {
    super(`found ${quoted(found)}, wanted ${wanted}`);
    this.option = option;
  }
}
