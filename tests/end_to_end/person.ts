/**
 * A person before the real program: Chromium on the address that the program says. Whatever the page is made to do, it
 * may neither complain nor ask another host than the viewer for anything; that is looked at when the person leaves.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { openPage, Visitor, type VisitorSettings } from "../ui/visitor.ts";
import type { Program } from "./program.ts";

/** Where pictures go, for those who want to look at them: the beginning of their paths. */
const PICTURES = Deno.env.get("TCPMON_PICTURES");

/** A browser with the viewer of a program open. */
export class Person extends Visitor implements AsyncDisposable {
  /** Where the viewer is. */
  readonly origin: string;
  readonly #strange: string[] = [];

  private constructor(page: Page, origin: string) {
    super(page);
    this.origin = origin;
    // Of everything that the browser asks for, in whatever frame; pictures of the page's own are no requests to anybody.
    page.context().on("request", (request) => {
      const url = request.url();
      if (!/^(?:data|blob):/.test(url) && new URL(url).origin !== origin) this.#strange.push(url);
    });
  }

  /** Opens the viewer of a program, at the address that it says. */
  static async before(program: Program, settings?: VisitorSettings): Promise<Person> {
    return await Person.at(await addressOf(program), settings);
  }

  /** Opens a viewer. */
  static async at(url: string, settings?: VisitorSettings): Promise<Person> {
    const person = new Person(await openPage(settings), new URL(url).origin);
    try {
      await person.enter(url);
      return person;
    } catch (error) {
      await person.closeBrowser();
      throw error;
    }
  }

  /** Waits until an element says something. */
  async reads(selector: string, text: string): Promise<void> {
    const said = `[...document.querySelectorAll(${
      JSON.stringify(selector)
    })].map((one) => one.innerText).join("\\n")`;
    try {
      await this.until(`${said}.includes(${JSON.stringify(text)})`);
    } catch (error) {
      const found: string = await this.ask(said);
      const message = `${selector} never said ${JSON.stringify(text)}, but ${
        JSON.stringify(found.slice(0, 2000))
      }`;
      throw new assert.AssertionError({
        message: `${message}; ${error instanceof Error ? error.message : ""}`,
      });
    }
  }

  /** What an element says, once it is there. */
  text(selector: string): Promise<string> {
    return this.page.locator(selector).first().innerText();
  }

  /** What stands in a column of the rows, from top to bottom. */
  column(key: string): Promise<string[]> {
    return this.ask(
      `[...document.querySelectorAll("[data-row]")].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
        .map((row) => row.querySelector(".c-${key}").innerText)`,
    );
  }

  /** Waits for these requests in the table, from top to bottom. */
  async seesRequests(...urls: readonly string[]): Promise<void> {
    const seen = `[...document.querySelectorAll("[data-row]")]
      .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((row) => row.querySelector(".c-url").innerText).join(" ")`;
    await this.until(`${seen} === ${JSON.stringify(urls.join(" "))}`);
  }

  /** Clicks the uppermost row that says something, and waits until its exchange, or stream, is shown. */
  async opens(text: string): Promise<void> {
    const found =
      `[...document.querySelectorAll("[data-row]")].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
      .find((row) => row.innerText.includes(${JSON.stringify(text)}))?.dataset.row`;
    await this.until(found);
    const row: string = await this.ask(found);
    await this.page.click(`[data-row='${row}']`);
    await this.until(
      `document.getElementById("exchange")?.ariaLabel === "Row ${row}" &&
        document.querySelector("#exchange :is(.x-messages, .x-timeline)") !== null`,
    );
  }

  /** What the lines of a message's body show, without their numbers. */
  lines(part: "Request" | "Response"): Promise<string[]> {
    return this.ask(
      `[...document.querySelectorAll('section[aria-label="${part}"] .x-line')].map((line) => line.textContent)`,
    );
  }

  /** Opens a tab of a message. */
  async tab(part: "Request" | "Response", name: string): Promise<void> {
    await this.page.getByRole("region", { name: part, exact: true }).getByRole("tab", { name }).click();
  }

  /** What a button copies. */
  async copied(name: string | RegExp): Promise<string> {
    await this.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await this.page.getByRole("button", { name }).first().click();
    await this.page.locator(".x-said", { hasText: "Copied" }).last().waitFor();
    return await this.ask("navigator.clipboard.readText()");
  }

  /** The file that something makes the browser save. */
  async saved(
    selector: string,
  ): Promise<{ readonly name: string; readonly path: string; readonly text: string }> {
    const begun = this.page.waitForEvent("download");
    await this.page.click(selector);
    const download = await begun;
    const path = await download.path();
    return { name: download.suggestedFilename(), path, text: await Deno.readTextFile(path) };
  }

  /** Takes a picture, where somebody wants to look at it. */
  async picture(name: string): Promise<void> {
    if (PICTURES !== undefined) await this.page.screenshot({ path: `${PICTURES}${name}.png` });
  }

  /** Closes the browser; fails where the page complained, or asked elsewhere. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeBrowser();
    assert.deepEqual({ complaints: this.complaints, strange: this.#strange }, {
      complaints: [],
      strange: [],
    });
  }
}

/** The address of a program's viewer, with its token. */
export async function addressOf(program: Program): Promise<string> {
  return (await program.says(/viewer on http/)).split(" ").at(-1)!;
}

/**
 * A step of a story. What it leaves open is closed at the story's end, where its test looks for leaks; after a step that
 * failed there is no sense in the next one.
 */
export async function step(t: Deno.TestContext, name: string, fn: () => Promise<void>): Promise<void> {
  const isFine = await t.step({
    name,
    fn,
    sanitizeOps: false,
    sanitizeResources: false,
    sanitizeExit: false,
  });
  if (!isFine) throw new assert.AssertionError({ message: `a step failed: ${name}` });
}
