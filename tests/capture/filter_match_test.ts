import assert from "node:assert/strict";
import { parseFilter } from "../../src/capture/filter/filter.ts";
import type { Record } from "../../src/capture/record.ts";
import { connection, exchange, request, response } from "./filter_samples.ts";

function passes(record: Record, ...sources: string[]): void {
  for (const source of sources) assert.ok(parseFilter(source).matches(record), `${source} holds it back`);
}

function stops(record: Record, ...sources: string[]): void {
  for (const source of sources) assert.ok(!parseFilter(source).matches(record), `${source} lets it through`);
}

Deno.test("method is the whole method in any case", () => {
  passes(exchange(), "method:post", "method:GET,POST", "method:P*", "method:=POST");
  stops(exchange(), "method:POS", "method:GET,HEAD", "method:*GET*", "-method:POST");
});

Deno.test("path is a part of the target without query, or a pattern of all of it", () => {
  passes(exchange(), "path:stock", "path:/API/*", "path:*k", "path:=/api/stock", "path:*/st*");
  stops(exchange(), "path:symbol", "path:/ap*i", "path:=/api", "path:stock*", "path:=/");
});

Deno.test("path, host and scheme are found in an absolute target, and a CONNECT has no path", () => {
  const proxied = exchange({ request: request("GET http://Proxy.example:81/a/b?c=//d?e", []) });
  passes(
    proxied,
    "path:=/a/b",
    "query:=c=//d?e",
    "host:proxy.example",
    "scheme:http",
    "url:http://p*",
    "host:81",
  );
  passes(exchange({ request: request("GET https://x.example?q", []) }), "path:=/", "query:q", "scheme:https");
  const connect = exchange({ request: request("CONNECT x.example:443", []) });
  passes(connect, "host:x.example", "url:=x.example:443", "-path:*", "-query:*");
  passes(exchange({ request: request("OPTIONS *") }), 'path:="*"');
  passes(exchange({ request: request("GET /a://b?c") }), "path:=/a://b", "scheme:http", "host:shop.example");
  passes(
    exchange({ connection: { ...connection, target: "https://x.example" } }),
    "scheme:https",
    "target:x.example",
  );
});

Deno.test("query and url are parts of the target", () => {
  passes(exchange(), "query:ACME", "query:=symbol=acme", "query:*", "url:stock?symbol", "url:/api/*acme");
  stops(exchange(), "query:stock", "url:shop.example");
  stops(exchange({ request: request("GET /") }), "query:*");
});

Deno.test("addresses fit as a whole, by host, and by port", () => {
  passes(
    exchange(),
    "host:shop.example",
    "host:shop.example:8081",
    "host:8081",
    "host:*.example",
    "host:sh*",
  );
  passes(
    exchange(),
    "listener:8081",
    "listener:127.0.0.1",
    "target:backend.test",
    "target:BACKEND.test:9080",
  );
  passes(exchange(), "client:::1", "client:[::1]", "client:[::1]:40112", "client:40112");
  stops(exchange(), "host:shop", "host:example", "host:80", "listener:127.0.0", "client:1", "host:*.test");
  const socket = exchange({ connection: { ...connection, listener: "unix:/run/a.sock" } });
  passes(socket, "listener:/run/a.sock", "listener:unix:/run/*", "listener:unix");
});

Deno.test("status takes codes, classes, comparisons and ranges", () => {
  passes(
    exchange(),
    "status:200",
    "status:2xx",
    "status:20x",
    "status:<300",
    "status:404,200",
    "status:..200",
  );
  stops(exchange(), "status:404,5xx", "status:201..299", "status:>200", "status:>=3xx", "-status:200");
  stops(exchange({ response: undefined }), "status:200", "status:<999", "status:0..");
  passes(exchange({ response: undefined }), "-status:200");
});

