/** Listeners that are added, set, stopped and removed while the program runs, asked as the viewer's page asks. */
import assert from "node:assert/strict";
import { inDirectory } from "./log_of.ts";
import { Peer, Server, Target } from "./peers.ts";
import { Program, within } from "./program.ts";
import { Backend, ok } from "./sending.ts";
import { tlsServer } from "./tls.ts";
import { makeCertificates } from "../net/tls/certificates.ts";

/** What an answer holds; tests look into it freely. */
// deno-lint-ignore no-explicit-any -- each test asserts the shape that it needs
type Json = any;
type Wish = { readonly [name: string]: unknown };

/** The Admin tab of a program that runs. */
class Admin {
  readonly #origin: string;
  readonly #cookie: string;

  private constructor(origin: string, cookie: string) {
    this.#origin = origin;
    this.#cookie = cookie;
  }

  /** Logs in to the viewer of a program. */
  static async of(program: Program): Promise<Admin> {
    const url = (await program.says(/viewer on http/)).split(" ").at(-1)!;
    const response = await fetch(url, { redirect: "manual" });
    await response.body?.cancel();
    return new Admin(new URL(url).origin, response.headers.get("set-cookie")!.split(";")[0]);
  }

  /** The viewer's own address, as HOST:PORT. */
  get host(): string {
    return new URL(this.#origin).host;
  }

  async ask(
    method: string,
    path: string,
    wish?: Wish,
  ): Promise<{ status: number; text: string; json: Json }> {
    const response = await fetch(`${this.#origin}${path}`, {
      method,
      headers: { cookie: this.#cookie, origin: this.#origin, "content-type": "application/json" },
      ...method === "GET" ? {} : { body: JSON.stringify(wish ?? {}) },
    });
    const text = await response.text();
    return { status: response.status, text, json: text.startsWith("{") ? JSON.parse(text) : undefined };
  }

  /** What happens, as it happens. */
  events(): Promise<Response> {
    return fetch(`${this.#origin}/api/events`, { headers: { cookie: this.#cookie } });
  }

  /** Asks for what has to be done. */
  async done(method: string, path: string, wish?: Wish): Promise<Json> {
    const { status, text, json } = await this.ask(method, path, wish);
    assert.equal(status, 200, text);
    return json;
  }

  /** Asks for what has to be refused. */
  async refused(
    method: string,
    path: string,
    wish?: Wish,
  ): Promise<[status: number, field: string, error: string]> {
    const { status, json } = await this.ask(method, path, wish);
    assert.match(json.error, /^[^\n]{10,250}$/);
    return [status, json.field, json.error];
  }

  add(wish: Wish): Promise<Json> {
    return this.done("POST", "/api/listeners", wish);
  }

  edit(id: number, wish: Wish): Promise<Json> {
    return this.done("PUT", `/api/listeners/${id}`, wish);
  }

  async state(): Promise<Json> {
    return await this.done("GET", "/api/state");
  }

  async listeners(): Promise<Json[]> {
    return (await this.state()).listeners;
  }
}

const relayTo = (target: string, wish: Wish = {}) => ({ kind: "relay", listen: "0", target, ...wish });
const proxy = (wish: Wish = {}) => ({ kind: "proxy", listen: "0", ...wish });
const get = (path: string, host = "a") => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const portOf = ({ address }: { address: string }) => Number(address.split(":").at(-1));

/** A program with one relay to a target, and a viewer. */
function relay(target: string, ...options: string[]): Program {
  return Program.start(["relay", `0=${target}`, "--format", "json", "--view=127.0.0.1:0", ...options]);
}

/** A request on a connection of its own. @returns The answer, up to the end of its body. */
async function ask(port: number, text: string, body = "hello"): Promise<string> {
  using peer = await Peer.connect(port);
  await peer.send(text);
  return await peer.readUntil(body);
}

async function isRefused(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return false;
  } catch (error) {
    assert.ok(error instanceof Deno.errors.ConnectionRefused);
    return true;
  }
}

Deno.test("what the command line asked for is listed with its settings, and what links there are", async () => {
  await using backend = new Backend();
  await using program = Program.start([
    ...["relay", `0=http://${backend.target}`, "--view=127.0.0.1:0", "--link", "3g", "--host", "keep"],
    ...["--upstream-proxy", "http://duke:s3cret@127.0.0.1:1"],
  ]);
  const admin = await Admin.of(program);
  const { listeners: [only], linkPresets, can } = await admin.state();
  assert.deepEqual(only, {
    id: 1,
    address: `127.0.0.1:${await program.port()}`,
    target: backend.target,
    isListening: true,
    settings: { kind: "relay", listen: "0", target: `http://${backend.target}`, host: "keep" },
    upstreamProxy: "http://127.0.0.1:1",
    link: "3g",
    notes: [],
  });
  assert.equal(can.admin, true);
  assert.deepEqual(linkPresets[0], {
    name: "3g",
    help: "1.6 Mbit/s down, 768 kbit/s up, 150 ms there and back",
  });
});

Deno.test("a relay that is added relays, is told of, and goes again", async () => {
  await using backend = new Backend();
  await using program = relay("127.0.0.1:1");
  const admin = await Admin.of(program);
  const added = await admin.add(
    relayTo(`http://${backend.target}`, { upstreamProxy: "", link: { rate: "" } }),
  );
  assert.deepEqual(added, {
    id: 2,
    address: added.address,
    target: backend.target,
    isListening: true,
    settings: { kind: "relay", listen: "0", target: `http://${backend.target}`, upstreamProxy: "", link: {} },
    notes: [],
  });
  assert.equal(
    await program.says(/\(viewer\)/),
    `tcpmon: relaying ${added.address} → ${backend.target} (viewer)`,
  );
  assert.match(await ask(portOf(added), get("/1")), /200 OK/);
  // The target is a web server, so that Host is its own.
  assert.match(backend.received[0].head, new RegExp(`\r\nHost: ${backend.target}\r\n`));
  const [{ listener, connection }] = await program.records("exchange");
  assert.deepEqual([listener, connection], [added.address, 1]);
  assert.deepEqual((await admin.listeners()).map(({ id }) => id), [1, 2]);
  assert.deepEqual(await admin.done("DELETE", "/api/listeners/2"), {});
  assert.equal(await isRefused(portOf(added)), true);
  assert.deepEqual((await admin.listeners()).map(({ id }) => id), [1]);
  assert.deepEqual((await admin.refused("POST", "/api/listeners/2/start")).slice(0, 1), [404]);
  const next = await admin.add(relayTo(backend.target));
  assert.equal(next.id, 3);
  assert.equal((await program.stop()).code, 0);
});

Deno.test("what cannot be used is refused at its field, and changes nothing", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target);
  const admin = await Admin.of(program);
  const before = await admin.listeners();
  const to = backend.target;
  const bad: [Wish, number, string | undefined][] = [
    [relayTo(to, { listen: `${await program.port()}` }), 409, "listen"],
    [relayTo("127.0.0.1:1", { listen: `${backend.port}` }), 400, "listen"],
    [proxy({ listen: "256.0.0.1:0" }), 409, "listen"],
    [relayTo(to, { listen: "x" }), 400, "listen"],
    [relayTo(to, { listen: ":8080" }), 400, "listen"],
    [relayTo(to, { listen: "70000" }), 400, "listen"],
    [relayTo(to, { listen: "unix:/tmp/a.sock" }), 400, "listen"],
    [relayTo("unix:/run/docker.sock"), 400, "target"],
    [relayTo("ftp://a"), 400, "target"],
    [relayTo(""), 400, "target"],
    [{ kind: "relay", listen: "0" }, 400, "target"],
    [proxy({ target: to }), 400, "target"],
    [proxy({ insecure: true }), 400, "insecure"],
    [relayTo(to, { insecure: true }), 400, "insecure"],
    [relayTo(to, { upstreamProxy: "ftp://x" }), 400, "upstreamProxy"],
    [relayTo(to, { upstreamProxy: "http://u:***@x" }), 400, "upstreamProxy"],
    [relayTo(to, { noProxy: "10.0.0.0/99" }), 400, "noProxy"],
    [relayTo(to, { link: { link: "5g" } }), 400, "link.link"],
    [relayTo(to, { link: { rate: "fast" } }), 400, "link.rate"],
    [relayTo(to, { link: { latency: "5" } }), 400, "link.latency"],
    [relayTo(to, { link: { fault: "explode" } }), 400, "link.fault"],
    [relayTo(to, { link: { seed: "-1" } }), 400, "link.seed"],
    [relayTo(to, { link: { bytesPerPause: "1000" } }), 400, "link.delay"],
    [relayTo(to, { link: { delay: "100ms" } }), 400, "link.bytesPerPause"],
    // Circles: its own listener, the viewer, itself.
    [relayTo(`localhost:${await program.port()}`), 400, "target"],
    [relayTo(`http://${admin.host}`), 400, "target"],
    [relayTo("127.0.0.1:65432", { listen: "65432" }), 400, "target"],
    [relayTo(to, { upstreamProxy: `http://127.0.0.1:${await program.port()}` }), 400, "upstreamProxy"],
  ];
  for (const [wish, status, field] of bad) {
    const [found, at, error] = await admin.refused("POST", "/api/listeners", wish);
    assert.deepEqual([found, at], [status, field], `${JSON.stringify(wish)} ${error}`);
    assert.doesNotMatch(error, /\*\*\*@|u:/);
  }
  assert.deepEqual(await admin.listeners(), before);
  assert.match(await ask(await program.port(), get("/1")), /200 OK/);
});

Deno.test("a port that others have is refused, and has the reason where a stopped one is to listen again", async () => {
  await using backend = new Backend();
  await using program = relay("127.0.0.1:1");
  const admin = await Admin.of(program);
  await using other = new Backend();
  const taken = `${other.port}`;
  const [status, field, error] = await admin.refused(
    "POST",
    "/api/listeners",
    relayTo(backend.target, { listen: taken }),
  );
  assert.deepEqual([status, field], [409, "listen"]);
  assert.equal(error, `cannot listen on 127.0.0.1:${taken}: address already in use`);
  const { id, address } = await admin.add(relayTo(backend.target));
  await admin.done("POST", `/api/listeners/${id}/stop`);
  const port = portOf({ address });
  await admin.edit(id, relayTo(backend.target, { listen: `${port}` }));
  const blocker = Deno.listen({ hostname: "127.0.0.1", port });
  try {
    assert.deepEqual((await admin.refused("POST", `/api/listeners/${id}/start`)).slice(0, 2), [
      409,
      "listen",
    ]);
    const view = (await admin.listeners())[1];
    assert.deepEqual([view.isListening, view.address], [false, address]);
    assert.match(view.error, /address already in use$/);
  } finally {
    blocker.close();
  }
  const started = await admin.done("POST", `/api/listeners/${id}/start`);
  assert.deepEqual([started.isListening, started.error], [true, undefined]);
});

Deno.test("one that was stopped keeps its settings, and listens on the same port again", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target);
  const admin = await Admin.of(program);
  const port = await program.port();
  const stopped = await admin.done("POST", "/api/listeners/1/stop");
  assert.deepEqual([stopped.isListening, stopped.settings.listen, stopped.error], [false, "0", undefined]);
  // Its records have that name.
  assert.equal(stopped.address, `127.0.0.1:${port}`);
  assert.equal(await isRefused(port), true);
  assert.deepEqual(await admin.done("POST", "/api/listeners/1/stop"), stopped);
  const started = await admin.done("POST", "/api/listeners/1/start");
  assert.deepEqual([started.isListening, started.address], [true, `127.0.0.1:${port}`]);
  assert.match(await ask(port, get("/1")), /200 OK/);
  await program.says(/relaying .*\(viewer\)/);
  assert.deepEqual(
    program.said.filter((line) => line.endsWith("(viewer)")).map((line) => line.slice("tcpmon: ".length)),
    [`stopped 127.0.0.1:${port} (viewer)`, `relaying 127.0.0.1:${port} → ${backend.target} (viewer)`],
  );
});

