/** What holds for every secret: none survives, the same has the same tag, and the rest is not touched. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { ExchangeRecord } from "../../src/capture/record.ts";
import { DEFAULT_REDACT_NAMES } from "../../src/capture/redact/redact.ts";
import type { Field } from "../../src/http/head.ts";
import {
  bodyOf,
  everyText,
  exchange,
  redactedBody,
  redactedField,
  redactedRequest,
  redactor,
  request,
  response,
  tagOf,
} from "./redact_samples.ts";

/** A listed name in one of the spellings that are in use. */
const listedName = fc.tuple(
  fc.constantFrom(...DEFAULT_REDACT_NAMES),
  fc.constantFrom("-", "_", ""),
  fc.boolean(),
)
  .map(([name, join, upper]) => name.replaceAll("-", join)[upper ? "toUpperCase" : "toString"]())
  // An Authorization keeps its scheme, and then is another secret.
  .filter((name) => !/authorization|cookie/i.test(name));
/** Secrets that no other text has in it: any characters between two that stand nowhere else. */
const visible = fc.string({ unit: fc.constantFrom(..."ab01-._~+/=;:,&%?#@\"'\\<>{}[]() é😀"), minLength: 1 })
  .map((text) => `Ω${text}Ω`);

const xmlEscaped = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
const jsonEscaped = (text: string) =>
  [...text].map((char) => char.length === 1 ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}` : char)
    .join("");

/** All ways to write a secret under a name, as type, content, and what stands around the value. */
const WRITINGS:
  ((name: string, secret: string) => [type: string, before: string, value: string, after: string])[] = [
    (
      name,
      secret,
    ) => [
      "application/json",
      `{ "x":[1,"y"], ${JSON.stringify(name)} : "`,
      JSON.stringify(secret).slice(1, -1),
      '"}',
    ],
    (name, secret) => ["application/json", `[{"${jsonEscaped(name)}":"`, jsonEscaped(secret), '","é":1},{}]'],
    (name, secret) => ["text/xml", `<a é="1"><n:${name} b="c">`, xmlEscaped(secret), `</n:${name}> <d/></a>`],
    (
      name,
      secret,
    ) => ["text/xml", `<${name}>`, `<![CDATA[${secret.replaceAll("]]>", "]] >")}]]>`, `</${name}>`],
    (name, secret) => ["application/soap+xml", `<a n:${name}="`, xmlEscaped(secret), '">é</a>'],
    (
      name,
      secret,
    ) => ["application/x-www-form-urlencoded", `x=1&${name}=`, encodeURIComponent(secret), "&y=%20"],
    (
      name,
      secret,
    ) => [
      "application/x-www-form-urlencoded",
      `u%5B${name}%5D=`,
      new URLSearchParams({ x: secret }).toString().slice(2),
      "",
    ],
    (name, secret) => [
      "multipart/form-data; boundary=bound",
      `--bound\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`,
      secret,
      "\r\n--bound--\r\n",
    ],
    (
      name,
      secret,
    ) => ["text/event-stream", `id: 1\ndata: {"${name}":"`, JSON.stringify(secret).slice(1, -1), '"}\n\n'],
  ];

Deno.test("however a secret is written, it becomes its one tag, and everything around it stays", () => {
  fc.assert(fc.property(listedName, visible, (name, secret) => {
    const tag = tagOf(secret);
    for (const writing of WRITINGS) {
      const [type, before, value, after] = writing(name, secret);
      if (value.includes("<![CDATA[") && secret.includes("]]>")) continue;
      assert.equal(redactedBody(type, before + value + after), before + tag + after, type);
    }
    assert.equal(
      redactedRequest(request([], "", `/p?a=b&${name}=${encodeURIComponent(secret)}&c=d`)).head.target,
      `/p?a=b&${name}=${tag}&c=d`,
    );
    assert.equal(redactedField(name, secret), tag);
    assert.equal(redactedField("Authorization", `Bearer ${secret}`), `Bearer ${tag}`);
    assert.equal(redactedField("Referer", `http://${encodeURIComponent(secret)}@h/`), `http://${tag}@h/`);
  }));
});

Deno.test("no secret survives anywhere in a record, not even where bodies are cut", () => {
  fc.assert(fc.property(listedName, visible, fc.nat(), fc.boolean(), (name, secret, at, cut) => {
    for (const writing of WRITINGS) {
      const [type, before, value, after] = writing(name, secret);
      const whole = bodyOf(before + value + after);
      const end = bodyOf(before).kept.length + 1 + at % bodyOf(value).kept.length;
      const body = cut ? { bytes: whole.bytes, kept: whole.kept.subarray(0, end) } : whole;
      const base64 = Buffer.from(secret).toString("base64");
      const fields: Field[] = [
        ["Content-Type", type],
        [name, secret],
        ["Authorization", `Basic ${base64}`],
        ["Cookie", `a=${encodeURIComponent(secret)}; ${name}="${secret}"`],
        ["Location", `http://u:${encodeURIComponent(secret)}@h/;${name}=${encodeURIComponent(secret)}?x`],
      ];
      const parts = request(fields, "", `/?${name}=${encodeURIComponent(secret)}`);
      const answer = response([["Content-Type", type], [
        "Set-Cookie",
        `a=${encodeURIComponent(secret)}; Secure`,
      ]]);
      const record = exchange({
        request: { ...parts, body, trailers: fields.slice(1), rewritten: fields },
        response: { ...answer, body },
        interim: [{ ...answer.head, fields }],
      });
      const text = everyText(redactor()(record));
      const bytes = String.fromCharCode(...new TextEncoder().encode(secret));
      // "Ω" stands in secrets only, so no part of one survives where it does not.
      for (const trace of ["Ω", "\xce\xa9", "%CE%A9", "%ce%a9", "\\u03a9", secret, bytes, base64]) {
        assert.ok(!text.includes(trace), `${type}: ${trace}`);
      }
    }
  }));
});

Deno.test("different secrets get different tags, other keys other tags", () => {
  fc.assert(fc.property(fc.uniqueArray(visible, { minLength: 2 }), (secrets) => {
    assert.equal(new Set(secrets.map(tagOf)).size, secrets.length);
    const other = redactor({ key: new Uint8Array(32) });
    for (const secret of secrets) assert.notEqual(redactedField("X-Api-Key", secret, other), tagOf(secret));
  }));
});

Deno.test("without listed names, a record comes back as the same object", () => {
  const redact = redactor({ list: "x-not-there" });
  fc.assert(fc.property(listedName, visible, (name, secret) => {
    for (const writing of WRITINGS) {
      const [type, before, value, after] = writing(name, secret);
      const fields: Field[] = [["Content-Type", type], [name, secret.replaceAll("@", "")], ["Cookie", "a=b"]];
      const message = request(fields, before + value + after, `/?${name}=${encodeURIComponent(secret)}`);
      const record = exchange({ request: message, response: { ...response(fields), body: message.body } });
      assert.equal(redact(record), record);
    }
  }));
});

Deno.test("redacting twice is redacting once", () => {
  const redact = redactor();
  fc.assert(fc.property(listedName, visible, (name, secret) => {
    for (const writing of WRITINGS) {
      const [type, before, value, after] = writing(name, secret);
      const once = redact(exchange({ request: request([["Content-Type", type]], before + value + after) }));
      assert.equal(redact(once as ExchangeRecord), once);
    }
  }));
});
