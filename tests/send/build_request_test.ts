/** From what a user asks for to the bytes of the request. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { requestParser } from "../../src/http/parser.ts";
import { joined } from "../../src/http/joined.ts";
import { buildRequest, type BuiltRequest, type RequestWish } from "../../src/send/build_request.ts";
import type { RequestItem } from "../../src/send/request_items.ts";
import { SendUsageError } from "../../src/send/send_error.ts";
import { throughUpstream } from "../../src/send/upstream.ts";
import { text } from "./backend.ts";

let boundaries = 0;
const context = { version: "1.2.3", boundary: () => `b${++boundaries}` };

function build(wish: Partial<RequestWish>): BuiltRequest {
  return buildRequest({ url: "http://h/", headers: [], items: [], ...wish }, context);
}

function wire(wish: Partial<RequestWish>): string {
  return text(joined(build(wish).pieces));
}

Deno.test("a URL alone makes a GET with the usual fields", () => {
  const built = build({ url: "http://h:81/x y" });
  assert.equal(
    text(joined(built.pieces)),
    "GET /x%20y HTTP/1.1\r\nHost: h:81\r\nUser-Agent: tcpmon/1.2.3\r\nAccept: */*\r\n\r\n",
  );
  assert.deepEqual(built.target, { kind: "tcp", host: "h", port: 81, http: true });
});

Deno.test("a body makes a POST, its length counted in bytes", () => {
  assert.match(
    wire({ data: "é" }),
    /^POST \/ .*Content-Type: text\/plain; charset=utf-8\r\nContent-Length: 2\r\n\r\né$/s,
  );
});

Deno.test("lengths are told where a method has a body or one is given", () => {
  for (const method of ["POST", "PUT", "PATCH"]) assert.match(wire({ method }), /Content-Length: 0\r\n\r\n$/);
  assert.doesNotMatch(wire({ method: "DELETE" }), /Content-Length/);
  assert.match(wire({ method: "GET", data: "x" }), /^GET .*Content-Length: 1\r\n\r\nx$/s);
  assert.match(wire({ method: "GET", data: "" }), /^GET .*Content-Length: 0\r\n\r\n$/s);
});

Deno.test("the user's fields win, and keep their case and order", () => {
  const sent = wire({
    headers: ["x-B: 2", "HOST: other", "X-b: 3", "accept:", "User-Agent;"],
    items: [{ kind: "header", name: "a", value: "1" }],
  });
  assert.equal(sent, "GET / HTTP/1.1\r\nx-B: 2\r\nHOST: other\r\nX-b: 3\r\nUser-Agent: \r\na: 1\r\n\r\n");
});

Deno.test("a user's Transfer-Encoding makes chunks, a user's Content-Length stays as it is", () => {
  assert.match(
    wire({ data: "abc", headers: ["Transfer-Encoding: chunked"] }),
    /\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/,
  );
  assert.doesNotMatch(wire({ data: "abc", headers: ["Transfer-Encoding: chunked"] }), /Content-Length/);
  assert.match(wire({ data: "abc", headers: ["Content-Length: 7"] }), /Content-Length: 7\r\n\r\nabc$/);
});

Deno.test("a user in the URL logs in, unless Authorization is given", () => {
  assert.match(
    wire({ url: "http://Aladdin:open%20sesame@h/" }),
    /Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n/,
  );
  const given = wire({ url: "http://a:b@h/", headers: ["authorization: Bearer x"] });
  assert.match(given, /authorization: Bearer x/);
  assert.doesNotMatch(given, /Basic|a:b@/);
});

Deno.test("query items are encoded and come behind what the URL has", () => {
  const items: RequestItem[] = [
    { kind: "query", name: "a b", value: "c&d=é+" },
    { kind: "query", name: "a b", value: "" },
  ];
  assert.match(wire({ items }), /^GET \/\?a%20b=c%26d%3D%C3%A9%2B&a%20b= HTTP/);
  assert.match(wire({ url: "http://h/p?x=1", items }), /^GET \/p\?x=1&a%20b=/);
  assert.match(wire({ url: "http://h/p?", items }), /^GET \/p\?a%20b=/);
});