Deno.test("a stop lets an exchange finish, and the program ends in order meanwhile", async () => {
  await using target = new Target();
  await using program = relay(target.target);
  const admin = await Admin.of(program);
  using client = await Peer.connect(await program.port());
  await client.send(get("/slow"));
  using server = await target.accept();
  await server.readHead();
  await admin.done("POST", "/api/listeners/1/stop");
  const ending = program.stop();
  await server.send(ok("hello"));
  assert.match(await client.readUntil("hello"), /200 OK/);
  assert.equal((await ending).code, 0);
});

Deno.test("with another target what is under way ends at the old one, idle clients are let go, new ones go on", async () => {
  const { promise: going, resolve: go } = Promise.withResolvers<void>();
  const { promise: coming, resolve: come } = Promise.withResolvers<void>();
  await using old = new Backend(async ({ head }) => {
    if (head.startsWith("GET /slow")) {
      come();
      await going;
    }
    return ok("old");
  });
  await using fresh = new Backend(() => ok("new"));
  await using program = relay(old.target);
  const admin = await Admin.of(program);
  const port = await program.port();
  using idle = await Peer.connect(port);
  await idle.send(get("/1"));
  await idle.readUntil("old");
  using busy = await Peer.connect(port);
  await busy.send(get("/slow"));
  await within(coming, "the slow request did not come");
  const edited = await admin.edit(1, relayTo(fresh.target));
  assert.deepEqual([edited.target, edited.address], [fresh.target, `127.0.0.1:${port}`]);
  assert.equal(await idle.over(), "ended");
  assert.match(await ask(port, get("/2"), "new"), /200 OK/);
  go();
  assert.match(await busy.readUntil("old"), /200 OK/);
  assert.equal(await busy.over(), "ended");
  assert.deepEqual([old.received.length, fresh.received.length], [2, 1]);
});

