/** The listeners of a session: what follows their changes, and that nothing is left open. */
import assert from "node:assert/strict";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import { createClock } from "../../src/capture/clock.ts";
import type { Active } from "../../src/capture/active.ts";
import { parseProxy, parseRelay } from "../../src/cli/relay_spec.ts";
import { type CaptureOptions, captureOptions, settle } from "../../src/cli/settings.ts";
import { Status } from "../../src/log/status.ts";
import { ConnectionSlots } from "../../src/net/connection_slots.ts";
import { parseLink } from "../../src/net/link/spec.ts";
import { ListenError } from "../../src/net/listener.ts";
import { Failure } from "../../src/program/failure.ts";
import { type AdminSettings, openAdmin } from "../../src/program/listener_admin.ts";
import { Listeners } from "../../src/program/listeners.ts";
import { setUpNetwork } from "../../src/program/network.ts";
import { openSession } from "../../src/program/session.ts";
import type { ListenerContext } from "../../src/program/session_listener.ts";
import { type OwnTrust, setUpTls } from "../../src/program/tls.ts";
import type { ListenerSettings } from "../../src/ui/api.ts";
import { Refused } from "../../src/ui/requests.ts";

const OPTIONS: CaptureOptions = { ...captureOptions(settle([])), format: "none" };

/** Listeners without a session around them. */
async function scene(given: Partial<CaptureOptions> = {}, wishes: Partial<AdminSettings> = {}) {
  const options = { ...OPTIONS, ...given };
  const clock = createClock(() => performance.now(), Date.now);
  const tls = await setUpTls(options, { [Symbol.iterator]: () => listeners.trust.values() });
  const networkWith: ListenerContext["networkWith"] = (upstream, own) =>
    setUpNetwork({ ...options, ...upstream }, tls.forListener(own), () => listeners.addresses, clock.now);
  let ids = 0;
  const said: string[] = [];
  const context: ListenerContext = {
    options,
    tls,
    link: parseLink(options.link),
    network: networkWith(options),
    networkWith,
    shared: {
      capture: { emit() {}, wall: clock.wall, nextId: () => ++ids, memory: new BodyMemory(1_000, 1_000_000) },
      clock,
      slots: new ConnectionSlots(100, () => 100, () => {}),
      via: false,
      idleTimeoutMs: 0,
      warn: (text) => said.push(text),
      nextConnectionId: () => ++ids,
    },
  };
  const listeners = new Listeners(context);
  const admin = openAdmin(listeners, {
    options,
    version: "1",
    others: () => [],
    epochNow: () => 0,
    tell: (text) => said.push(text),
    ...wishes,
  });
  return { listeners, admin, tls, said };
}

const relay = (target = "127.0.0.1:1", wish: Partial<ListenerSettings> = {}): ListenerSettings => ({
  kind: "relay",
  listen: "0",
  target,
  ...wish,
});
const proxy: ListenerSettings = { kind: "proxy", listen: "0" };

Deno.test("a session without a listener begins and ends", async () => {
  const status = new Status((bytes) => Promise.resolve(bytes.length));
  const session = await openSession({ relays: [], proxies: [], options: OPTIONS }, status);
  assert.deepEqual([session.addresses, session.announcements], [[], []]);
  session.stop();
  await session.stopped;
  await session.end();
});

Deno.test("what cannot be opened leaves nothing open", async () => {
  const status = new Status((bytes) => Promise.resolve(bytes.length));
  const blocker = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = blocker.addr;
  const taken = parseRelay(`${port}=127.0.0.1:1`);
  await assert.rejects(
    openSession({ relays: [parseRelay("0=127.0.0.1:1"), taken], proxies: [], options: OPTIONS }, status),
    ListenError,
  );
  blocker.close();
  const circle = parseRelay(`${port}=127.0.0.1:${port}`);
  await assert.rejects(openSession({ relays: [circle], proxies: [], options: OPTIONS }, status), Failure);
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});

