/** A person sends again what passed, changes it, compares, and writes requests of their own; a real backend gets them. */
import assert from "node:assert/strict";
import { Person, step } from "./person.ts";
import { installed } from "./program.ts";
import { type Answer, answered, Backend, field, ok, pathOf } from "./sending.ts";
import { curl } from "./tools.ts";
import { relay } from "./viewer_page.ts";

const ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/";

/** A quote service, and a shop that counts. */
function shop(name: string): Answer {
  let count = 0;
  return (request) => {
    if (pathOf(request) !== "/soap") {
      count++;
      const body = JSON.stringify({ shop: name, order: count, got: request.text });
      return answered("201 Created", body, "Content-Type: application/json");
    }
    const quote = /<symbol>ACME<\/symbol>/.test(request.text) ? "<quote>12.5</quote>" : "<none/>";
    return ok(
      `<s:Envelope xmlns:s="${ENVELOPE}"><s:Body>${quote}</s:Body></s:Envelope>`,
      "Content-Type: text/xml; charset=utf-8",
    );
  };
}

Deno.test({
  name:
    "a person resends, edits, sends elsewhere, compares, and calls a SOAP service of which there is only a name",
  ignore: !installed("curl"),
  async fn(t) {
    await using backend = new Backend(shop("first"));
    await using other = new Backend(shop("second"));
    await using program = relay(backend.target);
    const base = `http://127.0.0.1:${await program.port()}`;
    const posted = await curl(
      ...[`${base}/orders?a=b%20c`, "-H", "Content-Type: application/json", "-H", "X-Odd:  two  spaces "],
      ...["-d", '{"name":"apple","shares":1}'],
    );
    assert.equal(posted.code, 0);
    await using person = await Person.before(program);
    const { page } = person;
    const task = (text: string) => person.reads("#task", text);

    await step(t, "one click sends it again as it was, byte for byte", async () => {
      await person.opens("/orders");
      await page.click(".x-title >> text=/^Resend$/");
      await person.reads(".toasts", "Resent #1: 201 Created");
      const [first, again] = backend.received;
      assert.deepEqual([again.head, again.text], [first.head, first.text]);
      await page.click(".toast >> text=Show #2");
      await person.reads(".x-title", "Made of #1");
      await page.click("text=Compare with its origin");
      await task("1 difference");
      const found = await person.text(".a-differences");
      assert.match(found, /body\s*\$\.order[^]*1[^]*2/);
      await task("Wait for response");
      await person.picture("send-compare");
      await page.keyboard.press("Escape");
    });

    await step(t, "it is edited, and its length is counted in bytes", async () => {
      await person.opens("/orders");
      await page.keyboard.press("e");
      await page.waitForSelector("#send-body");
      const body = '{"name":"Äpfel 🍏","shares":1}';
      const bytes = new TextEncoder().encode(body).length;
      await page.fill("#send-body", body);
      await task(`Content-Length: ${bytes} bytes`);
      await page.keyboard.press("Control+Enter");
      await task("Sent as #3.");
      const sent = backend.received.at(-1)!;
      assert.deepEqual([sent.text, field(sent, "content-length")], [body, `${bytes}`]);
      assert.equal(pathOf(sent), "/orders?a=b%20c");
      await person.reads(".a-columns", "Äpfel 🍏");
      await person.picture("send-edited");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await person.until(`document.getElementById("task") === null`);
    });

    await step(t, "it is sent to another target, which answers otherwise", async () => {
      await person.opens("/orders");
      await page.keyboard.press("Shift+R");
      await person.until(`document.activeElement.matches("dialog[open] input")`);
      await page.keyboard.type(`http://${other.target}`);
      await person.picture("send-to");
      await page.keyboard.press("Enter");
      await person.reads(".toasts", `to http://${other.target}: 201 Created`);
      const [sent] = other.received;
      assert.equal(field(sent, "host"), other.target);
      assert.equal(sent.text, backend.received.at(-1)!.text);
    });

    await step(t, "two that are selected are compared", async () => {
      const rows = await person.rows();
      await page.click(`[data-row='${rows[0]}']`);
      await page.click(`[data-row='${rows.at(-1)}']`, { modifiers: ["Control"] });
      await page.keyboard.press("c");
      await task("differences");
      const found = await page.locator(".a-differences").allInnerTexts();
      assert.match(found.join("\n"), /\$\.name[^]*apple[^]*Äpfel[^]*\$\.shop[^]*first[^]*second/);
      await page.keyboard.press("Escape");
      await person.until(`document.getElementById("task") === null`);
    });

    await step(t, "a SOAP call is written from a template, checked, and answered", async () => {
      await page.keyboard.press("s");
      await page.getByRole("button", { name: "SOAP 1.1" }).click();
      await page.fill("#send-url", `http://${backend.target}/soap`);
      await page.getByLabel("SOAP action").fill("urn:quotes#get");
      const template = await page.inputValue("#send-body");
      assert.match(template, /<soap:Body>\s*<\/soap:Body>/);
      const call = "<soap:Body><get><symbol>ACME</symbol></get>";
      await page.fill("#send-body", template.replace("<soap:Body>", call.replace("</get>", "")));
      await page.click("text=Validate");
      await task("No XML: line");
      await page.fill("#send-body", template.replace("<soap:Body>", call));
      await page.click("text=Format");
      await person.until(
        `document.getElementById("send-body").value.includes("\\n         <symbol>ACME</symbol>\\n")`,
      );
      await page.click("text=Validate");
      await task("Well-formed XML");
      await page.click("#task >> text=/^Send$/");
      await task("Sent as #");
      await person.reads(".a-columns", "<quote>12.5</quote>");
      const sent = backend.received.at(-1)!;
      assert.equal(field(sent, "soapaction"), '"urn:quotes#get"');
      assert.match(field(sent, "content-type")!, /^text\/xml/);
      assert.equal(field(sent, "content-length"), `${sent.body.length}`);
      await person.picture("send-soap");
      await person.reads("[data-row] .c-url", "/soap");
    });

    await step(t, "what was sent is remembered, also by a page that is opened anew", async () => {
      await page.reload();
      await page.waitForSelector("[data-row]");
      await page.keyboard.press("s");
      await page.click("text=/^Sent before/");
      await person.picture("send-before");
      await page.click("#task .a-menu li button >> nth=0");
      await person.until(`document.getElementById("send-url").value.endsWith("/soap")`);
      assert.match(await page.inputValue("#send-body"), /ACME/);
    });

    await step(t, "where nobody answers, or where tcpmon itself listens, it is said why", async () => {
      const gone = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = gone.addr;
      gone.close();
      await page.fill("#send-url", `http://127.0.0.1:${port}/`);
      await page.keyboard.press("Control+Enter");
      await task("refused");
      await page.fill("#send-url", `${person.origin}/api/state`);
      await page.keyboard.press("Control+Enter");
      await task("listener of this tcpmon itself");
      await person.picture("send-refused");
      person.forget(/400/);
    });
  },
});