Deno.test("a new link slows a raw connection that is open, and lets it go again", async () => {
  await using target = new Target();
  await using program = relay(target.target);
  const admin = await Admin.of(program);
  using client = await Peer.connect(await program.port());
  using server = await target.accept();
  const pingMs = async () => {
    const at = performance.now();
    await client.send("ping");
    await server.read(4);
    return performance.now() - at;
  };
  await pingMs();
  const settings = relayTo(target.target);
  const slow = await admin.edit(1, { ...settings, link: { latency: "300ms" } });
  assert.equal(slow.link, "latency 300ms");
  assert.ok(await pingMs() >= 290);
  const none = await admin.edit(1, settings);
  assert.equal(none.link, undefined);
  assert.ok(await pingMs() < 250);
  await program.says(/no simulated link .*\(viewer\)/);
  const said = program.said.filter((line) => line.endsWith("(viewer)"));
  assert.deepEqual(said, [
    `tcpmon: simulated link of ${slow.address}: latency 300ms (viewer)`,
    `tcpmon: no simulated link on ${slow.address} (viewer)`,
  ]);
});

Deno.test("a link that answers requests itself holds for clients that are connected, too", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target);
  const admin = await Admin.of(program);
  using client = await Peer.connect(await program.port());
  await client.send(get("/1"));
  await client.readUntil("hello");
  await admin.edit(1, relayTo(backend.target, { link: { fault: "status=503" } }));
  assert.equal(await client.over(), "ended");
  assert.match(await ask(await program.port(), get("/2"), "\r\n\r\n"), /^HTTP\/1.1 503 /);
});

