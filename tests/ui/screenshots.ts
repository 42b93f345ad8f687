/** `deno task screenshots`: pictures of the viewer for the README, taken of the demo in Debian's Chromium. */
import { chromium } from "playwright-core";
import { CHROMIUM, CHROMIUM_ARGUMENTS } from "./chromium_arguments.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const PICTURES = [
  { name: "viewer", scheme: "light", path: "/api/quotes?symbol" },
  { name: "viewer-dark", scheme: "dark", path: "/axis/services/StockQuote" },
] as const;

/** Waits for the address of the viewer, and for the demo to have said all it has to say. */
async function addressOf(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stderr) {
    text += decoder.decode(bytes, { stream: true });
    const url = /viewer on (\S+)/.exec(text)?.[1];
    if (url !== undefined && text.includes("Try, and watch")) return url;
  }
  throw new Error(`the demo ended without a viewer; it said: ${text}`);
}

const demo = new Deno.Command(Deno.execPath(), {
  args: ["run", "--allow-all", "--quiet", MAIN, "demo", "--view=127.0.0.1:0", "--format", "none"],
  stdin: "null",
  stdout: "null",
  stderr: "piped",
}).spawn();
try {
  const url = await addressOf(demo.stderr);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...CHROMIUM_ARGUMENTS] });
  try {
    for (const { name, scheme, path } of PICTURES) {
      const context = await browser.newContext({
        colorScheme: scheme,
        viewport: { width: 1280, height: 760 },
        timezoneId: "UTC",
      });
      const page = await context.newPage();
      await page.goto(url);
      // Its text may be cut off: a click on it would scroll it into sight within its cell.
      await page.locator("[data-row]", { hasText: path }).first().locator(".c-state").click();
      await page.getByRole("heading", { name: "Response" }).first().waitFor();
      await page.screenshot({ path: new URL(`./${name}.png`, import.meta.url).pathname });
      await context.close();
    }
  } finally {
    await browser.close();
  }
} finally {
  demo.kill("SIGTERM");
  await demo.status;
}
