/**
 * Somebody before a page of the viewer, in Chromium: what they see, what the page complains of, and what it asks for. It
 * knows nothing of where the viewer runs; the tests of the page and those of the whole program build on it.
 */
import assert from "node:assert/strict";
import type { BrowserContextOptions, Page } from "playwright-core";
import { closeContext, openContext } from "./chromium.ts";

/** How long a step may take, ms: a shared machine is slow at times. */
const STEP_MS = 20_000;

/** What the browser is like. */
export type VisitorSettings = Pick<BrowserContextOptions, "viewport" | "colorScheme">;

/** Opens an empty page of a browser that has no other, and remembers nothing. */
export async function openPage(settings: VisitorSettings = {}): Promise<Page> {
  const context = await openContext({
    viewport: settings.viewport ?? { width: 1280, height: 800 },
    colorScheme: settings.colorScheme ?? "light",
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MS);
    return page;
  } catch (error) {
    await closeContext(context);
    throw error;
  }
}

/** Somebody before the page. */
export class Visitor {
  /** The page. */
  readonly page: Page;
  /** What the page complained about: policy violations, exceptions, errors on the console. */
  readonly complaints: string[] = [];
  readonly #expected: RegExp[] = [];

  /** Takes over a page; it closes that, and whatever was opened with it, at the end. */
  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.#complain(String(error)));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      const { url } = message.location();
      this.#complain(`${message.text()}${URL.canParse(url) ? ` ${new URL(url).pathname}` : ""}`);
    });
  }

  /** Complaints that a test expects: those that came, and those of what was done already that are still to come. */
  forget(expected: RegExp): void {
    this.#expected.push(expected);
    this.complaints.splice(0, Infinity, ...this.complaints.filter((complaint) => !expected.test(complaint)));
  }

  #complain(complaint: string): void {
    if (!this.#expected.some((expected) => expected.test(complaint))) this.complaints.push(complaint);
  }

  /** What the page's code says, as a string: these files know no document. */
  ask<Value>(expression: string): Promise<Value> {
    return this.page.evaluate(expression) as Promise<Value>;
  }

  /**
   * Waits until something is true on the page: one question, which the page answers when it is. What fails is not true
   * yet: an element that is looked into may come later. The page's policy forbids Playwright to wait for strings of code
   * by itself.
   */
  async until(expression: string): Promise<void> {
    const deadline = performance.now() + STEP_MS;
    let error = "";
    for (let leftMs = STEP_MS; leftMs > 0; leftMs = deadline - performance.now()) {
      try {
        const answer = await this.ask<true | string>(`(async () => {
          for (const deadline = performance.now() + ${leftMs};;) {
            let error = "";
            try {
              if (${expression}) return true;
            } catch (thrown) {
              error = String(thrown);
            }
            if (performance.now() > deadline) return error;
            await new Promise((resolve) => requestAnimationFrame(resolve));
          }
        })()`);
        if (answer === true) return;
        error = answer;
      } catch (thrown) {
        // Another document has come, which is asked anew.
        if (!/Execution context was destroyed/.test(String(thrown))) throw thrown;
      }
    }
    const said = [...error === "" ? [] : [error], ...this.complaints.splice(0)].join("; ");
    assert.fail(`it never became true: ${expression}${said === "" ? "" : `; the page said: ${said}`}`);
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

  /** Opens the viewer; it is there, and told what happens, when this ends. */
  protected async enter(url: string): Promise<void> {
    await Promise.all([
      this.page.waitForResponse((response) => new URL(response.url()).pathname === "/api/events"),
      this.page.goto(url),
    ]);
    // On the Admin page it is there, too, but hidden.
    await this.until(`document.getElementById("table") !== null`);
  }

  /** Closes the browser. */
  protected closeBrowser(): Promise<void> {
    return closeContext(this.page.context());
  }
}