Deno.test("another address is taken before the old one is given up", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target);
  const admin = await Admin.of(program);
  const port = await program.port();
  await using other = new Backend();
  const refusal = await admin.refused(
    "PUT",
    "/api/listeners/1",
    relayTo(backend.target, { listen: `${other.port}` }),
  );
  assert.deepEqual(refusal.slice(0, 2), [409, "listen"]);
  assert.match(await ask(port, get("/1")), /200 OK/);
  assert.equal((await admin.listeners())[0].address, `127.0.0.1:${port}`);
  const free = await admin.add(relayTo(backend.target));
  await admin.done("DELETE", `/api/listeners/${free.id}`);
  const moved = await admin.edit(1, relayTo(backend.target, { listen: `${portOf(free)}` }));
  assert.equal(moved.address, free.address);
  assert.match(await ask(portOf(free), get("/2")), /200 OK/);
  assert.equal(await isRefused(port), true);
  // The same port on every address: its own socket is in the way.
  const wide = await admin.edit(1, relayTo(backend.target, { listen: `0.0.0.0:${portOf(free)}` }));
  assert.deepEqual(wide.notes, [`0.0.0.0:${portOf(free)} can be reached from other machines`]);
  assert.match(await ask(portOf(free), get("/3")), /200 OK/);
  // The same port of an address that this machine has not: it goes back.
  const nowhere = relayTo(backend.target, { listen: `192.0.2.1:${portOf(free)}` });
  assert.deepEqual((await admin.refused("PUT", "/api/listeners/1", nowhere)).slice(0, 2), [409, "listen"]);
  assert.deepEqual((await admin.listeners())[0], wide);
  assert.match(await ask(portOf(free), get("/4")), /200 OK/);
  const open = await admin.edit(1, proxy({ listen: "0.0.0.0:0" }));
  assert.equal(open.notes.length, 2);
  assert.match(open.notes[1], /^everyone who reaches \S+ can use it: --proxy-auth asks for a password$/);
});

