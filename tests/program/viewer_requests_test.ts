/** What the page's requests are as bytes. */
import assert from "node:assert/strict";
import { madeOf, type MakingSettings } from "../../src/program/viewer_requests.ts";
import type { SendRequest } from "../../src/ui/api.ts";
import { Recorder } from "../ui/client/exchange/records.ts";

const SETTINGS: MakingSettings = {
  network: { upstreamFor: () => undefined },
  version: "1.2.3",
  keepsHost: false,
};

function wire(request: Partial<SendRequest>): string {
  const origin = request.from === undefined ? undefined : new Recorder().exchange();
  const whole = { method: "POST", url: "http://a.example/x", headers: [], body: {}, ...request };
  const { pieces } = madeOf(whole, origin, SETTINGS);
  return pieces.map((piece) => new TextDecoder().decode(piece)).join("");
}

Deno.test("a captured request that is edited has the fields that it is given, its Host and its length, and no others", () => {
  const headers = [["x-One", "1"]] as const;
  assert.equal(
    wire({ from: 1, headers, body: { text: "hello" } }),
    "POST /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nx-One: 1\r\n\r\nhello",
  );
  assert.equal(
    wire({ from: 1, method: "GET", headers: [["host", "b"], ["ACCEPT", "text/xml"]] }),
    "GET /x HTTP/1.1\r\nhost: b\r\nACCEPT: text/xml\r\n\r\n",
  );
});

Deno.test("a new request has what most servers want, unless it says otherwise", () => {
  assert.equal(
    wire({ method: "GET", headers: [["User-Agent", "me"]] }),
    "GET /x HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nUser-Agent: me\r\n\r\n",
  );
  assert.match(wire({ body: { text: "a=b" } }), /\r\nContent-Type: /);
});

Deno.test("a captured request that is made a SOAP request has what SOAP wants", () => {
  const sent = wire({ from: 1, body: { text: "<x/>" }, soap: "1.1", soapAction: "urn:x" });
  assert.match(sent, /\r\nContent-Type: text\/xml/);
  assert.match(sent, /\r\nSOAPAction: "urn:x"\r\n/);
  assert.doesNotMatch(sent, /\r\n(?:Accept|User-Agent): /);
});