/** A target that speaks TLS. */
const SECURE = { kind: "tcp", host: "a.test", port: 443, http: true, tls: true } as const;

Deno.test("descriptors and trust in what is sent without a listener follow the listeners that there are", async () => {
  const { listeners, admin, tls } = await scene();
  const state = () => [listeners.descriptorsEach, tls.clientOptions(SECURE).insecure];
  await listeners.open([parseRelay("0=127.0.0.1:1")], []);
  assert.deepEqual(state(), [2, false]);
  const { id, notes } = await admin.add(relay("https://a.test", { insecure: true }));
  assert.deepEqual(notes, [
    "the certificate of a.test:443 is NOT VERIFIED (--insecure): anyone may pose as it",
  ]);
  assert.deepEqual(state(), [4, true]);
  await admin.edit(id, relay("https://a.test"));
  assert.deepEqual(state(), [4, false]);
  await admin.remove(id);
  assert.deepEqual(state(), [2, false]);
  const added = await admin.add(proxy);
  assert.deepEqual(state(), [4, false]);
  await admin.remove(added.id);
  await listeners.close(0);
});

Deno.test("a relay may insist on the certificate of its target where the options do not", async () => {
  const { listeners, admin, tls } = await scene({ targetTls: { insecure: "" } });
  const { id } = await admin.add(relay("https://a.test", { insecure: false }));
  assert.equal(tls.clientOptions(SECURE).insecure, false);
  assert.equal(tls.clientOptions({ ...SECURE, port: 444 }).insecure, true);
  const other = await admin.add(relay("https://A.test", { insecure: true }));
  // As long as one of them wants it verified.
  assert.equal(tls.clientOptions(SECURE).insecure, false);
  assert.deepEqual(admin.list().map(({ notes }) => notes.length), [0, 1]);
  await admin.remove(id);
  assert.equal(tls.clientOptions(SECURE).insecure, true);
  await admin.remove(other.id);
  await listeners.close(0);
});

Deno.test("whether a certificate is verified is a matter of the listener that the connection came to", async () => {
  const { listeners, admin, tls } = await scene();
  await admin.add(relay("https://a.test", { insecure: true }));
  const insecure = (own?: OwnTrust) => tls.forListener(own).clientOptions(SECURE).insecure;
  assert.equal(insecure(), false);
  assert.equal(insecure({ target: SECURE }), false);
  assert.equal(insecure({ target: SECURE, insecure: false }), false);
  assert.equal(insecure({ target: SECURE, insecure: true }), true);
  assert.equal(insecure({ target: { ...SECURE, port: 444 }, insecure: true }), false);
  const lax = await setUpTls({ ...OPTIONS, targetTls: { insecure: "a.test" } }, []);
  assert.equal(lax.forListener({ target: SECURE, insecure: false }).clientOptions(SECURE).insecure, false);
  assert.equal(lax.forListener().clientOptions(SECURE).insecure, true);
  await listeners.close(0);
});

Deno.test("the session's end waits for a change, and leaves nothing open; later ones are refused", async () => {
  const { listeners, admin } = await scene();
  listeners.accept();
  const adding = Array.from({ length: 5 }, () => admin.add(relay()));
  const closing = listeners.close(0);
  const results = await Promise.allSettled(adding);
  await closing;
  for (const result of results) {
    if (result.status === "fulfilled") continue;
    assert.ok(result.reason instanceof Refused);
    assert.equal(result.reason.status, 503);
  }
  assert.deepEqual(listeners.addresses, []);
  await assert.rejects(admin.add(relay()), Refused);
  await listeners.close(0);
});

Deno.test("a change that fails is told, too, does not hold up the next, and is no change", async () => {
  const { listeners, admin, said } = await scene();
  let told = 0;
  const forget = admin.subscribe(() => told++);
  const [failed, added] = await Promise.allSettled([admin.add(relay("nonsense")), admin.add(relay())]);
  assert.deepEqual([failed.status, added.status], ["rejected", "fulfilled"]);
  assert.equal(told, 2);
  assert.equal(said.length, 1);
  await assert.rejects(admin.remove(9), (error) => error instanceof Refused && error.status === 404);
  forget();
  await admin.stop(admin.list()[0].id);
  assert.equal(told, 3);
  await listeners.close(0);
});