Deno.test("a proxy goes through an upstream proxy, whose password is never shown again", async () => {
  await using backend = new Backend();
  await using upstream = Program.start([
    ...["proxy", "0", "--proxy-auth", "duke:s3cret", "--format", "json"],
  ]);
  await using program = relay(backend.target);
  const admin = await Admin.of(program);
  const url = (password: string) => async () => `http://duke:${password}@127.0.0.1:${await upstream.port()}`;
  const [real, shown] = [await url("s3cret")(), await url("***")()];
  const added = await admin.add(proxy({ upstreamProxy: real }));
  assert.equal(added.settings.upstreamProxy, shown);
  assert.equal(added.upstreamProxy, `http://127.0.0.1:${await upstream.port()}`);
  const throughIt = async () => {
    const answer = await ask(portOf(added), get(`http://${backend.target}/x`, backend.target), "\r\n\r\n");
    return Number(answer.split(" ")[1]);
  };
  assert.equal(await throughIt(), 200);
  await upstream.records("exchange", 1);
  const same = await admin.edit(added.id, proxy({ upstreamProxy: shown, link: { latency: "1ms" } }));
  assert.equal(same.settings.upstreamProxy, shown);
  assert.equal(await throughIt(), 200);
  // The password would go to somebody else.
  const elsewhere = await admin.refused(
    "PUT",
    `/api/listeners/${added.id}`,
    proxy({ upstreamProxy: `http://duke:***@127.0.0.1:${backend.port}` }),
  );
  assert.deepEqual(elsewhere.slice(0, 2), [400, "upstreamProxy"]);
  await admin.edit(added.id, proxy({ upstreamProxy: await url("wrong")() }));
  assert.equal(await throughIt(), 502);
  await admin.edit(added.id, proxy({ upstreamProxy: real, noProxy: "127.0.0.1" }));
  assert.equal(await throughIt(), 200);
  const { text } = await admin.ask("GET", "/api/config");
  for (
    const said of [text, JSON.stringify(await admin.state()), program.said.join("\n"), program.log.join("\n")]
  ) {
    assert.doesNotMatch(said, /s3cret|wrong@/);
  }
});

Deno.test("the config file makes a program with the same listeners", () =>
  inDirectory(async (directory) => {
    await using backend = new Backend();
    const options = [
      "--idle-timeout",
      "90s",
      "--upstream-proxy",
      "http://127.0.0.1:1",
      "--no-proxy",
      "*",
    ];
    await using program = relay(backend.target, "--rate", "9mbit", ...options);
    const admin = await Admin.of(program);
    const wishes = [
      relayTo(`http://${backend.target}`, { host: "keep", link: { link: "4g", seed: "7", jitter: "1ms" } }),
      relayTo(`https://${backend.target}`, { insecure: true, link: {}, upstreamProxy: "" }),
      proxy({ upstreamProxy: "http://duke:s3cret@127.0.0.1:2", noProxy: "127.0.0.1" }),
      proxy({
        link: { bytesPerPause: "up:1000", delay: "1ms", fault: "down:reset@1%,refuse@0.1%", seed: "1" },
      }),
    ];
    for (const wish of wishes) await admin.add(wish);
    const { text } = await admin.ask("GET", "/api/config");
    assert.match(text, /^\/\/ tcpmon \d\S+, \d{4}-\d\d-\d\dT\S+Z: /);
    assert.match(text, /\/\/ The password of upstream-proxy is left out: /);
    const file = `${directory}/tcpmon.json`;
    await Deno.writeTextFile(file, text);
    await using again = Program.start(["--config", file, "--view=127.0.0.1:0", "--format", "none"]);
    const page = await Admin.of(again);
    const stripped = (views: Json[]) =>
      views.map(({ settings, upstreamProxy, link, target }) => ({
        settings: {
          ...settings,
          link: undefined,
          upstreamProxy: settings.upstreamProxy?.replace(":***", ""),
        },
        upstreamProxy,
        link,
        target,
      }));
    assert.deepEqual(stripped(await page.listeners()), stripped(await admin.listeners()));
    const [first, second] = await again.ports(5);
    for (const port of [first, second]) assert.match(await ask(port, get("/1")), /200 OK/);
    assert.equal((await again.stop()).code, 0);
  }));

