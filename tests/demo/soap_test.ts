/** The StockQuote service in both versions of SOAP. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { startBackend } from "../../src/demo/backend.ts";
import { SOAP_PATH } from "../../src/demo/answers.ts";
import { answerSoap } from "../../src/demo/soap.ts";
import { anyText } from "../any_text.ts";

const SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12 = "http://www.w3.org/2003/05/soap-envelope";

function call(namespace: string, symbol: string): string {
  return `<?xml version="1.0"?><e:Envelope xmlns:e="${namespace}"><e:Body><q:getQuote xmlns:q="urn:q" ` +
    `e:encodingStyle="x">\n <symbol xsi:type="xsd:string"> ${symbol} </symbol></q:getQuote></e:Body></e:Envelope>`;
}

Deno.test("a quote is answered in the version of SOAP that asked", () => {
  const old = answerSoap("text/xml; charset=utf-8", call(SOAP_11, "XXX"));
  assert.deepEqual([old.status, old.contentType], [200, "text/xml; charset=utf-8"]);
  assert.equal(old.xml.includes(`xmlns:soapenv="${SOAP_11}"`), true);
  assert.match(old.xml, /<getQuoteReturn>55\.25<\/getQuoteReturn>/);
  const modern = answerSoap('Application/SOAP+XML; action="getQuote"', call(SOAP_12, "ibm"));
  assert.deepEqual([modern.status, modern.contentType], [200, "application/soap+xml; charset=utf-8"]);
  assert.equal(modern.xml.includes(`xmlns:soapenv="${SOAP_12}"`), true);
  assert.match(modern.xml, /<getQuoteReturn>297\.44<\/getQuoteReturn>/);
});

Deno.test("an unknown symbol is a Fault with status 500 that repeats it, escaped and shortened", () => {
  const old = answerSoap("text/xml", call(SOAP_11, "&lt;b&gt; &amp;amp; NOPE"));
  assert.equal(old.status, 500);
  assert.match(old.xml, /<faultcode>soapenv:Server\.userException<\/faultcode>/);
  assert.match(old.xml, /<faultstring>no such symbol: &lt;b&gt; &amp;amp; NOPE<\/faultstring>/);
  const modern = answerSoap("application/soap+xml", call(SOAP_12, "N".repeat(1000)));
  assert.equal(modern.status, 500);
  assert.match(modern.xml, /<soapenv:Value>soapenv:Receiver<\/soapenv:Value>/);
  assert.match(modern.xml, /<soapenv:Text xml:lang="en">no such symbol: N{40}<\/soapenv:Text>/);
});

Deno.test("what is no call is the sender's Fault: 500 in SOAP 1.1, 400 in SOAP 1.2", () => {
  const noCalls = ["", "no XML", "<", "<getQuote", "<getQuote/>", call("urn:other", "IBM")];
  for (const xml of [...noCalls, `<Envelope xmlns="${SOAP_11}"><getQuote/></Envelope>`]) {
    const old = answerSoap("text/xml", xml);
    assert.equal(old.status, 500, xml);
    assert.match(old.xml, /<faultcode>soapenv:Client<\/faultcode>/);
    const modern = answerSoap("application/soap+xml", xml);
    assert.equal(modern.status, 400, xml);
    assert.match(modern.xml, /<soapenv:Value>soapenv:Sender</);
  }
});

Deno.test("whatever is sent, the answer is a whole envelope, and soon", () => {
  fc.assert(
    fc.property(fc.string(), anyText(), (contentType, noise) => {
      for (const xml of [noise, call(SOAP_11, noise), call(SOAP_12, noise)]) {
        assert.match(answerSoap(contentType, xml).xml, /^<\?xml .*<\/soapenv:Body><\/soapenv:Envelope>$/s);
      }
    }),
  );
  const from = performance.now();
  for (const hostile of ["<", "<a ", "<symbol>", "<getQuote "]) {
    answerSoap("text/xml", SOAP_11 + hostile.repeat(100_000));
  }
  assert.equal(performance.now() - from < 2_000, true);
});

Deno.test("the service is where Axis had it, and takes POST only", async () => {
  const backend = startBackend();
  try {
    const url = `http://${backend.address}${SOAP_PATH}`;
    const headers = { "Content-Type": "text/xml", SOAPAction: '""' };
    const answer = await fetch(url, { method: "POST", headers, body: call(SOAP_11, "SAP") });
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /239\.88/);
    const faulty = await fetch(url, { method: "POST", headers, body: call(SOAP_11, "NOPE") });
    assert.equal(faulty.status, 500);
    assert.match(await faulty.text(), /no such symbol: NOPE/);
    const got = await fetch(url);
    await got.body?.cancel();
    assert.deepEqual([got.status, got.headers.get("allow")], [405, "POST"]);
  } finally {
    await backend.stop();
  }
});
