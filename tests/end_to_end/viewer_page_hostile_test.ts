/** Hostile traffic before a person: nothing of it runs, loads or hides anything, and the page goes on taking what is typed. */
import assert from "node:assert/strict";
import { message } from "./log_of.ts";
import { Peer } from "./peers.ts";
import { Person, step } from "./person.ts";
import { Backend, pathOf } from "./sending.ts";
import { relay } from "./viewer_page.ts";

const MEGABYTE = 1 << 20;

/** Everything that would show if it ran, or was asked for. */
const MARKUP =
  `<script>document.title="owned"</script><img src="http://hostile.invalid/x" onerror='document.title="owned"'>` +
  `<svg onload='document.title="owned"'><script>document.title="owned"</script></svg>` +
  `<iframe src="http://hostile.invalid/"></iframe><link rel="stylesheet" href="http://hostile.invalid/c.css">` +
  `<base href="http://hostile.invalid/"><meta http-equiv="refresh" content="0;url=http://hostile.invalid/">` +
  `<form action="http://hostile.invalid/"><button autofocus>x</button></form>`;

/** Bytes as characters of their numbers, for heads. */
function bytes(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

const LONG = "x".repeat(60 * 1024);

const ANSWERS: { readonly [path: string]: () => Uint8Array } = {
  "/html": () => message("HTTP/1.1 200 OK", ["Content-Type: text/html"], MARKUP),
  "/svg": () =>
    message(
      "HTTP/1.1 200 OK",
      ["Content-Type: image/svg+xml"],
      `<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='owned'"><image href="http://hostile.invalid/i"/></svg>`,
    ),
  "/picture": () => message("HTTP/1.1 200 OK", ["Content-Type: image/png"], MARKUP),
  "/xml": () =>
    message(
      "HTTP/1.1 200 OK",
      ["Content-Type: text/xml"],
      `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "http://hostile.invalid/e">]><a>&x;${
        "<b>".repeat(5000)
      }</a>`,
    ),
  "/json": () =>
    message(
      "HTTP/1.1 200 OK",
      ["Content-Type: application/json"],
      `{"__proto__":{"x":1},"a":${"[".repeat(100_000)}`,
    ),
  "/head": () =>
    message(
      `HTTP/1.1 200 ${bytes("<img src=x onerror=alert(1)>\u202egnp")}`,
      [
        `X-<b>bold</b>: <script>document.title="owned"</script>`,
        `X-Bidi: ${bytes("a\u202eb\u2066c")}`,
        "X-Control: a\u001b[31m\u0007b",
        'Set-Cookie: <b>=<i onclick="x">; Path=/',
        "Content-Type: text/html\u0000; charset=<script>",
        "Location: javascript:alert(1)",
      ],
      "\u001b]0;owned\u0007\u0085\u2028\ufeff\u202e\u0000 end",
    ),
  "/large": () => message("HTTP/1.1 200 OK", ["Content-Type: application/json"], large()),
};

/** JSON of 30 MB, in many lines once it is formatted. */
function large(): string {
  const item = `{"name":"<b>item</b>","text":"${"lorem ipsum ".repeat(20)}"},`;
  return `[${item.repeat(Math.ceil(30 * MEGABYTE / item.length))}{}]`;
}

Deno.test("a person looks at hostile traffic: all of it is text, and the page stays at hand", async (t) => {
  await using backend = new Backend((request) =>
    (ANSWERS[pathOf(request).split("?")[0]] ?? ANSWERS["/html"])()
  );
  await using program = relay(backend.target, "--max-body", "64M", "--format", "none");
  const port = await program.port();
  const send = async (request: Uint8Array) => {
    using peer = await Peer.connect(port);
    await peer.send(request);
    const head = await peer.readHead();
    for (let left = Number(/content-length: (\d+)/i.exec(head)![1]); left > 0;) {
      left -= (await peer.readSome())!.length;
    }
  };
  const get = (target: string, ...fields: string[]) =>
    send(message(`GET ${target} HTTP/1.1`, ["Host: a", ...fields]));
  await using person = await Person.before(program);
  const { page } = person;
  const isCalm = async () => {
    assert.equal(await page.title(), "tcpmon");
    assert.equal(new URL(page.url()).origin, person.origin);
    const strange =
      "#app :is(script, iframe, img:not([src^='blob:']), object, embed, link, base, meta, svg script, [onerror], [onload], [onclick])";
    assert.equal(await page.locator(strange).count(), 0);
    assert.equal(page.frames().length, 1);
    const narrow = await person.ask<boolean>(`document.documentElement.scrollWidth <= innerWidth`);
    assert.ok(narrow, "the page is wider than its window");
  };

  await step(t, "bodies with markup, scripts and entities are text", async () => {
    for (const path of ["/html", "/svg", "/picture", "/xml", "/json"]) {
      await get(path);
      await person.opens(path);
      await page.waitForSelector('section[aria-label="Response"] :is(.x-line, .x-hex)');
      await isCalm();
    }
    await person.opens("/html");
    await person.reads('section[aria-label="Response"]', '<script>document.title="owned"</script>');
    await person.picture("hostile-html");
  });

  await step(t, "names, values and start lines with markup and controls are text", async () => {
    await get(
      `/head?${bytes("q=<b>\u202e")}&x=%3Cscript%3E%00%E2%80%AE`,
      "Cookie: <b>=<script>",
      "X-A<b>: 1",
    );
    await person.opens("/head");
    await person.tab("Response", "Headers");
    const text = await person.text("#exchange");
    for (const character of ["\u202e", "\u2066", "\u001b", "\u0007", "\u0000", "\u0085"]) {
      assert.ok(!text.includes(character), `U+${character.charCodeAt(0).toString(16)} is shown as it is`);
      assert.ok(!(await person.text("#table")).includes(character));
    }
    assert.ok(text.includes("X-<b>bold</b>"), text);
    for (const tab of ["Query", "Cookies"]) {
      await person.tab("Request", tab);
      await isCalm();
    }
    await person.tab("Response", "Body");
    await isCalm();
    await person.picture("hostile-head");
  });

  await step(t, "an address of 60 KiB does not burst the page", async () => {
    await get(`/html?${LONG}`, `X-Long: ${LONG}`);
    await person.opens("/html?xxx");
    await isCalm();
    await page.setViewportSize({ width: 390, height: 800 });
    await isCalm();
    await person.picture("hostile-narrow");
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  await step(t, "at a body of 30 MB the page goes on drawing and taking what is typed", async () => {
    await get("/large");
    await person.ask(`(() => {
      globalThis.gaps = [];
      let last = performance.now();
      const draw = (now) => (gaps.push(now - last), last = now, requestAnimationFrame(draw));
      requestAnimationFrame(draw);
    })()`);
    await person.opens("/large");
    await page.waitForSelector('section[aria-label="Response"] .x-line');
    await page.click('section[aria-label="Response"] >> text=/^Hex$/');
    await page.waitForSelector('section[aria-label="Response"] .x-hex');
    await page.fill("#filter", "path:/html");
    await person.until(`document.querySelectorAll("[data-row]").length === 2`);
    await person.picture("hostile-large");
    const gaps: number[] = await person.ask("gaps");
    // Other tests run beside this one; by itself nothing takes 200 ms.
    assert.ok(Math.max(...gaps) < 2000, `${Math.max(...gaps)} ms without a drawing`);
    await isCalm();
  });
});
