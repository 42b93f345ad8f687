/** Whatever a head says: what a proxy sends on is read by its target as it was read here. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { requestFraming } from "../../src/http/framing.ts";
import { fieldList } from "../../src/http/head.ts";
import { parseRequestHead } from "../../src/http/head_parser.ts";
import { formatAuthority, forwardedHead, routeOf } from "../../src/http/proxy_request.ts";
import { bytesOf, latin1 } from "./events.ts";

const HOP_BY_HOP = ["proxy-connection", "keep-alive", "te", "proxy-authorization"];

const token = fc.constantFrom("GET", "POST", "OPTIONS", "CONNECT", "get", "M-SEARCH", "PRI");
const anyBytes = fc.uint8Array({ maxLength: 12 }).map(latin1);
const target = fc.oneof(
  fc.tuple(
    fc.constantFrom(...["http://", "https://", "HTTP://", "http://", "ws://", "ftp://", "", "http:/", "//"]),
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("a", "a:81", "A.b.", "[::1]:8") },
      fc.constantFrom(
        "a",
        "a:80",
        "A.b.",
        "a:",
        "[::1]",
        "[::1]:8",
        "u@a",
        "a:80@b",
        "a_b",
        "[::1%25x]",
        "",
        ":80",
      ),
      anyBytes,
    ),
    fc.oneof(
      fc.constantFrom("", "/", "/x?y#z", "?x", "#y", "/\xe9", "/\xc3\xa9#\xff", "/%0d%0a", "*", "\\"),
      anyBytes,
    ),
  ).map((parts) => parts.join("")),
  anyBytes,
);
const ordinaryField = fc.constantFrom(
  ...[
    "Content-Length: 3",
    "content-length:3",
    "Transfer-Encoding: chunked",
    "transfer-encoding:CHUNKED",
    "X: y",
  ],
  ...[
    "Connection: Host, Content-Length, Transfer-Encoding",
    "Connection: close, x-own",
    "Connection:upgrade",
  ],
  ...["X-Own: 1", "x-own:", "Keep-Alive: x", "TE: trailers", "Upgrade: websocket", "Proxy-Connection: X-OWN"],
  ...["Proxy-Authorization: Basic x", "Trailer: x", "Expect: 100-continue", "X: \xff", "X: \xc3\xa9"],
);
const oddField = fc.oneof(
  fc.constantFrom(
    ...["Host: c", "Content-Length: 0", "Content-Length: 3, 3", "Transfer-Encoding: gzip, chunked"],
    ...[" fold", "\tTransfer-Encoding: chunked", "Content-Length : 3", "Transfer-Encoding\x0b: chunked"],
    ...["X: a\rHost: b", "Content-Length", ": x", "\xe9: x", "Tran\xc5\x9ffer-Encoding: x", "", "\r", "\0"],
  ),
  anyBytes,
);
const field = fc.oneof({ weight: 12, arbitrary: ordinaryField }, { weight: 1, arbitrary: oddField });
const hostField = fc.constantFrom([], ["Host: a"], ["hOST:b"], ["Host:"]);
const often = <T>(ordinary: T, ...odd: T[]) =>
  fc.oneof({ weight: 10, arbitrary: fc.constant(ordinary) }, {
    weight: 1,
    arbitrary: fc.constantFrom(...odd),
  });
const requests = fc.tuple(
  often("", "\r\n", "\r\n\r\n", "\n"),
  token,
  target,
  often("HTTP/1.1", "HTTP/1.0", "HTTP/1.9", "RTSP/1.0"),
  hostField,
  fc.array(field, { maxLength: 5 }),
  often("\r\n", "\n"),
).map(([blank, method, target, version, host, fields, ending]) =>
  blank + [`${method} ${target} ${version}`, ...host, ...fields, "", ""].join(ending)
);

Deno.test("of any bytes there is a decision; what is sent on is read as what came, and holds nothing for one hop", () => {
  let sentOn = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 20, arbitrary: requests }, { weight: 1, arbitrary: anyBytes }), (wire) => {
      const came = parseRequestHead(bytesOf(wire));
      if (typeof came === "string") return;
      const decision = routeOf(came);
      if (decision.kind === "refuse") {
        assert.ok(decision.status >= 400 && /^[\x20-\x7e]+$/.test(decision.text));
        return;
      }
      assert.match(decision.to.host, /^[A-Za-z0-9._~:-]+$/);
      assert.ok(decision.to.port >= 1 && decision.to.port <= 65535);
      if (decision.kind === "tunnel") return;
      sentOn++;
      const host = formatAuthority(decision.to, 80);
      const { bytes } = forwardedHead(came, { target: decision.path, host, add: [["Via", "x"]] });
      const sent = parseRequestHead(bytes);
      assert.ok(typeof sent === "object");
      assert.equal(sent.method, came.method);
      assert.equal(sent.version, came.version);
      const [method, path, version] = latin1(bytes.subarray(0, bytes.indexOf(13))).split(" ");
      assert.deepEqual([method, version], [came.method, came.version]);
      assert.ok(/^(?:\/.*|\*)$/s.test(path));
      assert.ok(path === "/" || path === "*" || wire.includes(path.slice(1)), "each byte of the path came");
      const named = (name: string) => sent.fields.filter(([found]) => found.toLowerCase() === name);
      assert.deepEqual(named("host").map(([, value]) => value), [host]);
      assert.deepEqual(requestFraming(sent), requestFraming(came));
      assert.deepEqual(sent.flags.filter((flag) => flag !== "no-host"), []);
      for (
        const name of [
          ...HOP_BY_HOP,
          ...fieldList(came.fields, "connection").filter((x) => x === "x-own"),
        ]
      ) {
        assert.deepEqual(named(name), [], name);
      }
      const connection = named("connection").map(([, value]) => value);
      assert.deepEqual(connection, named("upgrade").length > 0 ? ["Upgrade"] : []);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(sentOn > 500, `${sentOn} were sent on`);
});

Deno.test("what is sent on, sent through a second time, stays the same", () => {
  fc.assert(
    fc.property(requests, (wire) => {
      const came = parseRequestHead(bytesOf(wire));
      const decision = typeof came === "object" ? routeOf(came) : undefined;
      if (typeof came !== "object" || decision?.kind !== "forward") return;
      const options = { target: decision.path, host: "h", add: [] };
      const once = forwardedHead(came, options).bytes;
      const sent = parseRequestHead(once);
      assert.ok(typeof sent === "object");
      const again = forwardedHead(sent, { ...options, target: sent.target }).bytes;
      assert.equal(latin1(again), latin1(once));
    }),
    { numRuns: 5_000 },
  );
});
