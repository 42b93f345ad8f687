/** From the form of a listener to its settings and back. */
import assert from "node:assert/strict";
import type { ListenerSettings } from "../../../../src/ui/api.ts";
import {
  draftOf,
  EMPTY_DRAFT,
  isTlsTarget,
  type ListenerDraft,
  missingIn,
  settingsOf,
} from "../../../../src/ui/client/listeners/draft.ts";

const RELAY: ListenerDraft = { ...EMPTY_DRAFT, listen: " 8081 ", target: " localhost:8080 " };

Deno.test("two fields are a whole relay, and what nobody touched is left as the program was started", () => {
  assert.deepEqual(settingsOf(RELAY), { kind: "relay", listen: "8081", target: "localhost:8080" });
});

Deno.test("a proxy has no target, and nothing that belongs to one", () => {
  const draft: ListenerDraft = { ...RELAY, kind: "proxy", host: "keep", insecure: true };
  assert.deepEqual(settingsOf(draft), { kind: "proxy", listen: "8081" });
});

Deno.test("an upstream proxy may be given as a host and a port; directly is an empty one", () => {
  const through = (upstreamProxy: string) => settingsOf({ ...RELAY, way: "through", upstreamProxy });
  assert.equal(through(" proxy:3128 ").upstreamProxy, "http://proxy:3128");
  assert.equal(through("socks5://me:***@proxy").upstreamProxy, "socks5://me:***@proxy");
  assert.equal(missingIn({ ...RELAY, way: "through", upstreamProxy: " " })?.field, "upstreamProxy");
  assert.equal(missingIn({ ...RELAY, way: "through", upstreamProxy: "a:1" }), undefined);
  assert.equal(missingIn(RELAY), undefined);
  const direct = settingsOf({ ...RELAY, way: "direct", upstreamProxy: "proxy:3128", noProxy: "a" });
  assert.equal(direct.upstreamProxy, "");
  assert.equal(direct.noProxy, undefined);
});

Deno.test("no kind of link and no figures is a link that does nothing; a figure alone is a link of its own", () => {
  const linkOf = (parts: Partial<ListenerDraft>) => settingsOf({ ...RELAY, ...parts }).link;
  const figures = { ...EMPTY_DRAFT.figures, rate: " 1mbit " };
  assert.equal(linkOf({}), undefined);
  assert.deepEqual(linkOf({ link: "none" }), {});
  assert.deepEqual(linkOf({ link: "3g" }), { link: "3g" });
  assert.deepEqual(linkOf({ link: "3g", figures }), { link: "3g", rate: "1mbit" });
  assert.deepEqual(linkOf({ figures }), { rate: "1mbit" });
});

Deno.test("settings come back from the form as they went into it", () => {
  const all: readonly ListenerSettings[] = [
    { kind: "relay", listen: "0", target: "a:1" },
    { kind: "proxy", listen: "[::1]:8888", upstreamProxy: "", link: {} },
    {
      kind: "relay",
      listen: "unix:/run/tcpmon",
      target: "https://api.example.com",
      host: "keep",
      insecure: false,
      upstreamProxy: "http://me:***@proxy:3128",
      noProxy: "localhost,10.0.0.0/8",
      link: {
        link: "edge",
        bytesPerPause: "1000",
        delay: "100ms",
        dropBytes: "1/2",
        fault: "reset@1%",
        seed: "7",
      },
    },
    { kind: "proxy", listen: "1", noProxy: "*", link: { rate: "up:1mbit", latency: "1s", jitter: "1ms" } },
  ];
  for (const settings of all) assert.deepEqual(settingsOf(draftOf(settings)), settings);
});

Deno.test("TLS is spoken with https:// and tls:// targets only", () => {
  for (const target of ["https://a", " TLS://a:1"]) assert.ok(isTlsTarget(target), target);
  for (const target of ["", "a:443", "http://a", "unix:/https://"]) assert.ok(!isTlsTarget(target), target);
});
