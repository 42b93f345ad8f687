/** Chromium as all tests and the benchmark start it: Debian's, without anything that it does on its own. */

/** Where Debian's package chromium has it. */
export const CHROMIUM = "/usr/bin/chromium";

/** Its arguments, whether it is seen or not. */
export const CHROMIUM_ARGUMENTS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