Deno.test("sockets of the command line stay as they are where they are not changed", () =>
  inDirectory(async (directory) => {
    const path = `${directory}/in.sock`;
    await using backend = new Backend();
    await using program = Program.start([
      ...["relay", `unix:${path}=${backend.target}`, "--view=127.0.0.1:0", "--format", "none"],
    ]);
    const admin = await Admin.of(program);
    const wish = { kind: "relay", listen: `unix:${path}`, target: backend.target };
    const edited = await admin.edit(1, { ...wish, host: "target" });
    assert.deepEqual([edited.address, edited.settings.host], [`unix:${path}`, "target"]);
    const other = await admin.refused("PUT", "/api/listeners/1", { ...wish, listen: `unix:${path}2` });
    assert.deepEqual(other.slice(0, 2), [400, "listen"]);
    for (let round = 0; round < 3; round++) {
      await admin.done("POST", "/api/listeners/1/stop");
      await admin.done("POST", "/api/listeners/1/start");
    }
    using peer = await Peer.connect({ transport: "unix", path });
    await peer.send(get("/1"));
    assert.match(await peer.readUntil("hello"), /200 OK/);
    await admin.done("DELETE", "/api/listeners/1");
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  }));

Deno.test("changes that come at once are made one after the other", async () => {
  await using backend = new Backend();
  await using program = relay("127.0.0.1:1");
  const admin = await Admin.of(program);
  const { id, address } = await admin.add(relayTo(backend.target));
  await admin.done("DELETE", `/api/listeners/${id}`);
  const wish = relayTo(backend.target, { listen: address });
  const all = await Promise.all(Array.from({ length: 8 }, () => admin.ask("POST", "/api/listeners", wish)));
  assert.deepEqual(all.map(({ status }) => status).sort(), [200, ...Array(7).fill(409)]);
  const own = all.find(({ status }) => status === 200)!.json.id;
  const path = `/api/listeners/${own}`;
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => admin.done("POST", `${path}/${i % 2 === 0 ? "stop" : "start"}`)),
  );
  // In which order they came nobody knows.
  assert.equal((await admin.done("POST", `${path}/start`)).address, address);
  assert.match(await ask(portOf({ address }), get("/1")), /200 OK/);
  const ends = await Promise.all([1, 2, 3].map(() => admin.ask("DELETE", path)));
  assert.deepEqual(ends.map(({ status }) => status).sort(), [200, 404, 404]);
  assert.equal((await program.stop()).code, 0);
});

Deno.test("a viewer for reading only changes no listener", async () => {
  await using backend = new Backend();
  await using program = relay(backend.target, "--view-readonly");
  const admin = await Admin.of(program);
  assert.equal((await admin.state()).can.admin, false);
  const asked: [string, string, Wish?][] = [
    ["POST", "/api/listeners", relayTo(backend.target)],
    ["PUT", "/api/listeners/1", relayTo(backend.target)],
    ["POST", "/api/listeners/1/stop"],
    ["POST", "/api/listeners/1/start"],
    ["DELETE", "/api/listeners/1"],
  ];
  for (const [method, path, wish] of asked) {
    assert.equal((await admin.ask(method, path, wish)).status, 403, path);
  }
  const [only] = await admin.listeners();
  assert.equal(only.isListening, true);
});

Deno.test("there is an end to how many can be added", async () => {
  await using program = relay("127.0.0.1:1", "--quiet");
  const admin = await Admin.of(program);
  const said = program.said.length;
  const statuses = [];
  for (let i = 0; i < 50; i++) statuses.push((await admin.ask("POST", "/api/listeners", proxy())).status);
  assert.deepEqual(statuses, [...Array(49).fill(200), 409]);
  assert.equal(program.said.length, said);
  assert.equal((await program.stop()).code, 0);
});