Deno.test("the chance of a link stays as it was drawn, unless the link is changed", async () => {
  const { listeners, admin } = await scene({ link: { jitter: "1ms" } });
  const { id, link } = await admin.add(relay());
  assert.match(link!, /^jitter 1ms, seed \d+$/);
  assert.equal((await admin.edit(id, relay("127.0.0.1:2"))).link, link);
  assert.equal((await admin.add(relay())).link, link);
  const own = await admin.edit(id, relay("127.0.0.1:2", { link: { fault: "reset@10%" } }));
  assert.match(own.link!, /^reset@10%, seed \d+$/);
  const same = await admin.edit(id, relay("127.0.0.1:3", { link: { fault: "reset@10%", rate: "" } }));
  assert.equal(same.link, own.link);
  assert.equal((await admin.edit(id, relay("127.0.0.1:3", { link: {} }))).link, undefined);
  assert.equal((await admin.edit(id, relay("127.0.0.1:3"))).link, link);
  await listeners.close(0);
});

Deno.test("one that was stopped can be set, without listening, and is told so", async () => {
  const { listeners, admin, said } = await scene();
  const { id, address } = await admin.add(relay());
  await admin.stop(id);
  const edited = await admin.edit(id, relay("127.0.0.1:2", { listen: "127.0.0.1:9" }));
  assert.deepEqual([edited.isListening, edited.address, edited.target], [
    false,
    "127.0.0.1:9",
    "127.0.0.1:2",
  ]);
  assert.deepEqual(said, [
    `relaying ${address} → 127.0.0.1:1 (viewer)`,
    `stopped ${address} (viewer)`,
    "changed 127.0.0.1:9, which is stopped (viewer)",
  ]);
  assert.deepEqual(listeners.announcements, []);
  await listeners.close(0);
});

Deno.test("what was announced before is announced still", async () => {
  const { listeners } = await scene({ targetTls: { insecure: "a.test" }, link: { link: "3g" } });
  const relays = [parseRelay("0=tls://a.test:1"), { ...parseRelay("0=b:1"), link: { rate: "1mbit" } }];
  await listeners.open(relays, [parseProxy("0.0.0.0:0")]);
  const [first, second, third] = listeners.addresses.map((address) => (address as Deno.NetAddr).port);
  assert.deepEqual(listeners.announcements, [
    `relaying 127.0.0.1:${first} → a.test:1 (TLS)`,
    "the certificate of a.test:1 is NOT VERIFIED (--insecure): anyone may pose as it",
    `relaying 127.0.0.1:${second} → b:1`,
    `simulated link of 127.0.0.1:${second}: rate 1mbit`,
    `proxy on 0.0.0.0:${third} (HTTP, CONNECT, SOCKS 5)`,
    `0.0.0.0:${third} can be reached from other machines`,
    `everyone who reaches 0.0.0.0:${third} can use it: --proxy-auth asks for a password`,
    "certificates of a.test are NOT VERIFIED (--insecure): anyone may pose as them",
    "simulated link: 3g",
  ]);
  await listeners.close(0);
});

