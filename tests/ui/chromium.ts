/** Chromium with Playwright, for a test. */
import { type Browser, chromium } from "playwright-core";
import { CHROMIUM, CHROMIUM_ARGUMENTS } from "./chromium_arguments.ts";

/** Starts it. Close it when it is no longer needed. */
export async function launchChromium(): Promise<Browser> {
  try {
    return await chromium.launch({ executablePath: CHROMIUM, args: [...CHROMIUM_ARGUMENTS] });
  } catch (error) {
    throw new Error(`cannot start ${CHROMIUM}, which Debian's package chromium brings: ${error}`);
  }
}
