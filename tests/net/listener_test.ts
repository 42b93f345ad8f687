/** Listeners whose connections are played: what becomes of them when the listener is changed or ends. */
import assert from "node:assert/strict";
import type { Active } from "../../src/capture/active.ts";
import { ConnectionSlots } from "../../src/net/connection_slots.ts";
import { type Carried, Listener } from "../../src/net/listener.ts";

/** A connection that lasts until it is stopped, or the test ends it. */
class Played implements Carried {
  idle = false;
  readonly reached = true;
  stops = 0;
  readonly name: string;
  readonly #conn: Deno.Conn;
  readonly #over = Promise.withResolvers<void>();

  constructor(name: string, conn: Deno.Conn) {
    this.name = name;
    this.#conn = conn;
  }

  active(): readonly Active[] {
    const connection = { id: 1, client: "c", listener: "l", target: "t" };
    return [{ type: "stream", connection, at: 0, url: this.name, up: 0, down: 0 }];
  }

  run(): Promise<void> {
    return this.#over.promise;
  }

  stop(): void {
    this.stops++;
    this.end();
  }

  end(): void {
    if (this.stops < 2) this.#conn.close();
    this.#over.resolve();
  }
}

/** Some time, ms. */
function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A listener on a free port, and what came to it. */
class Scene implements AsyncDisposable {
  readonly listener: Listener;
  readonly carried: Played[];
  readonly #clients: Deno.Conn[] = [];
  readonly #came: { wake: () => void };

  private constructor(listener: Listener, carried: Played[], came: { wake: () => void }) {
    this.listener = listener;
    this.carried = carried;
    this.#came = came;
  }

  static async open(slots = new ConnectionSlots(100, () => 100, () => {})): Promise<Scene> {
    const carried: Played[] = [];
    const came = { wake: () => {} };
    const listener = await Listener.open({ kind: "tcp", host: "127.0.0.1", port: 0 }, {
      carry: carryAs("first", carried, came),
      slots,
      warn: assert.fail,
    });
    listener.start();
    return new Scene(listener, carried, came);
  }

  /** From now on connections have this name. */
  use(name: string): void {
    this.listener.use(carryAs(name, this.carried, this.#came));
  }

  /** Connects, and waits until it was accepted. */
  async connect(): Promise<Played> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#came.wake = resolve;
    await this.knock();
    await promise;
    return this.carried.at(-1)!;
  }

  /** Connects only. */
  async knock(): Promise<Deno.Conn> {
    const { hostname, port } = this.listener.address as Deno.NetAddr;
    const client = await Deno.connect({ hostname, port });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.listener.stop(0, () => performance.now());
  }
}

function carryAs(name: string, carried: Played[], came: { wake: () => void }) {
  return (conn: Deno.Conn) => {
    const played = new Played(name, conn);
    carried.push(played);
    came.wake();
    return played;
  };
}

Deno.test("connections that come after a change are carried in the new way, those before go on", async () => {
  await using scene = await Scene.open();
  await scene.connect();
  scene.use("second");
  await scene.connect();
  assert.deepEqual(scene.carried.map(({ name, stops }) => [name, stops]), [["first", 0], ["second", 0]]);
  assert.deepEqual(scene.listener.active().map(({ url }) => url), ["first", "second"]);
});

Deno.test("a listener that retires its connections closes each once it is idle, and no other", async () => {
  await using scene = await Scene.open();
  const idle = await scene.connect();
  const busy = await scene.connect();
  idle.idle = true;
  scene.listener.retire();
  assert.deepEqual([idle.stops, busy.stops], [1, 0]);
  const later = await scene.connect();
  later.idle = true;
  busy.idle = true;
  await busy.run();
  assert.deepEqual([idle.stops, busy.stops, later.stops], [1, 1, 0]);
  assert.deepEqual(scene.listener.active().length, 1);
});

Deno.test("retired connections that never become idle end by themselves, or with the listener", async () => {
  const scene = await Scene.open();
  const one = await scene.connect();
  const other = await scene.connect();
  scene.listener.retire();
  scene.listener.retire();
  one.end();
  await one.run();
  assert.deepEqual([one.stops, other.stops], [0, 0]);
  await scene[Symbol.asyncDispose]();
  assert.equal(other.stops, 1);
});

Deno.test("a listener that is closed gives its address free at once, and keeps its connections", async () => {
  await using scene = await Scene.open();
  const kept = await scene.connect();
  const { port } = scene.listener.address as Deno.NetAddr;
  await Promise.all([scene.listener.close(), scene.listener.close()]);
  const again = Deno.listen({ hostname: "127.0.0.1", port });
  again.close();
  assert.equal(kept.stops, 0);
  assert.equal(scene.listener.active().length, 1);
});

Deno.test("a socket's file is gone when its listener is closed, whoever closes it", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/a.sock`;
    const slots = new ConnectionSlots(1, () => 1, () => {});
    const listener = await Listener.open({ kind: "unix", path }, {
      carry: assert.fail,
      slots,
      warn: assert.fail,
    });
    listener.start();
    const stopping = listener.stop(0, () => performance.now());
    await listener.close();
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
    await stopping;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a listener ends while a client of it waits for a place, and takes none", async () => {
  const full = Promise.withResolvers<void>();
  const slots = new ConnectionSlots(1, () => 1, () => full.resolve());
  const scene = await Scene.open(slots);
  await slots.take();
  const client = await scene.knock();
  await full.promise;
  await scene.listener.stop(0, () => performance.now());
  assert.equal(await client.read(new Uint8Array(1)).catch(() => null), null);
  assert.deepEqual(scene.carried, []);
  slots.give();
  assert.equal(slots.tryTake(), true);
  await scene[Symbol.asyncDispose]();
});

Deno.test("a listener that is left closes what is idle, and what is under way takes its time", async () => {
  await using scene = await Scene.open();
  const idle = await scene.connect();
  const busy = await scene.connect();
  idle.idle = true;
  let over = 0;
  const left = scene.listener.leave(() => over++);
  await idle.run();
  await scene.listener.close();
  assert.equal(await Promise.race([left.then(() => "over"), delay(30)]), undefined);
  assert.deepEqual([idle.stops, busy.stops, scene.listener.open], [1, 0, 1]);
  busy.end();
  await left;
  assert.deepEqual([idle.stops, busy.stops, scene.listener.open], [1, 0, 0]);
  assert.ok(over >= 1);
});

Deno.test("a listener that was closed listens at the same place again, with the connections that it had", async () => {
  await using scene = await Scene.open();
  const kept = await scene.connect();
  const { address } = scene.listener;
  await scene.listener.close();
  await scene.listener.reopen();
  scene.listener.start();
  await scene.connect();
  assert.deepEqual(scene.listener.address, address);
  assert.deepEqual([kept.stops, scene.listener.open], [0, 2]);
});