Deno.test("headers fit by name, by the whole value, or by a pattern, in any case", () => {
  passes(exchange(), "header:x-id", "header:X-ID=3", "header:content-type=application/json", "header:x-*");
  passes(
    exchange(),
    "header:server=NGINX*",
    "header:x-id=4,3",
    "header:*-sum=c0ffee",
    "response-header:x-sum",
  );
  stops(exchange(), "header:x-id=30", "header:x-i", "header:server=nginx", "header:server=3", "header:etag");
  passes(
    exchange(),
    "request-header:x-id",
    "response-header:server",
    "request-header:content-type=text/xml*",
  );
  stops(exchange(), "request-header:server", "response-header:x-id", "request-header:content-type=*json");
  const twice = exchange({ response: response(200, [["Via", "a"], ["via", "b"]]) });
  passes(twice, "header:via=b", "header:via=a");
});

Deno.test("cookies fit by name or value, sent or set", () => {
  passes(
    exchange(),
    "cookie:session",
    "cookie:theme=dark",
    "cookie:seen=yes",
    "cookie:sess*=abc*",
    "cookie:x,seen",
  );
  stops(exchange(), "cookie:path", "cookie:theme=light", "cookie:dark", "cookie:ses");
});

Deno.test("a media type is looked at without its parameters", () => {
  passes(
    exchange(),
    "mime:json",
    "mime:text/xml",
    "mime:=text/xml",
    "mime:application/*",
    "request-mime:xml",
  );
  passes(exchange(), "response-mime:json", "mime-type:application/json");
  stops(exchange(), "mime:utf-8", "request-mime:json", "response-mime:xml", "mime:image/*");
});

Deno.test("bodies fit by a part of their text", () => {
  passes(
    exchange(),
    "body:acme",
    'body:"price\\": 42"',
    "body:GRÖSSE,größe",
    "request-body:<quote>",
    "body:{*}",
  );
  stops(exchange(), "request-body:price", "response-body:acme", "body:=acme", "body:<quote>*price*");
});

Deno.test("sizes and times are compared in base units", () => {
  const big = exchange();
  const made = {
    ...big,
    response: { ...big.response!, body: { bytes: 2 ** 20 + 1, kept: new Uint8Array(4) } },
  };
  passes(
    made,
    "size:>1M",
    "size:1M..2M",
    "larger-than:1M",
    "size:1048577",
    "request-size:<1k",
    "request-size:19",
  );
  stops(made, "size:<=1M", "size:>2M", "-size:>1M");
  passes(exchange(), "duration:>500ms", "duration:0.5s..1s", "duration:512.346", "wait:150", "relay:60us");
  passes(exchange(), "connect:>=12", "send:<1ms", "receive:0.3ms");
  stops(exchange(), "duration:>1s", "relay:>1ms");
  stops(exchange({ ms: { total: 1 } }), "wait:>=0", "connect:>=0", "relay:>=0");
});

Deno.test("times of day fit with or without their finer parts", () => {
  passes(exchange(), "time:2026-11-20", "time:2026-11-20T10:31", "time:2026-11-20T10:31:06.123456Z");
  passes(exchange(), "after:2026-11-20", "before:2026-11-21", "time:2026-11-20T12:31:06+02:00");
  stops(exchange(), "after:2026-11-21", "before:2026-11-20T10:31:06", "time:2026-11-20T10:31:06.122Z");
});

Deno.test("outcome, flags, errors, reason and version fit", () => {
  passes(
    exchange(),
    "outcome:complete",
    "outcome:*",
    "flag:bare-lf",
    "flag:host-*",
    "flag:cl-and-te,bare-lf",
  );
  passes(exchange(), "reason:ok", "version:1.1", "version:=HTTP/1.1", "-error:*", "id:17", "connection:1..3");
  stops(exchange(), "outcome:*-cut", "flag:bare-cr", "error:*", "version:1.0", "id:18..", "type:data");
  const cut = exchange({ outcome: "response-cut", error: "connection reset", flags: [] });
  passes(cut, "outcome:*cut", "error:reset", "error:*", "-outcome:complete", "-flag:*");
});

Deno.test("parts of an exchange that there are not make their terms false", () => {
  const bare = exchange({ request: undefined, response: undefined, outcome: "unrequested" });
  stops(
    bare,
    "method:*",
    "path:*",
    "host:*",
    "url:*",
    "header:*",
    "cookie:*",
    "mime:*",
    "body:*",
    "version:*",
  );
  stops(
    bare,
    "scheme:*",
    "reason:*",
    "size:>=0",
    "request-size:>=0",
    "status:<=999",
    "query:*",
    "request-mime:*",
  );
});
