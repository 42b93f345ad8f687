/** What a signal is to those who read and set it. Reading `value` while a part of the page is drawn makes it follow. */

/** A value that changes. */
export interface Value<Type> {
  /** The value now. */
  readonly value: Type;
  /** The value now, without following it. */
  peek(): Type;
}

/** A value that can be set. */
export interface Settable<Type> extends Value<Type> {
  /** The value now; setting it tells all who follow. */
  value: Type;
}