Deno.test("secrets of what is under way are looked for when it is shown, and not before", async () => {
  let asked = 0;
  const redact = (active: Active) => {
    asked++;
    return { ...active, url: "/[redacted]", host: "h", mime: undefined };
  };
  const { listeners, admin } = await scene({}, { redact });
  const target = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = target.addr;
  await listeners.open([parseRelay(`0=127.0.0.1:${port}`)], []);
  listeners.accept();
  const client = await Deno.connect({
    hostname: "127.0.0.1",
    port: (listeners.addresses[0] as Deno.NetAddr).port,
  });
  await client.write(new TextEncoder().encode("GET /?key=secret HTTP/1.1\r\nHost: a\r\n\r\n"));
  const server = await target.accept();
  await server.read(new Uint8Array(1_000));
  const { rows: found } = admin.active(Infinity, 10);
  assert.deepEqual([found.length, asked], [1, 0]);
  const shown = JSON.parse(JSON.stringify(found[0]));
  assert.deepEqual([shown.url, shown.host, shown.mime, shown.method], ["/[redacted]", "h", undefined, "GET"]);
  assert.doesNotMatch(JSON.stringify({ ...found[0] }), /secret/);
  assert.equal(asked, 1);
  await listeners.close(0);
  for (const conn of [client, server, target]) conn.close();
});

/** A target whose clients send something and wait; closed at the end of a test. */
class Slow implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open: Deno.Conn[] = [];

  get target(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Sends a request through a listener, and waits until it is here. */
  async busy(address: string): Promise<{ client: Deno.Conn; server: Deno.Conn }> {
    const client = await Deno.connect({ hostname: "127.0.0.1", port: Number(address.split(":").at(-1)) });
    await client.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    const server = await this.#listener.accept();
    await server.read(new Uint8Array(1_000));
    this.#open.push(client, server);
    return { client, server };
  }

  [Symbol.dispose](): void {
    for (const conn of this.#open) conn.close();
    this.#listener.close();
  }
}

/** Lets the server answer. @returns Whether that comes to the client, after a while in which it could be cut. */
async function isAnswered({ client, server }: { client: Deno.Conn; server: Deno.Conn }): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  await server.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  return (await client.read(new Uint8Array(100)).catch(() => null)) !== null;
}

Deno.test("an edit that is refused leaves connections alone, also those on which nothing is under way", async () => {
  using slow = new Slow();
  const { listeners, admin } = await scene({ drainMs: 0 });
  listeners.accept();
  const before = await admin.add(relay(slow.target));
  const busy = await slow.busy(before.address);
  const port = before.address.split(":").at(-1);
  // No address of this machine (RFC 5737); and one that somebody else has.
  for (const host of ["192.0.2.1", "127.0.0.2"]) {
    const blocker = host === "127.0.0.2" && Deno.listen({ hostname: host, port: Number(port) });
    await assert.rejects(
      admin.edit(before.id, relay(slow.target, { listen: `${host}:${port}` })),
      (error) => error instanceof Refused && error.status === 409,
    );
    if (blocker) blocker.close();
    assert.deepEqual(admin.list(), [before]);
    assert.equal(await isAnswered(busy), true, host);
  }
  assert.equal(await isAnswered(await slow.busy(before.address)), true);
  await listeners.close(0);
});

Deno.test("a stop and a change of port let what is under way take its time, whatever the drain time", async () => {
  using slow = new Slow();
  const { listeners, admin } = await scene({ drainMs: 0 });
  listeners.accept();
  const { id, address } = await admin.add(relay(slow.target));
  const [first, second] = [await slow.busy(address), await slow.busy(address)];
  const free = await admin.add(relay());
  await admin.remove(free.id);
  const moved = await admin.edit(id, relay(slow.target, { listen: free.address }));
  assert.deepEqual([moved.address, moved.notes], [free.address, []]);
  const stopped = await admin.stop(id);
  assert.deepEqual(stopped.notes, ["2 connections are still open"]);
  assert.equal(await isAnswered(first), true);
  let tell = () => {};
  const over = new Promise<void>((resolve) => tell = resolve);
  const notes = () => admin.list()[0].notes;
  const forget = admin.subscribe(() => notes().length === 0 && tell());
  assert.equal(await isAnswered(second), true);
  // Now they are idle, and are let go.
  await over;
  forget();
  assert.deepEqual(notes(), []);
  assert.deepEqual((await admin.start(id)).address, free.address);
  await listeners.close(0);
});

