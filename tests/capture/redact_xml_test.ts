/** Secrets in XML and HTML. */
import assert from "node:assert/strict";
import { redactedBody, tagOf } from "./redact_samples.ts";

const xml = (text: string) => redactedBody("text/xml", text);
const tag = tagOf("s3cret");

Deno.test("WS-Security: the password and the token go, everything else stays", () => {
  const envelope = (password: string, token: string) =>
    `<?xml version="1.0"?>\r\n<soap:Envelope xmlns:soap="http://u:p@x/" xmlns:token="urn:token"><wsse:UsernameToken>
    <wsse:Username>me</wsse:Username>
    <wsse:Password Type="http://x#PasswordText">${password}</wsse:Password>
  </wsse:UsernameToken><wsse:BinarySecurityToken EncodingType='b64'
  >${token}</wsse:BinarySecurityToken></soap:Envelope>`;
  assert.equal(xml(envelope("s3cret", "\n abc=\n")), envelope(tag, `\n ${tagOf("abc=")}\n`));
});

Deno.test("attributes of listed names, with any quotes or none", () => {
  assert.equal(
    xml(`<a token="s3cret" x='token="q"' p:Pin = 's3cret' password=s3cret/><b pin="" pwd secret='>'>t</b>`),
    `<a token="${tag}" x='token="q"' p:Pin = '${tag}' password=${tagOf("s3cret/")}><b pin="" pwd secret='${
      tagOf(">")
    }'>t</b>`,
  );
});

Deno.test("entities, CDATA and comments are undone before tagging", () => {
  const wanted = `<pin>${tagOf("a<&é😀b")}</pin>`;
  assert.equal(xml("<pin>a&lt;&amp;&#233;&#x1F600;b</pin>"), wanted);
  assert.equal(xml("<pin><![CDATA[a<&é😀b]]></pin>"), wanted);
  assert.equal(
    xml("<pin> a<!-- </pin> -->&lt;<![CDATA[&é]]>😀<?x?>b\n</pin>"),
    wanted.replace("<pin>", "<pin> ").replace("</", "\n</"),
  );
  assert.equal(xml('<a pin="a&lt;&amp;&#233;&#x1F600;b"/>'), `<a pin="${tagOf("a<&é😀b")}"/>`);
  assert.equal(
    xml("<pin>&x; &#; &#xZ; &#9999999; &</pin>"),
    `<pin>${tagOf("&x; &#; &#xZ; &#9999999; &")}</pin>`,
  );
});

Deno.test("a listed element with children is one secret, with elements of its own name in it too", () => {
  assert.equal(
    xml("<r><secret><a>1</a><secret/><secret x='/>'>2</secret></secret><x>3</x></r>"),
    `<r><secret>${tagOf("<a>1</a><secret/><secret x='/>'>2</secret>")}</secret><x>3</x></r>`,
  );
});

Deno.test("markup in comments and CDATA is read like markup around it, and no further", () => {
  assert.equal(
    xml("<a><!-- <pin>s3cret</pin> <pin> is --><b><![CDATA[<pin>s3cret</pin>]]></b><pin>s3cret</pin></a>"),
    `<a><!-- <pin>${tag}</pin> <pin> ${
      tagOf("is")
    } --><b><![CDATA[<pin>${tag}</pin>]]></b><pin>${tag}</pin></a>`,
  );
});

Deno.test("cut or broken markup is redacted as far as it can be read", () => {
  const cases: [string, string][] = [
    ["<pin>s3cret", `<pin>${tag}`],
    ["<pin>s3cret<", `<pin>${tagOf("s3cret")}`],
    ["<pin><![CDATA[s3cret", `<pin>${tag}`],
    ['<a pin="s3cret', `<a pin="${tag}`],
    ["<a pin=s3cret", `<a pin=${tag}`],
    ['<a x="1><pin>s3cret</pin>', `<a x="1><pin>${tag}</pin>`],
    ['<a x="1 <b pin="s3cret">', `<a x="1 <b pin="${tag}">`],
    ["a < b <pin>s3cret</PIN></pin>", `a < b <pin>${tagOf("s3cret</PIN>")}</pin>`],
    ["<pin>s3cret</pinx></pin >", `<pin>${tagOf("s3cret</pinx>")}</pin >`],
    ["</b></a><pin>s3cret</pin>", `</b></a><pin>${tag}</pin>`],
    ['<pin a="x>s3cret</pin><b/>', `<pin ${tagOf('a="x>s3cret')}</pin><b/>`],
    ["<a =\"\" ='' = <pin/> <pin /> <pin></pin>", "<a =\"\" ='' = <pin/> <pin /> <pin></pin>"],
    ["<", "<"],
    ["<pin", "<pin"],
  ];
  for (const [text, wanted] of cases) assert.equal(xml(text), wanted, text);
});

Deno.test("XML is found by its type or by its first character", () => {
  for (
    const type of [
      undefined,
      "application/soap+xml; charset=utf-8",
      "image/svg+xml",
      "text/html",
      "text/plain",
    ]
  ) {
    assert.equal(redactedBody(type, "\n<pin>s3cret</pin>"), `\n<pin>${tag}</pin>`, type);
  }
});