Deno.test("what is under way is told, also of connections of a listener that was stopped", async () => {
  await using server = new Server(async (peer) => {
    await peer.readHead();
    await peer.over();
  });
  await using program = relay(server.target);
  const admin = await Admin.of(program);
  using client = await Peer.connect(await program.port());
  await client.send(get("/waits?a=1"));
  await admin.done("POST", "/api/listeners/1/stop");
  const text = await within(activeOf(admin), "nothing was told");
  assert.match(text, /"method":"GET"/);
  assert.match(text, /"url":"\/waits\?a=1"/);
});

Deno.test("secrets are taken out of what is under way, as they are in the log", async () => {
  await using target = new Target();
  await using program = relay(target.target, "--redact");
  const admin = await Admin.of(program);
  using client = await Peer.connect(await program.port());
  await client.send(get("/waits?access_token=s3cret&a=1"));
  using server = await target.accept();
  await server.readHead();
  const text = await within(activeOf(admin), "nothing was told");
  assert.match(text, /"url":"\/waits\?access_token=[^"]*&a=1"/);
  assert.doesNotMatch(text, /s3cret/);
});

Deno.test("with few descriptors a relay goes on after a change, and ends when it is told to", async () => {
  await using backend = new Backend();
  await using program = Program.start(
    ["relay", `0=${backend.target}`, "--view=127.0.0.1:0", "--format", "none"],
    { shell: 'ulimit -n 224; exec "$@"' },
  );
  const admin = await Admin.of(program);
  await admin.edit(1, relayTo(backend.target, { link: { latency: "1ms" } }));
  const port = await program.port();
  for (let round = 0; round < 12; round++) {
    assert.match(await within(ask(port, get("/1")), "no answer", 5_000), /200 OK/);
  }
  assert.deepEqual(program.said.filter((line) => line.includes("further ones wait")), []);
  assert.equal((await within(program.stop(), "no end", 5_000)).code, 0);
});

Deno.test("a relay that verifies its target does so whatever other relays to it do", async () => {
  await using certificates = await makeCertificates();
  await using server = tlsServer(certificates.selfSigned, async (peer) => {
    await peer.readHead();
    await peer.send(ok("hello"));
  });
  const target = `https://localhost:${server.port}`;
  await using program = Program.start(["relay", `0=${target}`, "--format", "json", "--view=127.0.0.1:0"]);
  const admin = await Admin.of(program);
  const lax = await admin.add(relayTo(target, { insecure: true }));
  const strict = await admin.add(relayTo(target, { insecure: false }));
  const reached = async (port: number) => {
    using peer = await Peer.connect(port);
    await peer.send(get("/1", "localhost"));
    return await peer.readUntil("hello").then(() => true, () => false);
  };
  assert.equal(await reached(portOf(lax)), true);
  assert.equal(await reached(await program.port()), false);
  assert.equal(await reached(portOf(strict)), false);
  await admin.done("POST", `/api/listeners/${lax.id}/stop`);
  assert.equal(await reached(await program.port()), false);
  // It may change its mind.
  await admin.edit(strict.id, relayTo(target, { insecure: true }));
  assert.equal(await reached(portOf(strict)), true);
});

Deno.test("userinfo that a broken client writes into Host is in no list of what is under way", async () => {
  await using target = new Target();
  await using program = relay(target.target, "--redact");
  const admin = await Admin.of(program);
  using client = await Peer.connect(await program.port());
  await client.send(get("/waits", "user:s3cret@x"));
  using server = await target.accept();
  await server.readHead();
  const text = await within(activeOf(admin), "nothing was told");
  assert.match(text, /"host":"\[redacted:\w+\]@x"/);
  assert.doesNotMatch(text, /s3cret/);
  await server.send(ok("hello"));
  await client.readUntil("hello");
  const [record] = await program.records("exchange");
  assert.match(JSON.stringify(record), /@x"/);
  assert.doesNotMatch(JSON.stringify(record), /s3cret/);
});

/** The first event of the page that tells of something under way. */
async function activeOf(admin: Admin): Promise<string> {
  const response = await admin.events();
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of response.body!) {
    text += decoder.decode(piece, { stream: true });
    if (/"type":"active".*"total":[1-9]/.test(text)) return text;
  }
  return text;
}
