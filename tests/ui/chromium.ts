/** Chromium as the tests start it: Debian's, without anything that it does on its own. */
import { type Browser, chromium } from "playwright-core";

const PATH = "/usr/bin/chromium";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts it. Close it when it is no longer needed. */
export async function launchChromium(): Promise<Browser> {
  try {
    return await chromium.launch({ executablePath: PATH, args: ARGUMENTS });
  } catch (error) {
    throw new Error(`cannot start ${PATH}, which Debian's package chromium brings: ${error}`);
  }
}
