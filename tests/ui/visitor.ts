/**
 * Somebody before a page of the viewer, in Chromium: what they see, what the page complains of, and what it asks for. It
 * knows nothing of where the viewer runs; the tests of the page and those of the whole program build on it.
 */
import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";

/** How long a step may take, ms: a shared machine is slow at times. */
const STEP_MS = 20_000;

/** What the browser is like. */
export type VisitorSettings = Pick<BrowserContextOptions, "viewport" | "colorScheme">;

/** A browser, and its page. */
export interface Opened {
  /** The browser, which whoever takes it closes. */
  readonly browser: Browser;
  /** Its only page. */
  readonly page: Page;
}

/** Starts a browser, and opens an address in it. */
export async function openPage(url: string, settings: VisitorSettings = {}): Promise<Opened> {
  const browser = await launchChromium();
  try {
    const context = await browser.newContext({
      viewport: settings.viewport ?? { width: 1280, height: 800 },
      colorScheme: settings.colorScheme ?? "light",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MS);
    await page.goto(url);
    return { browser, page };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Somebody before the page. */
export class Visitor {
  readonly #browser: Browser;
  /** The page. */
  readonly page: Page;
  /** What the page complained about: policy violations, exceptions, errors on the console. */
  readonly complaints: string[] = [];

  /** Takes over a browser and its page; it closes the browser at the end. */
  constructor({ browser, page }: Opened) {
    this.#browser = browser;
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      const { url } = message.location();
      this.complaints.push(`${message.text()}${URL.canParse(url) ? ` ${new URL(url).pathname}` : ""}`);
    });
  }

  /** Complaints that a test expects. */
  forget(expected: RegExp): void {
    this.complaints.splice(0, Infinity, ...this.complaints.filter((complaint) => !expected.test(complaint)));
  }

  /** What the page's code says, as a string: these files know no document. */
  ask<Value>(expression: string): Promise<Value> {
    return this.page.evaluate(expression) as Promise<Value>;
  }

  /** Waits until something is true on the page. The page's policy forbids it to wait for strings of code by itself. */
  async until(expression: string): Promise<void> {
    const deadline = performance.now() + STEP_MS;
    while (!await this.ask(`Boolean(${expression})`)) {
      if (performance.now() > deadline) {
        const said = this.complaints.splice(0).join("; ");
        assert.fail(`it never became true: ${expression}${said === "" ? "" : `; the page said: ${said}`}`);
      }
      await this.ask("new Promise((resolve) => requestAnimationFrame(resolve))");
    }
  }

  /** Numbers of the rows in the document, from top to bottom. */
  rows(): Promise<number[]> {
    return this.ask(
      `[...document.querySelectorAll("[data-row]")].map((row) => [row.ariaRowIndex - 0, row.dataset.row - 0])
        .sort((a, b) => a[0] - b[0]).map(([, row]) => row)`,
    );
  }

  /** Waits for these rows, from top to bottom. */
  async seesRows(...rows: readonly number[]): Promise<void> {
    const seen = `[...document.querySelectorAll("[data-row]")]
      .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((row) => row.dataset.row).join()`;
    await this.until(`${seen} === ${JSON.stringify(rows.join())}`);
  }

  /** Closes the browser. */
  protected closeBrowser(): Promise<void> {
    return this.#browser.close();
  }
}
