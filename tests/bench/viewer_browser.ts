/**
 * Chromium for the benchmark. The workshop starts it and so ends it by its pid, whatever way the benchmark ends;
 * Playwright only connects to it: a browser that Playwright starts ends this process on Ctrl-C before it has tidied up.
 */

import { type Browser, chromium, type Page } from "playwright-core";
import { exists } from "./programs.ts";
import { CHROMIUM, CHROMIUM_ARGUMENTS } from "../ui/chromium_arguments.ts";
import type { Running, Workshop } from "./workshop.ts";

const ARGUMENTS = ["--headless", ...CHROMIUM_ARGUMENTS, "--remote-debugging-port=0"];

/** How long a page may take to show what is waited for. */
const STEP_MS = 60_000;

/** A browser of the workshop's. */
export class BenchBrowser {
  readonly #workshop: Workshop;
  readonly #running: Running;
  readonly #browser: Browser;

  private constructor(workshop: Workshop, running: Running, browser: Browser) {
    this.#workshop = workshop;
    this.#running = running;
    this.#browser = browser;
  }

  /** Starts Chromium; where that cannot be, a line says why. */
  static async open(workshop: Workshop): Promise<BenchBrowser | string> {
    if (!await exists(CHROMIUM)) return `${CHROMIUM} is not there, which Debian's package chromium brings`;
    const folder = `${workshop.folder}/chromium`;
    const command = [CHROMIUM, ...ARGUMENTS, `--user-data-dir=${folder}`, "about:blank"];
    const running = workshop.start("chromium", command, "load");
    const [, address] = await running.line(/DevTools listening on (ws:\S+)/);
    try {
      return new BenchBrowser(workshop, running, await chromium.connectOverCDP(address));
    } catch (error) {
      // Deno 2.4 lacks what Playwright connects with.
      await workshop.stop(running);
      const [reason] = String(error instanceof Error ? error.message : error).split("\n", 1);
      return `cannot talk to ${CHROMIUM} from Deno ${Deno.version.deno}: ${reason}`;
    }
  }

  /** Its version. */
  get version(): string {
    return this.#browser.version();
  }

  /**
   * Opens `url` in a window that shares nothing with others, and gives its page; {@link closeWindow} closes it.
   *
   * @param script What the page runs before anything of its own.
   */
  async openWindow(url: string, script?: string): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 } });
    if (script !== undefined) await context.addInitScript({ content: script });
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MS);
    await page.goto(url);
    return page;
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.#browser.close();
    await this.#workshop.stop(this.#running);
  }
}

/** Closes the window of a page. */
export function closeWindow(page: Page): Promise<void> {
  return page.context().close();
}

/**
 * Waits until an expression is true on the page.
 * @throws Error where it is not within a minute.
 */
export async function until(page: Page, expression: string): Promise<void> {
  const deadline = performance.now() + STEP_MS;
  while (!await page.evaluate(`Boolean(${expression})`)) {
    if (performance.now() > deadline) {
      throw new Error(`the page took more than ${STEP_MS / 1000} s until ${expression}`);
    }
    await page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))");
  }
}