Deno.test("the end of the program cuts what a stopped listener has under way, after the drain time", async () => {
  using slow = new Slow();
  const { listeners, admin } = await scene();
  listeners.accept();
  const { id, address } = await admin.add(relay(slow.target));
  const busy = await slow.busy(address);
  await admin.remove(id);
  assert.deepEqual(admin.list(), []);
  await listeners.close(0);
  assert.equal(await busy.client.read(new Uint8Array(1)).catch(() => null), null);
});

Deno.test("what to beware of is said of what is added, started and changed, and not twice", async () => {
  const { listeners, admin, said } = await scene({ targetTls: { insecure: "b.test" } });
  const unverified = "the certificate of a.test:443 is NOT VERIFIED (--insecure): anyone may pose as it";
  const take = () => said.splice(0).map((line) => line.replace(/127.0.0.1:\d+|0.0.0.0:\d+/, "HERE"));
  const { id } = await admin.add(relay("https://a.test", { insecure: true }));
  const line = "relaying HERE → a.test:443 (TLS) (viewer)";
  assert.deepEqual(take(), [line, `${unverified} (viewer)`]);
  await admin.stop(id);
  await admin.start(id);
  assert.deepEqual(take().slice(1), [line, `${unverified} (viewer)`]);
  await admin.edit(id, relay("https://a.test", { insecure: true, host: "keep" }));
  assert.deepEqual(take(), [line]);
  await admin.edit(id, relay("https://a.test"));
  assert.deepEqual(take(), [line]);
  await admin.edit(id, relay("https://a.test", { insecure: true }));
  assert.deepEqual(take(), [line, `${unverified} (viewer)`]);
  await admin.edit(id, relay("https://a.test", { insecure: true, listen: "0.0.0.0:0" }));
  assert.deepEqual(take().slice(1), [
    "relaying HERE → a.test:443 (TLS) (viewer)",
    "HERE can be reached from other machines (viewer)",
  ]);
  await admin.add({ ...proxy, listen: "0.0.0.0:0" });
  assert.deepEqual(take(), [
    "proxy on HERE (HTTP, CONNECT, SOCKS 5) (viewer)",
    "HERE can be reached from other machines (viewer)",
    "everyone who reaches HERE can use it: --proxy-auth asks for a password (viewer)",
    "certificates of b.test are NOT VERIFIED (--insecure): anyone may pose as them (viewer)",
  ]);
  await listeners.close(0);
});

Deno.test("circles are found however the host is written, and where a stopped listener gets its port again", async () => {
  const viewer: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 65_001 };
  const { listeners, admin } = await scene({}, { others: () => [viewer] });
  const refused = async (work: Promise<unknown>, field: string) => {
    await assert.rejects(work, (error) => error instanceof Refused && error.field === field, field);
  };
  const hosts = ["0.0.0.0", "127.1", "2130706433", "0x7f.1", "LOCALHOST", "a.localhost.", "[::ffff:7f00:1]"];
  for (const host of hosts) {
    await refused(admin.add(relay(`${host}:65001`)), "target");
    await refused(admin.add(relay("a:1", { upstreamProxy: `http://${host}:65001` })), "upstreamProxy");
  }
  const wide = await admin.add(relay("a:1", { listen: "[::]:0" }));
  await refused(admin.add(relay(`[::]:${wide.address.split(":").at(-1)}`)), "target");
  await refused(admin.add(relay("127.1:65002", { listen: "0.0.0.0:65002" })), "target");
  const { id, address } = await admin.add(relay("a:1"));
  await admin.stop(id);
  await refused(admin.add(relay(address)), "target");
  await admin.edit(id, relay("a:1", { listen: "127.0.0.1:65003" }));
  // Whoever has a port of its own may leave it to others while it is stopped, and is refused it after that.
  const leading = await admin.add(relay("127.1:65003"));
  await refused(admin.start(id), "listen");
  await admin.remove(leading.id);
  await listeners.close(0);
});