const FIELDS: RequestItem[] = [
  { kind: "field", name: "name", value: 'a"é' },
  { kind: "json", name: "n", json: "12345678901234567890" },
];
const FILE: RequestItem = {
  kind: "file",
  name: "f",
  filename: 'x"\r\n.bin',
  bytes: new Uint8Array([0, 255]),
};

Deno.test("fields make a JSON object, numbers as they were written", () => {
  assert.match(
    wire({ items: FIELDS }),
    /application\/json\r\nContent-Length: 44\r\n\r\n\{"name": "a\\"é", "n": 12345678901234567890\}$/,
  );
  const twice: RequestItem[] = [...FIELDS, { kind: "field", name: "name", value: "last" }];
  assert.match(wire({ items: twice }), /\{"name": "last", "n"/);
});

Deno.test("fields make a form", () => {
  const items: RequestItem[] = [...FIELDS, { kind: "json", name: "s", json: '"a b"' }];
  assert.match(
    wire({ items, mode: "form" }),
    /x-www-form-urlencoded.*\r\n\r\nname=a%22%C3%A9&n=12345678901234567890&s=a\+b$/s,
  );
});

Deno.test("files make multipart, names escaped, with a boundary that is in no part", () => {
  boundaries = 0;
  const items: RequestItem[] = [{ kind: "field", name: "t", value: "--b1 and --b2" }, FILE];
  const built = build({ items });
  const sent = new TextDecoder("latin1").decode(joined(built.pieces));
  assert.match(sent, /Content-Type: multipart\/form-data; boundary=b3\r\n/);
  assert.match(sent, /--b3\r\nContent-Disposition: form-data; name="t"\r\n\r\n--b1 and --b2\r\n--b3\r\n/);
  assert.match(
    sent,
    /filename="x%22%0D%0A.bin"\r\nContent-Type: application\/octet-stream\r\n\r\n\0ÿ\r\n--b3--\r\n$/,
  );
  assert.match(sent, new RegExp(`Content-Length: ${built.body.length}\r\n`));
});

Deno.test("the runtime reads multipart back as it was meant", async () => {
  const built = build({ items: [...FIELDS, FILE], mode: "multipart" });
  const type = built.request.fields.find(([name]) => name === "Content-Type")?.[1] ?? "";
  const form = await new Response(built.body.slice(), { headers: { "Content-Type": type } }).formData();
  assert.equal(form.get("name"), 'a"é');
  assert.deepEqual(new Uint8Array(await (form.get("f") as File).arrayBuffer()), new Uint8Array([0, 255]));
});

for (
  const [data, type] of [
    ['{"a": 1}', "application/json"],
    [" [1]", "application/json"],
    ["{a}", "text/plain; charset=utf-8"],
    ["<a/>", "application/xml"],
    ["a=b&c=d", "application/x-www-form-urlencoded"],
    ["hello", "text/plain; charset=utf-8"],
    [new Uint8Array([0, 1, 2]), "application/octet-stream"],
  ] as const
) {
  Deno.test(`a body ${JSON.stringify(data)} is taken for ${type}`, () => {
    const { request } = build({ data });
    assert.equal(request.fields.find(([name]) => name === "Content-Type")?.[1], type);
  });
}

for (
  const [wish, message] of [
    [{ data: "{a", mode: "json" }, "found what is no JSON in the body at line 1, column 2"],
    [{ data: new Uint8Array([255, 0]), mode: "json" }, "found bytes that are no text in the body"],
    [{ data: "x", items: FIELDS }, "found both a body and items"],
    [{ items: [FILE], mode: "json" }, "found a file in a JSON body"],
    [{ items: FIELDS, mode: "xml" }, "found items such as name=value with --xml"],
    [{ mode: "form" }, "found --form without a body"],
    [{ data: "x", mode: "multipart" }, "found a body with --multipart"],
    [{ method: "GE T" }, 'found the method "GE T"'],
    [{ method: "GET\r\nX: y" }, 'found the method "GET\\u000d\\u000aX: y"'],
    [{ url: "http://h/\r\nX: y" }, "found a line break or NUL in the URL"],
    [{ headers: ["A: b\r\nX: y"] }, "found a carriage return in the value of the header A"],
    [{ headers: ["A\r\nX: y"] }, "found the header name"],
    [{ items: [{ kind: "header", name: "A", value: "b\nX: y" }] }, "found a line feed in the value"],
    [{ data: "<a/>", soapAction: 'x"\r\nX: y' }, "found the SOAP action"],
    [{ data: "<a/>", soap: "1.1", mode: "json" }, "found --json in a SOAP request"],
    [{ items: FIELDS, soap: "1.1" }, "found items such as name=value in a SOAP request"],
  ] as const
) {
  Deno.test(`${JSON.stringify(wish)} is refused: ${message}`, () => {
    assert.throws(() => build(wish), (error) => {
      assert.ok(error instanceof SendUsageError);
      assert.ok(error.message.startsWith(message), error.message);
      assert.doesNotMatch(error.message, /[\r\n\0]/);
      return true;
    });
  });
}

Deno.test("whatever is built is exactly one request, and reads back as what it says", () => {
  const part = fc.record({ name: fc.string(), value: fc.string() });
  const wishes = fc.record({
    url: fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string().map((path) => `:80/${path}`)),
    headers: fc.array(fc.oneof(fc.string(), part.map(({ name, value }) => `X-${name}: ${value}`)), {
      maxLength: 3,
    }),
    items: fc.array(part.map((item): RequestItem => ({ kind: "field", ...item })), { maxLength: 3 }),
    mode: fc.constantFrom(undefined, "json", "form", "multipart"),
  });
  fc.assert(fc.property(wishes, (wish) => {
    let built: BuiltRequest;
    try {
      built = build(wish as Partial<RequestWish>);
    } catch (error) {
      assert.ok(error instanceof SendUsageError, String(error));
      return;
    }
    let heads = 0;
    let ends = 0;
    const body: number[] = [];
    const parser = requestParser({
      head: (head, framing) => {
        heads++;
        assert.equal(head.target, built.request.target);
        assert.equal(head.fields.length, built.request.fields.length);
        return framing;
      },
      body: (chunk, from, to) => void body.push(...chunk.subarray(from, to)),
      flag: () => {},
      end: (_trailers, following) => {
        ends++;
        assert.equal(following, 0);
      },
      stream: () => assert.fail("not HTTP"),
    });
    parser.push(joined(built.pieces));
    assert.deepEqual([heads, ends], [1, 1]);
    assert.deepEqual(new Uint8Array(body), new Uint8Array(built.body));
  }));
});

Deno.test("through a proxy without a tunnel the whole URL is asked for, with the proxy's credentials", () => {
  const built = build({
    url: "http://h:81/x?y",
    headers: ["Host: other", "Proxy-Authorization: mine"],
    data: "b",
  });
  const sent = text(joined(throughUpstream(built, () => ({ authorization: "Basic eA==" })).pieces));
  assert.match(sent, /^POST http:\/\/h:81\/x\?y HTTP\/1\.1\r\n/);
  assert.match(sent, /\r\nHost: other\r\n/);
  assert.match(sent, /\r\nProxy-Authorization: Basic eA==\r\n\r\nb$/);
  assert.doesNotMatch(sent, /mine/);
  assert.equal(throughUpstream(built, () => undefined), built);
  assert.match(text(joined(throughUpstream(built, () => ({})).pieces)), /mine/);
  assert.throws(() => throughUpstream(build({ method: "CONNECT" }), () => ({})), SendUsageError);
});
