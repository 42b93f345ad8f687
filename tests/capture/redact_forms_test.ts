/** Secrets in form and multipart bodies. */
import assert from "node:assert/strict";
import { redactedBody, tagOf } from "./redact_samples.ts";

const tag = tagOf("s3cret");
const form = (text: string) => redactedBody("application/x-www-form-urlencoded", text);
const multipart = (text: string, type = 'multipart/form-data; boundary="b 1"') =>
  redactedBody(type, text.replaceAll("\n", "\r\n")).replaceAll("\r\n", "\n");

Deno.test("values of listed form fields go, names decoded first", () => {
  assert.equal(form("user=me&password=s3cret&x=%20"), `user=me&password=${tag}&x=%20`);
  assert.equal(
    form("pass%77ord=%733cret&user%5Bpassword%5D=s3cret"),
    `pass%77ord=${tag}&user%5Bpassword%5D=${tag}`,
  );
  assert.equal(form("pin=a+b%2B&pin=%"), `pin=${tagOf("a b+")}&pin=${tagOf("%")}`);
  assert.equal(form("a=1;pin=s3cret"), `a=1;pin=${tag}`);
  assert.equal(form("pin=s3;cret=&x"), `pin=${tagOf("s3;cret=")}&x`);
  assert.equal(form("pin=s3cr"), `pin=${tagOf("s3cr")}`);
});

Deno.test("a form without listed names stays as it is", () => {
  for (const text of ["", "pin", "pin=", "&&=&;=", "a=pin", "a=b=c&pin"]) assert.equal(form(text), text);
});

Deno.test("listed parts of a multipart form go, whatever is in them", () => {
  const body = (secret: string, more: string) =>
    `preamble
--b 1
Content-Disposition: form-data; name="user"

password
--b 1  
content-disposition: form-data; filename="pin; name=x"; NAME="pass\\"\\\\"

kept
--b 1
Content-Disposition: form-data;
 name="Password"; filename="a"
Content-Type: application/octet-stream

${secret}
--b 1--
--b 1
${more}`;
  assert.equal(multipart(body("s3\n--b 12\ncret", "")), body(tagOf("s3\r\n--b 12\r\ncret"), ""));
});

Deno.test("other parts are read by their own type", () => {
  const body = (secret: string) =>
    `--b
Content-Type: application/xop+xml; type="text/xml"

<a><pin>${secret}</pin></a>
--b
Content-Type: application/json

{"pin":"${secret}"}
--b
Content-Type: image/png

{"pin":"s3cret"}
--b
Content-Type: multipart/mixed; boundary=c

--c
Content-Type: application/x-www-form-urlencoded

pin=${secret}
--c--
--b--
`;
  assert.equal(multipart(body("s3cret"), "multipart/related; boundary=b; type=x"), body(tag));
});

Deno.test("a multipart body without boundary, or cut, is redacted as far as it can be read", () => {
  const part = (secret: string) => `--x\nContent-Disposition: form-data; name=pin\n\n${secret}`;
  assert.equal(multipart(part("s3cret"), "multipart/form-data"), part(tag));
  assert.equal(multipart(part("s3cret\n--x"), "multipart/form-data; boundary=x"), part(`${tag}\n--x`));
  for (const text of ["--x", "--x\n", "--x\nContent-Disposition: form-data; name=pin", "", "--x\n\n", "--"]) {
    assert.equal(multipart(text, "multipart/form-data; boundary=x"), text);
  }
  for (
    const type of [
      'multipart/form-data; boundary="',
      "multipart/form-data;",
      "multipart/form-data; ; = ;boundary",
    ]
  ) {
    assert.equal(multipart("x\n", type), "x\n");
  }
});
