/** SOAP in an exchange: what of both messages is told, which exchange it answers, and that redaction holds. */
import assert from "node:assert/strict";
import { SoapCorrelation, soapOfExchange } from "../../src/capture/soap_exchange.ts";
import { addressing, answer, CALL, call, envelope, failed, FAULT } from "./soap_samples.ts";
import { exchange, request } from "./filter_samples.ts";
import { redactor } from "./redact_samples.ts";

const LIMIT = 1024 * 1024;
const called = (id: number, messageId: string, relatesTo?: string) =>
  exchange({
    id,
    request: call(envelope(CALL, addressing(messageId, relatesTo))),
    response: answer("", 202),
  });

Deno.test("an exchange tells what is called and what failed", () => {
  assert.deepEqual(soapOfExchange(failed(), LIMIT), {
    operation: "GetQuote",
    version: "1.1",
    action: "urn:GetQuote",
    fault: { code: "soap:Server", string: "Out of stock" },
  });
  assert.equal(soapOfExchange(exchange(), LIMIT), undefined);
  assert.deepEqual(soapOfExchange(failed({ request: undefined }), LIMIT), {
    version: "1.1",
    fault: { code: "soap:Server", string: "Out of stock" },
  });
  const got = failed({ request: request("GET /soap"), response: answer(envelope("<GetQuoteResponse/>")) });
  assert.deepEqual(soapOfExchange(got, LIMIT), { operation: "GetQuoteResponse", version: "1.1" });
});

Deno.test("the ids of both messages are told, what they relate to once", () => {
  const response = answer(envelope(CALL, addressing("urn:b", "urn:a") + addressing("urn:c", "urn:0")));
  const soap = soapOfExchange({ ...called(1, "urn:a", "urn:0"), response }, LIMIT);
  assert.equal(soap?.messageId, "urn:a");
  assert.deepEqual(soap?.relatesTo, ["urn:0", "urn:a"]);
});

Deno.test("a reply that comes in an exchange of its own names the one that it answers", () => {
  const correlation = new SoapCorrelation();
  const first = called(12, "urn:a");
  const reply = called(17, "urn:b", "urn:a");
  assert.equal(correlation.of(first, LIMIT)?.repliesTo, undefined);
  assert.equal(correlation.of(reply, LIMIT)?.repliesTo, 12);
  assert.equal(correlation.of(reply, LIMIT)?.repliesTo, 12, "however often it is asked");
  assert.equal(correlation.of(first, LIMIT)?.repliesTo, undefined);
  const fault = exchange({
    id: 18,
    request: call(envelope(FAULT, addressing("urn:d", "urn:a"))),
    response: undefined,
  });
  assert.equal(correlation.of(fault, LIMIT)?.repliesTo, 12);
  assert.equal(correlation.of(fault, LIMIT)?.fault?.code, "soap:Server");
  assert.equal(correlation.of(called(19, "urn:e", "urn:unknown"), LIMIT)?.repliesTo, undefined);
});

Deno.test("an ordinary answer relates to its own request, and is told to reply to no other", () => {
  const correlation = new SoapCorrelation();
  const response = answer(envelope(CALL, addressing("urn:b", "urn:a")));
  assert.equal(correlation.of({ ...called(1, "urn:a"), response }, LIMIT)?.repliesTo, undefined);
  assert.equal(
    correlation.of({ ...called(2, "urn:a"), response }, LIMIT)?.repliesTo,
    undefined,
    "sent again",
  );
  assert.equal(correlation.of(called(3, "urn:c", "urn:a"), LIMIT)?.repliesTo, 1);
});

Deno.test("ten thousand ids are remembered, the oldest go first; very long ones are not", () => {
  const correlation = new SoapCorrelation();
  for (let id = 1; id <= 10_001; id++) correlation.of(called(id, `urn:${id}`), LIMIT);
  assert.equal(correlation.of(called(20_000, "urn:x", "urn:2"), LIMIT)?.repliesTo, 2);
  assert.equal(correlation.of(called(20_001, "urn:x", "urn:1"), LIMIT)?.repliesTo, undefined);
  const long = "x".repeat(300);
  correlation.of(called(20_002, long), LIMIT);
  assert.equal(correlation.of(called(20_003, "urn:y", long), LIMIT)?.repliesTo, undefined);
});

Deno.test("a redacted record tells nothing that was hidden, whoever read the original before", () => {
  const secret = "kR7q-secret-0815";
  const redact = redactor({ list: "MessageID,faultstring,SOAPAction" });
  const record = failed({
    request: call(envelope(CALL, addressing(secret)), [
      ["Content-Type", "text/xml"],
      ["SOAPAction", `"${secret}"`],
    ]),
    response: answer(envelope(FAULT.replace("Out of stock", `no ${secret}`)), 500),
  });
  assert.match(JSON.stringify(soapOfExchange(record, LIMIT)), new RegExp(secret));
  const soap = soapOfExchange(redact(record) as typeof record, LIMIT);
  assert.equal(soap?.operation, "GetQuote");
  assert.match(soap?.messageId ?? "", /^\[redacted:/);
  assert.match(soap?.fault?.string ?? "", /^\[redacted:/);
  assert.doesNotMatch(JSON.stringify(soap), new RegExp(secret));
});

Deno.test("replies are found among redacted records too, since a secret always has the same tag", () => {
  const redact = redactor({ list: "MessageID,RelatesTo" });
  const correlation = new SoapCorrelation();
  const [first, reply] = [called(12, "urn:uuid:a-long-one"), called(17, "urn:uuid:b", "urn:uuid:a-long-one")];
  correlation.of(redact(first) as typeof first, LIMIT);
  assert.equal(correlation.of(redact(reply) as typeof reply, LIMIT)?.repliesTo, 12);
});
