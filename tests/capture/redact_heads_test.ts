/** Secrets in start lines and fields. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { ExchangeRecord } from "../../src/capture/record.ts";
import { parseRequestHead } from "../../src/http/head_parser.ts";
import {
  bodyOf,
  everyText,
  exchange,
  KEY,
  redactedField,
  redactedRequest,
  redactedResponse,
  redactor,
  request,
  requestHead,
  response,
  responseHead,
  tagOf,
} from "./redact_samples.ts";

const target = (text: string, redact = redactor()) =>
  redactedRequest(request([], "", text), redact).head.target;

Deno.test("a tag is the first ten hex digits of the HMAC-SHA-256 of the secret", () => {
  const digits = createHmac("sha256", KEY).update("s3cret").digest("hex").slice(0, 10);
  assert.equal(tagOf("s3cret"), `[redacted:${digits}]`);
  const long = new Uint8Array(100).fill(7);
  const other = createHmac("sha256", long).update("s3cret").digest("hex").slice(0, 10);
  assert.equal(redactedField("X-Api-Key", "s3cret", redactor({ key: long })), `[redacted:${other}]`);
});

Deno.test("Authorization keeps a known scheme and nothing else", () => {
  assert.equal(redactedField("Authorization", "Bearer abc.def"), `Bearer ${tagOf("abc.def")}`);
  assert.equal(redactedField("proxy-authorization", "bearer   abc"), `bearer ${tagOf("abc")}`);
  assert.equal(redactedField("Authorization", "raw-secret"), tagOf("raw-secret"));
  assert.equal(redactedField("Authorization", "my secret"), tagOf("my secret"));
  assert.equal(redactedField("Authorization", "Bearer"), "Bearer");
});

Deno.test("Basic credentials get the tag of what they decode to, as in a URL", () => {
  const tag = tagOf("aladdin:open sesame");
  assert.equal(redactedField("Authorization", `Basic ${btoa("aladdin:open sesame")}`), `Basic ${tag}`);
  assert.equal(redactedField("Referer", "http://aladdin:open%20sesame@h/"), `http://${tag}@h/`);
  assert.equal(redactedField("Authorization", "Basic not*base64"), `Basic ${tagOf("not*base64")}`);
});

Deno.test("Cookie keeps names and separators", () => {
  const [one, two] = [tagOf("1"), tagOf("two words")];
  assert.equal(redactedField("Cookie", `a=1;  b = "two words" ;c=`), `a=${one};  b = "${two}" ;c=`);
  assert.equal(redactedField("cookie", "1"), one);
});

Deno.test("Set-Cookie keeps the name and the attributes", () => {
  const { fields } = redactedResponse(response([
    ["Set-Cookie", "sid=1; Path=/; HttpOnly"],
    ["set-cookie", "x=1"],
  ])).head;
  assert.deepEqual(fields.map(([, value]) => value), [
    `sid=${tagOf("1")}; Path=/; HttpOnly`,
    `x=${tagOf("1")}`,
  ]);
});

Deno.test("without Cookie in the list, cookies count by their names", () => {
  const redact = redactor({ list: "sid" });
  const tag = tagOf("1");
  assert.equal(redactedField("Cookie", "a=1; sid=1; b=1", redact), `a=1; sid=${tag}; b=1`);
  assert.equal(redactedField("Set-Cookie", "sid=1; Path=/", redact), `sid=${tag}; Path=/`);
  assert.equal(redactedField("Set-Cookie", "a=sid=1; Path=/", redact), "a=sid=1; Path=/");
});

Deno.test("query, fragment, matrix parameters and userinfo of a request target", () => {
  const tag = tagOf("a b");
  assert.equal(target("/p?x=1&token=a%20b&y=2"), `/p?x=1&token=${tag}&y=2`);
  assert.equal(target("/p?x=1;ToKeN=a+b"), `/p?x=1;ToKeN=${tag}`);
  assert.equal(target("/p?%74oken=a+b"), `/p?%74oken=${tag}`);
  assert.equal(target("/p;jsessionid=a%20b/q?x=1"), `/p;jsessionid=${tag}/q?x=1`);
  assert.equal(
    target("http://u:p@h:80/?next=http://u:p@i/"),
    `http://${tagOf("u:p")}@h:80/?next=http://${tagOf("u:p")}@i/`,
  );
  assert.equal(target("/p?token=a#token=b"), `/p?token=${tagOf("a#token=b")}`);
  assert.equal(target("/p?authorization=Bearer%20a%20b"), `/p?authorization=Bearer+${tag}`);
});

Deno.test("a target without secrets stays as it is", () => {
  for (
    const text of ["/", "*", "/p?x=1&token=&pin", "/@me?q=a@b", "/token=1", "http://h/?a=%%%=", "/?=&=?;=#="]
  ) {
    assert.equal(target(text), text);
  }
});

Deno.test("userinfo in the authority of a CONNECT is hidden", () => {
  const head = requestHead([], "u:p@h:443", "CONNECT");
  const message = redactedRequest({ head, body: bodyOf(""), trailers: [] });
  assert.equal(message.head.target, `${tagOf("u:p")}@h:443`);
});

Deno.test("URLs in fields lose their secrets and nothing else", () => {
  const tag = tagOf("s");
  assert.equal(redactedField("Location", "/cb#access_token=s&x=1"), `/cb#access_token=${tag}&x=1`);
  assert.equal(redactedField("Location", "//u:p@h/"), `//${tagOf("u:p")}@h/`);
  assert.equal(
    redactedField("Link", '<http://u:p@h/?token=s>; rel="next", </?pin=s>; rel="a@b=c"'),
    `<http://${tagOf("u:p")}@h/?token=${tag}>; rel="next", </?pin=${tag}>; rel="a@b=c"`,
  );
  assert.equal(redactedField("Refresh", "0; url=/?token=s"), `0; url=/?token=${tag}`);
  assert.equal(redactedField("X-Callback", "see https://u:p@h now"), `see https://${tagOf("u:p")}@h now`);
  assert.equal(redactedField("From", "me@example.com"), "me@example.com");
});

Deno.test("an odd head is written afresh, so that its bytes hide no secret", () => {
  const raw = new TextEncoder().encode(
    "\r\nGET /?token=s3cret  HTTP/1.1\nAuthorization : Bearer\n s3cret\r\nX-Api-Key s3cret\r\nHost: h\r\n\r\n",
  );
  const head = parseRequestHead(raw);
  assert.ok(typeof head === "object" && !head.exact);
  const redacted = redactedRequest({ head, body: bodyOf(""), trailers: [] });
  assert.ok(!everyText(redacted).includes("s3cret"));
  assert.ok(redacted.head.exact);
  assert.deepEqual(redacted.head.flags, head.flags);
  const again = parseRequestHead(redacted.head.raw);
  assert.ok(typeof again === "object");
  assert.deepEqual(again.fields, redacted.head.fields);
  assert.equal(again.target, redacted.head.target);
});

Deno.test("a shared head is redacted once, and the object is shared again", () => {
  const redact = redactor();
  const head = requestHead([["Cookie", "a=1"]]);
  const first = redactedRequest({ head, body: bodyOf("1"), trailers: [] }, redact);
  const second = redactedRequest({ head, body: bodyOf("2"), trailers: [] }, redact);
  assert.notEqual(first.head, head);
  assert.equal(first.head, second.head);
});

Deno.test("rewritten fields, trailers and interim heads are redacted, and what has changed is marked", () => {
  const secret: [string, string][] = [["X-Api-Key", "s3cret"]];
  const record = exchange({
    request: { ...request([["Host", "h"]]), rewritten: secret, trailers: secret },
    interim: [responseHead([], 100), responseHead(secret, 103)],
    response: { ...response([]), trailers: secret },
  });
  const redacted = redactor()(record) as ExchangeRecord;
  assert.ok(!everyText(redacted).includes("s3cret"));
  assert.equal(redacted.interim[0], record.interim[0]);
  assert.deepEqual(redacted.request!.rewritten, [["X-Api-Key", tagOf("s3cret")]]);
  for (const part of [redacted.request, redacted.response, redacted.interim[1]]) {
    assert.equal((part as { redacted?: boolean }).redacted, true);
  }
  assert.equal(redacted.request!.head, record.request!.head);
});

Deno.test("what is redacted already stays as it is", () => {
  const once = request([["Authorization", "Bearer x"], ["Cookie", "a=1"]], "", "http://u:p@h/?pin=1");
  const redacted = redactor()(exchange({ request: once }));
  assert.equal(redactor()(redacted), redacted);
});

Deno.test("a Host with userinfo, which no client may send, has the tag that the userinfo of a URL has", () => {
  const tag = tagOf("user:s3cret");
  for (const name of ["Host", "host", "X-Forwarded-Host"]) {
    assert.equal(redactedField(name, "user:s3cret@x"), `${tag}@x`);
    assert.equal(redactedField(name, "user:s3%63ret@x:8080"), `${tag}@x:8080`);
    assert.equal(redactedField(name, "http://user:s3cret@x"), `http://${tag}@x`);
    assert.equal(redactedField(name, `${tag}@x`), `${tag}@x`);
  }
  // Whatever stands before the last of them.
  assert.doesNotMatch(redactedField("Host", "a/b?c@d user:s3cret@x"), /s3cret|c@d/);
  assert.match(redactedField("Host", "a/b?c@d user:s3cret@x"), /@x$/);
  assert.equal(redactedField("Host", "x:8080"), "x:8080");
  assert.equal(redactedField("X-Mail", "user@example.com"), "user@example.com");
  const raw = new TextDecoder().decode(redactedRequest(request([["Host", "user:s3cret@x"]])).head.raw);
  assert.doesNotMatch(raw, /s3cret/);
});
