/** A person watches real traffic in the viewer: it comes in live, and each exchange is understood. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { PNG } from "../ui/client/exchange/images.ts";
import { addressOf, Person, step } from "./person.ts";
import { installed } from "./program.ts";
import { type Answer, answered, Backend, ok, pathOf } from "./sending.ts";
import { curl, run } from "./tools.ts";
import { relay } from "./viewer_page.ts";

const ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/";

function envelope(content: string): string {
  return `<s:Envelope xmlns:s="${ENVELOPE}"><s:Body>${content}</s:Body></s:Envelope>`;
}

const FAULT = "<s:Fault><faultcode>s:Client</faultcode><faultstring>no such symbol</faultstring></s:Fault>";

const ANSWERS: { readonly [path: string]: Uint8Array } = {
  "/json": ok('{"name":"é","list":[1,{"deep":true}]}', "Content-Type: application/json"),
  "/soap": answered("500 Internal Server Error", envelope(FAULT), "Content-Type: text/xml; charset=utf-8"),
  "/packed": ok(gzipSync("packed text, unpacked"), "Content-Type: text/plain", "Content-Encoding: gzip"),
  "/form": answered("204 No Content", "", "Set-Cookie: seen=1; Path=/"),
  "/picture": ok(PNG, "Content-Type: image/png"),
  "/declared": ok(Uint8Array.of(0x63, 0x61, 0x66, 0xe9), "Content-Type: text/plain; charset=iso-8859-1"),
  "/undeclared": ok(Uint8Array.of(0x63, 0x61, 0x66, 0xe9), "Content-Type: text/plain"),
  "/bytes": ok(Uint8Array.of(0, 1, 2, 254, 255), "Content-Type: application/octet-stream"),
};

const answer: Answer = (request) => ANSWERS[pathOf(request).split("?")[0]] ?? ok("hello");

Deno.test({
  name: "a person opens the address, sees traffic come in, and reads what passed",
  ignore: !installed("curl"),
  async fn(t) {
    await using backend = new Backend(answer);
    await using program = relay(backend.target);
    const base = `http://127.0.0.1:${await program.port()}`;
    await using person = await Person.before(program);
    const { page } = person;
    const get = async (...args: string[]) => assert.equal((await curl(...args)).code, 0);

    await step(t, "the token is in no address any more, and the page tells how to begin", async () => {
      assert.equal(page.url(), `${person.origin}/`);
      assert.equal(await person.ask("document.cookie"), "", "the page's code cannot read it");
      const [cookie] = await page.context().cookies();
      assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Strict"]);
      assert.ok((await addressOf(program)).length > `${person.origin}/?token=`.length);
      await page.reload();
      await person.reads(".empty", `curl ${base}/`);
      await person.picture("watch-empty");
    });

    await step(t, "the command that the page names makes the first row", async () => {
      await get(...(await person.text(".empty .command")).split(" ").slice(1));
      await person.seesRequests("/");
      assert.equal(await page.locator(".empty").count(), 0);
    });

    await step(t, "Most Recent goes on with what comes", async () => {
      await page.click("text=Most Recent");
      await get(`${base}/json`);
      await person.seesRequests("/json", "/");
      await person.reads(".x-title", "GET /json");
      await get(`${base}/bytes`);
      await person.reads(".x-title", "GET /bytes");
      await person.seesRequests("/bytes", "/json", "/");
    });

    await step(t, "JSON is formatted", async () => {
      await person.opens("/json");
      await person.until(`document.querySelectorAll('section[aria-label="Response"] .x-line').length > 5`);
      assert.deepEqual((await person.lines("Response")).slice(0, 3), [
        "{",
        '  "name": "é",',
        '  "list": [',
      ]);
    });

    await step(t, "bytes are shown as hex", async () => {
      await person.opens("/bytes");
      await person.reads('section[aria-label="Response"] .x-hex', "00 01 02 fe ff");
    });

    await step(t, "SOAP is told by operation and Fault, and its XML is formatted", async () => {
      const call = envelope('<q:getQuote xmlns:q="urn:quotes"><symbol>NOPE</symbol></q:getQuote>');
      await get(`${base}/soap`, "-H", "Content-Type: text/xml", "-H", 'SOAPAction: "urn:quote"', "-d", call);
      await person.opens("/soap");
      const row = page.locator("[data-row]").filter({ hasText: "/soap" });
      const told = await row.innerText();
      for (const words of ["Fault", "POST", "getQuote", "/soap", "no such symbol", "500"]) {
        assert.ok(told.includes(words), `${words} in ${told}`);
      }
      await person.reads(".x-overview", "getQuote");
      await person.reads(".x-overview", "no such symbol");
      await person.until(`document.querySelectorAll('section[aria-label="Response"] .x-line').length > 5`);
      assert.ok(
        (await person.lines("Response")).includes("         <faultstring>no such symbol</faultstring>"),
      );
      for (const words of ["Wait for response", "Added by tcpmon", "Total"]) {
        await person.reads(".x-overview", words);
      }
      await person.picture("watch-soap");
    });

    await step(t, "a coded body is decoded, and can be seen as it was sent", async () => {
      await get(`${base}/packed`);
      await person.opens("/packed");
      await person.until(`document.querySelector('section[aria-label="Response"] .x-line') !== null`);
      assert.deepEqual(await person.lines("Response"), ["packed text, unpacked"]);
      await page.click("text=As sent (gzip)");
      await person.reads('section[aria-label="Response"] .x-hex', "1f 8b 08");
    });

    await step(t, "headers, query, cookies and form are tables", async () => {
      await get(`${base}/form?q=a%20b&page=2`, "-b", "id=7; theme=dark", "-d", "who=J%C3%B6rg&what=x+y");
      await person.opens("/form");
      const table = (label: string) =>
        person.text(`section[aria-label="Request"] table[aria-label="${label}"]`);
      await person.tab("Request", "Headers");
      assert.match(await table("Headers"), /Cookie\s+id=7; theme=dark/);
      await person.tab("Request", "Query");
      assert.match(await table("Query"), /q\s+a b[^]*page\s+2/);
      await person.tab("Request", "Cookies");
      assert.match(await table("Cookies"), /id\s+7[^]*theme\s+dark/);
      await person.tab("Request", "Form");
      assert.match(await table("Form"), /who\s+Jörg[^]*what\s+x y/);
      await person.picture("watch-form");
      await person.tab("Response", "Cookies");
      assert.match(
        await person.text('section[aria-label="Response"] table[aria-label="Cookies"]'),
        /seen\s+1/,
      );
      // What was chosen holds for the next exchanges.
      await person.tab("Request", "Headers");
      await person.tab("Response", "Headers");
    });

    await step(t, "a picture is drawn", async () => {
      await get(`${base}/picture`);
      await person.opens("/picture");
      await person.tab("Response", "Body");
      await person.until(`document.querySelector(".x-image img")?.naturalWidth === 1`);
    });

    await step(t, "a charset that is declared is right at once, another one is chosen by hand", async () => {
      const first = `document.querySelector('section[aria-label="Response"] .x-line')?.textContent`;
      await get(`${base}/declared`);
      await person.opens("/declared");
      await person.until(`${first} === "café"`);
      await get(`${base}/undeclared`);
      await person.opens("/undeclared");
      const response = page.getByRole("region", { name: "Response", exact: true });
      await response.getByRole("button", { name: "Text", exact: true }).click();
      await response.getByLabel("Charset").selectOption("windows-1252");
      await person.until(`${first} === "café"`);
    });

    await step(t, "the parts of an upload are listed", async () => {
      await get(
        `${base}/upload`,
        "-F",
        "note=hello",
        "-F",
        'file={"a":1};type=application/json;filename=a.json',
      );
      await person.opens("/upload");
      await person.tab("Request", "Body");
      await person.until(`document.querySelectorAll(".x-parts summary").length === 2`);
      const parts = await page.locator(".x-parts summary").allInnerTexts();
      assert.match(parts.join("\n"), /note[^]*a\.json\s+application\/json/);
      await page.locator(".x-parts summary").last().click();
      // Somebody chose Text before.
      await page.locator(".x-parts").getByRole("button", { name: "JSON", exact: true }).click();
      await person.until(`document.querySelectorAll(".x-parts .x-line").length === 3`);
      await person.picture("watch-parts");
    });

    await step(t, "the command of curl that is copied makes the same request again", async () => {
      await person.opens("/form");
      const command = await person.copied(/^Copy curl/);
      const before = backend.received.length;
      assert.equal((await run("sh", ["-c", command])).code, 0, command);
      const again = backend.received.slice(before);
      const first = backend.received.find((request) => pathOf(request).startsWith("/form"))!;
      assert.equal(again.length, 1);
      assert.equal(again[0].text, first.text);
      // curl has its own order of fields.
      const fields = (head: string) => head.split("\r\n").sort();
      assert.deepEqual(fields(again[0].head), fields(first.head));
    });

    await step(t, "an address leads to an exchange, and narrow it is a page of its own", async () => {
      const hash: string = await person.ask("location.hash");
      await page.setViewportSize({ width: 390, height: 800 });
      await page.goto(`${person.origin}/${hash}`);
      await person.reads(".x-title", "POST /form");
      assert.ok(await person.ask(`document.documentElement.scrollWidth <= 390`));
      await person.picture("watch-narrow");
      await page.click("text=Back to the list");
      await person.picture("watch-narrow-list");
    });
  },
});
