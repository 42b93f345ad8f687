/** SOAP in a message: what is told of envelopes and Faults, and how they are found. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { type Soap, soapOf } from "../../src/capture/soap.ts";
import {
  ADDRESSING,
  addressing,
  answer,
  CALL,
  call,
  envelope,
  FAULT,
  mtom,
  MTOM_TYPE,
  SOAP_11,
  SOAP_12,
  SOAP_XML,
  XML,
} from "./soap_samples.ts";

const LIMIT = 1024 * 1024;
const read = (content: string | Uint8Array, type = "text/xml"): Soap | undefined =>
  soapOf(call(content, [["Content-Type", type]]), LIMIT);

Deno.test("a call tells version, operation, namespace and action", () => {
  assert.deepEqual(soapOf(call(envelope(CALL), [["soapaction", '"urn:GetQuote"'], XML]), LIMIT), {
    version: "1.1",
    operation: "GetQuote",
    namespace: "urn:quotes",
    action: "urn:GetQuote",
  });
  const modern = envelope(CALL).replaceAll(SOAP_11, SOAP_12);
  assert.deepEqual(read(modern, 'Application/SOAP+XML; action="urn:a;b"; charset=utf-8'), {
    version: "1.2",
    operation: "GetQuote",
    namespace: "urn:quotes",
    action: "urn:a;b",
  });
});

Deno.test("names are told apart by namespace, whatever their prefixes", () => {
  assert.deepEqual(
    read(`<Envelope xmlns="${SOAP_11}"><Body><get xmlns=""/></Body></Envelope>`),
    { version: "1.1", operation: "get" },
  );
  assert.deepEqual(
    read(`<a:Envelope xmlns:a='${SOAP_11}'><b:Body xmlns:b="${SOAP_11}" xmlns="urn:x"><b:Fault2/></b:Body>`),
    { version: "1.1", operation: "Fault2", namespace: SOAP_11 },
  );
  // A Fault of another namespace is an operation like any other.
  assert.deepEqual(read(envelope('<x:Fault xmlns:x="urn:x"/>'))?.operation, "Fault");
  assert.deepEqual(read(envelope('<x:Do xmlns:x="urn:a?b&amp;c"/>'))?.namespace, "urn:a?b&c");
  const shadowed = envelope('<soap:Fault xmlns:soap="urn:other"/>');
  assert.deepEqual(read(shadowed), { version: "1.1", operation: "Fault", namespace: "urn:other" });
});

Deno.test("what is no SOAP is not", () => {
  for (
    const content of [
      "",
      "no XML",
      "<a/>",
      "<Envelope/>",
      '<Envelope xmlns="urn:mine"><Body><x/></Body></Envelope>',
      `<Body xmlns="${SOAP_11}"/>`,
      `<!DOCTYPE a [<!ENTITY x "y">]>${envelope(CALL).slice(22)}`,
      `{"soap": "${SOAP_11}"}`,
    ]
  ) assert.equal(read(content), undefined, content);
  for (const type of ["application/json", "text/html", "text/xmlish", "application/x-www-form-urlencoded"]) {
    assert.equal(read(envelope(CALL), type), undefined, type);
  }
  assert.equal(soapOf(call(envelope(CALL), []), LIMIT), undefined);
});

Deno.test("an envelope without a call is SOAP all the same", () => {
  assert.deepEqual(read(envelope("")), { version: "1.1" });
  assert.deepEqual(read(envelope(" <!-- nothing --> ")), { version: "1.1" });
  assert.deepEqual(read(`<e:Envelope xmlns:e="${SOAP_12}"/>`), { version: "1.2" });
  assert.deepEqual(read(`<e:Envelope xmlns:e="${SOAP_12}"><e:Body/></e:Envelope>`), { version: "1.2" });
});

Deno.test("comments, instructions and sections with tags in them hide no tag and add none", () => {
  const body = `<!-- <x/> --><?y <z>?><![CDATA[<w>]]>${CALL}`;
  const odd = envelope(body, "<h a=\"</soap:Header>\" b='>'><![CDATA[</h></soap:Header>]]></h>");
  assert.equal(read(`<!-- <a> -->${odd.slice(22)}`)?.operation, "GetQuote");
});

Deno.test("Faults as the stacks write them", () => {
  const axis = envelope(
    '<soap:Fault><faultcode xmlns:ns1="http://xml.apache.org/axis/">ns1:Server.NoService</faultcode>' +
      "<faultstring>The AXIS engine could not find a target service to invoke!  targetService is X</faultstring>" +
      '<detail><ns2:hostname xmlns:ns2="http://xml.apache.org/axis/">host</ns2:hostname></detail></soap:Fault>',
  );
  assert.deepEqual(read(axis)?.fault, {
    code: "ns1:Server.NoService",
    string: "The AXIS engine could not find a target service to invoke!  targetService is X",
  });
  const cxf = envelope(
    "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>Unmarshalling Error: cvc-type.3.1.3: " +
      "&apos;&lt;x&gt;&apos; &#x201C;is&#8221; not valid</faultstring></soap:Fault>",
  );
  assert.equal(
    read(cxf)?.fault?.string,
    "Unmarshalling Error: cvc-type.3.1.3: '<x>' \u201cis\u201d not valid",
  );
  const dotnet = `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${SOAP_12}"><soap:Body>` +
    "<soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value><soap:Subcode>" +
    '<soap:Value xmlns:a="urn:a">a:Busy</soap:Value><soap:Subcode><soap:Value>a:Disk</soap:Value></soap:Subcode>' +
    "</soap:Subcode></soap:Code><soap:Reason>" +
    '<soap:Text xml:lang="en">Server was unable to process request. ---&gt; No</soap:Text>' +
    '<soap:Text xml:lang="de">Nein</soap:Text></soap:Reason><soap:Role>urn:me</soap:Role><soap:Detail />' +
    "</soap:Fault></soap:Body></soap:Envelope>";
  assert.deepEqual(read(dotnet, SOAP_XML[1]), {
    version: "1.2",
    fault: {
      code: "soap:Receiver",
      subcodes: ["a:Busy", "a:Disk"],
      string: "Server was unable to process request. ---> No",
      actor: "urn:me",
    },
  });
  const spring = `<SOAP-ENV:Envelope xmlns:SOAP-ENV="${SOAP_11}"><SOAP-ENV:Header/><SOAP-ENV:Body>` +
    "<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode>" +
    '<faultstring xml:lang="en"><![CDATA[Validation <error>]]> &amp; more\n</faultstring>' +
    "<faultactor>http://a.test/</faultactor><detail/></SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>";
  assert.deepEqual(read(spring)?.fault, {
    code: "SOAP-ENV:Client",
    string: "Validation <error> & more",
    actor: "http://a.test/",
  });
  assert.deepEqual(read(envelope("<soap:Fault/>"))?.fault, { code: "", string: "" });
});

Deno.test("WS-Addressing of both versions tells the message and those it relates to", () => {
  const blocks =
    `<other><wsa:MessageID>no</wsa:MessageID></other>${addressing(" urn:uuid:2\n", "urn:uuid:1")}` +
    '<MessageID>neither</MessageID><wsa:RelatesTo RelationshipType="urn:x">urn:uuid:0</wsa:RelatesTo>';
  for (const uri of [ADDRESSING, "http://schemas.xmlsoap.org/ws/2004/08/addressing"]) {
    const soap = read(envelope(CALL, blocks).replaceAll(ADDRESSING, uri));
    assert.equal(soap?.messageId, "urn:uuid:2");
    assert.deepEqual(soap?.relatesTo, ["urn:uuid:1", "urn:uuid:0"]);
    assert.equal(soap?.operation, "GetQuote");
  }
  assert.equal(read(envelope(CALL, blocks).replaceAll(ADDRESSING, "urn:else"))?.messageId, undefined);
  const local = `<m:MessageID xmlns:m="${ADDRESSING}">urn:3</m:MessageID>`;
  assert.equal(read(envelope(CALL, local))?.messageId, "urn:3");
});

Deno.test("any charset is read: by byte order mark, Content-Type, declaration, or the shape of UTF-16", () => {
  const umlaut = FAULT.replace("Out of stock", "Größe");
  const text = envelope(umlaut);
  const string = (bytes: Uint8Array, type?: string) => read(bytes, type)?.fault?.string;
  const utf8 = new TextEncoder().encode(text);
  const latin = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const wide = (big: boolean) => {
    const view = new DataView(new ArrayBuffer(text.length * 2));
    for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), !big);
    return new Uint8Array(view.buffer);
  };
  assert.equal(string(utf8), "Größe");
  assert.equal(string(Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8), "text/xml; charset=latin1"), "Größe");
  assert.equal(string(latin, "text/xml; charset=ISO-8859-1"), "Größe");
  const declared = text.replace('"1.0"?', '"1.0" encoding="iso-8859-1"?');
  assert.equal(string(Uint8Array.from(declared, (character) => character.charCodeAt(0))), "Größe");
  assert.equal(string(wide(false)), "Größe");
  assert.equal(string(wide(true), "text/xml; charset=utf-16"), "Größe");
  assert.equal(string(Uint8Array.of(0xff, 0xfe, ...wide(false))), "Größe");
  assert.equal(string(utf8, "text/xml; charset=utf-16"), "Größe", "what only calls itself UTF-16");
  assert.equal(string(utf8, "text/xml; charset=none-such"), "Größe");
});

Deno.test("a coded body is decoded, as far as the limit allows", () => {
  const fields = [XML, ["Content-Encoding", "gzip"]] as const;
  const packed = new Uint8Array(gzipSync(envelope(CALL)));
  assert.equal(soapOf(call(packed, fields), LIMIT)?.operation, "GetQuote");
  assert.deepEqual(soapOf(call(packed, fields), 180), { version: "1.1" });
  assert.equal(soapOf(call(packed, fields), 20), undefined);
});

Deno.test("of a cut envelope, what stands before the cut is told", () => {
  const whole = envelope(FAULT, addressing("urn:1", "urn:0"));
  const seen = new Set<string>();
  for (let end = 0; end <= whole.length; end++) {
    const soap = read(whole.slice(0, end));
    if (soap === undefined) continue;
    assert.ok("urn:1".startsWith(soap.messageId ?? ""), whole.slice(0, end));
    const string = soap.fault?.string ?? "";
    assert.ok("Out of stock".startsWith(string.split("<")[0]), string);
    seen.add(string);
  }
  assert.ok(seen.has("Out of st"));
  assert.ok(seen.has("Out of stock"));
});

Deno.test("what was read is kept with the message, and with no other", () => {
  const message = answer(envelope(FAULT));
  const soap = soapOf(message, LIMIT);
  message.body.kept.fill(0x20);
  assert.equal(soapOf(message, LIMIT), soap);
  assert.equal(soapOf({ ...message }, LIMIT), undefined);
});

Deno.test("the envelope of an MTOM message is in its root part, wherever that stands", () => {
  const bytes = mtom(Uint8Array.from({ length: 300 }, (_, i) => i & 255));
  assert.deepEqual(read(bytes, MTOM_TYPE), {
    version: "1.2",
    operation: "upload",
    namespace: "urn:pictures",
  });
  const text =
    `--b\r\nContent-ID: <1>\r\n\r\n<no/>\r\n--b\r\nContent-ID: <2>\r\nContent-Type: text/xml\r\n\r\n` +
    `${envelope(CALL)}\r\n--b--`;
  assert.equal(read(text, 'multipart/related; boundary=b; start="<2>"')?.operation, "GetQuote");
  assert.equal(read(text, "multipart/related; boundary=b; start=2; type=text/xml")?.operation, "GetQuote");
  assert.equal(read(text, "multipart/related; boundary=b"), undefined);
  assert.equal(read(text, 'multipart/related; boundary=b; start="<2>"; type="image/png"'), undefined);
  assert.equal(read(text, "multipart/related"), undefined);
  const root = text.replace("text/xml", 'application/xop+xml; type="application/soap+xml"; action="urn:up"');
  assert.equal(read(root, 'multipart/related; boundary=b; start="<2>"')?.action, "urn:up");
});
