/** SOAP requests: what is wrapped, what goes as it is, and the fields that go with it. */
import assert from "node:assert/strict";
import { joined } from "../../src/http/joined.ts";
import { buildRequest, type BuiltRequest, type RequestWish } from "../../src/send/build_request.ts";
import { SendUsageError } from "../../src/send/send_error.ts";
import { bytes, text } from "./backend.ts";

function build(wish: Partial<RequestWish>): BuiltRequest {
  const context = { version: "1.2.3", boundary: () => "b" };
  return buildRequest({ url: "http://h/", headers: [], items: [], ...wish }, context);
}

function wire(wish: Partial<RequestWish>): string {
  return text(joined(build(wish).pieces));
}

const ENVELOPE_11 = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>';
const ENVELOPE_12 = "<Envelope xmlns='http://www.w3.org/2003/05/soap-envelope'><Body/></Envelope>";

Deno.test("a SOAP 1.1 body is wrapped, and its action stands in SOAPAction", () => {
  const sent = wire({ data: "<GetQuote/>", soap: "1.1", soapAction: "urn:Get" });
  assert.match(sent, /^POST .*Content-Type: text\/xml; charset=utf-8\r\nSOAPAction: "urn:Get"\r\n/s);
  assert.match(
    sent,
    /<soap:Envelope xmlns:soap="http:\/\/schemas.xmlsoap.org\/soap\/envelope\/"><soap:Body><GetQuote\/><\/soap:Body>/,
  );
  assert.match(wire({ data: "<a/>", soap: "1.1" }), /SOAPAction: ""\r\n/);
  assert.match(wire({ soap: "1.1" }), /<soap:Body><\/soap:Body>/);
  assert.match(wire({ data: "<a/>", soapAction: "urn:x" }), /text\/xml.*SOAPAction: "urn:x"/s);
});

Deno.test("a SOAP 1.2 body is wrapped, and its action is a parameter", () => {
  const sent = wire({ data: "<a/>", soap: "1.2", soapAction: "urn:Get" });
  assert.match(sent, /Content-Type: application\/soap\+xml; charset=utf-8; action="urn:Get"\r\n/);
  assert.match(sent, /xmlns:soap="http:\/\/www.w3.org\/2003\/05\/soap-envelope"/);
  assert.doesNotMatch(wire({ data: "<a/>", soap: "1.2" }), /action/i);
});

Deno.test("what is an envelope already goes as it is", () => {
  for (const prolog of ["", '<?xml version="1.0"?>\n', "\ufeff", "<!-- <x> -->\n<?pi a?>"]) {
    assert.equal(
      text(build({ data: prolog + ENVELOPE_11, soap: "1.1" }).body).replace(/^\ufeff/, ""),
      (prolog + ENVELOPE_11).replace(/^\ufeff/, ""),
    );
    assert.equal(
      build({ data: prolog + ENVELOPE_12, soap: "1.2" }).body.length,
      bytes(prolog + ENVELOPE_12).length,
    );
  }
});

Deno.test("a declaration is taken off, and its encoding honoured", () => {
  const latin1 = new Uint8Array([
    ...bytes('<?xml version="1.0" encoding="ISO-8859-1"?><a>'),
    0xe9,
    ...bytes("</a>"),
  ]);
  const sent = text(build({ data: latin1, soap: "1.1" }).body);
  assert.match(sent, /<soap:Body><a>é<\/a><\/soap:Body>/);
  assert.equal(sent.match(/<\?xml/g)?.length, 1);
  const envelope = bytes(`<?xml version="1.0" encoding="ISO-8859-1"?>${ENVELOPE_11}`);
  assert.match(wire({ data: envelope, soap: "1.1" }), /text\/xml; charset=iso-8859-1\r\n/);
});

Deno.test("an envelope of another kind only looks like one: it is wrapped", () => {
  const mail = '<Envelope xmlns="urn:mail"><To/></Envelope>';
  assert.match(wire({ data: mail, soap: "1.1" }), /<soap:Body><Envelope xmlns="urn:mail">/);
});

for (
  const [data, soap, message] of [
    [ENVELOPE_12, "1.1", "found an envelope of SOAP 1.2, wanted one of SOAP 1.1, or --soap 1.2"],
    [ENVELOPE_11, "1.2", "found an envelope of SOAP 1.1"],
    ["hello", "1.1", 'found the SOAP body "hello", wanted XML'],
    ["<!DOCTYPE a [<!ENTITY x 'y'>]><a/>", "1.1", "found a DOCTYPE in the SOAP body"],
    [new Uint8Array([0x3c, 0xff]), "1.1", "found a body that is no text in utf-8"],
  ] as const
) {
  Deno.test(`${message}`, () => {
    assert.throws(
      () => build({ data, soap }),
      (error) => error instanceof SendUsageError && error.message.startsWith(message),
    );
  });
}
