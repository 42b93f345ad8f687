/**
 * A person before the viewer: the real server on a free port, the page in Chromium. One browser serves a whole test;
 * everything is closed with it.
 */
import assert from "node:assert/strict";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { ViewerActions } from "../../src/ui/actions.ts";
import type { ViewerState } from "../../src/ui/api.ts";
import { startViewer, type Viewer, type ViewerSettings } from "../../src/ui/server.ts";
import type { HistorySource } from "../../src/ui/source.ts";

const STATIC = new URL("../../static/", import.meta.url);

/** How long a step may take, ms: a shared machine is slow at times. */
const STEP_MS = 20_000;

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What the viewer of a test is like. */
export interface BrowserSettings extends Pick<BrowserContextOptions, "viewport" | "colorScheme"> {
  /** The history. */
  readonly source: HistorySource;
  /** What can be done besides looking; absent: nothing. */
  readonly actions?: ViewerActions;
  /** Whether nothing can be changed. */
  readonly isReadonly?: boolean;
  /** What listens. */
  readonly listeners?: ViewerState["listeners"];
  /** Files that are shown. */
  readonly files?: readonly string[];
}

/** The token of every viewer of these tests. */
export const TOKEN = "a-token-of-browser-tests";

/** A viewer for a browser; port 0 takes any that is free. */
export function serve(settings: BrowserSettings, port = 0, token = TOKEN): Viewer {
  const { source, actions, isReadonly = false, files = [] } = settings;
  const listeners = settings.listeners ??
    (files.length > 0 ? [] : [{ address: "127.0.0.1:8081", target: "localhost:8080" }]);
  const viewerSettings: ViewerSettings = {
    source,
    isReadonly,
    ...actions !== undefined && { actions },
    token,
    about: () => ({ version: "1.2.3", listeners, files }),
    listen: { hostname: "127.0.0.1", port },
    readStatic: async (name) => {
      try {
        return await Deno.readFile(new URL(name, STATIC));
      } catch {
        return undefined;
      }
    },
  };
  return startViewer(viewerSettings);
}

/** A browser with the page open. */
export class Person implements AsyncDisposable {
  readonly #browser: Browser;
  /** The viewer; a test may close it and start another one. */
  viewer: Viewer;
  /** The page. */
  readonly page: Page;
  /** What the page complained about: policy violations, exceptions, errors on the console. */
  readonly complaints: string[] = [];

  private constructor(browser: Browser, viewer: Viewer, page: Page) {
    this.#browser = browser;
    this.viewer = viewer;
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
  }

  /** Opens the page as somebody does who was given its URL. */
  static async open(settings: BrowserSettings, hash = ""): Promise<Person> {
    const viewer = serve(settings);
    let browser: Browser | undefined;
    try {
      browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGUMENTS });
      const context = await browser.newContext({
        viewport: settings.viewport ?? { width: 1280, height: 800 },
        colorScheme: settings.colorScheme ?? "light",
      });
      const page = await context.newPage();
      page.setDefaultTimeout(STEP_MS);
      const person = new Person(browser, viewer, page);
      await page.goto(viewer.url);
      if (hash !== "") await page.goto(`${person.origin}/${hash}`);
      await page.waitForSelector("#table");
      return person;
    } catch (error) {
      await browser?.close();
      await viewer.close();
      throw error;
    }
  }

  /** Complaints that a test expects. */
  forget(expected: RegExp): void {
    this.complaints.splice(0, Infinity, ...this.complaints.filter((complaint) => !expected.test(complaint)));
  }

  /** Where the viewer is. */
  get origin(): string {
    return new URL(this.viewer.url).origin;
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

  /** Closes browser and viewer; fails where the page complained. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.viewer.close();
    assert.deepEqual(this.complaints, []);
  }
}
