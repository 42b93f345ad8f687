/** Captures that are opened from the page: files through the real server, of any length, from anybody. */
import assert from "node:assert/strict";
import { MAX_OPEN_BYTES } from "../../src/ui/access.ts";
import { openRoute } from "../../src/ui/opening.ts";
import { Refused } from "../../src/ui/requests.ts";
import { FakeActions } from "./fake_actions.ts";
import { Served } from "./served.ts";
import { HOST, TestViewer } from "./viewer.ts";

const BINARY = "application/octet-stream";

async function opened(settings = {}): Promise<{ viewer: TestViewer; actions: FakeActions }> {
  const actions = new FakeActions();
  const viewer = await TestViewer.open({ actions, source: actions.source, ...settings });
  return { viewer, actions };
}

function post(
  viewer: TestViewer,
  query: string,
  headers: { [name: string]: string } = {},
  body = "the file",
) {
  return viewer.change("POST", `/api/open?${query}`, body, { "content-type": BINARY, ...headers });
}

/** Waits until something is so; others of the machine want their time, too. */
async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; !isSo() && i < 1000; i++) await new Promise((done) => setTimeout(done, 5));
  assert.ok(isSo());
}

Deno.test("a file is opened under its name, and the page is told what was in it", async () => {
  const { viewer, actions } = await opened();
  actions.opened = { rows: 3, records: 7, problems: ["line 4: no JSON"] };
  const response = await post(viewer, `name=${encodeURIComponent("Grüße & co.har")}`);
  assert.deepEqual(await response.json(), {
    name: "Grüße & co.har",
    records: 7,
    rows: 3,
    problems: ["line 4: no JSON"],
  });
  assert.deepEqual(actions.asked, [{ kind: "open", name: "Grüße & co.har", bytes: 8 }]);
  assert.equal((await viewer.json("/api/rows")).total, 3);
});

Deno.test("names that are no name of a file are refused, above all those that lead elsewhere", async () => {
  const { viewer, actions } = await opened();
  const names = [
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "/etc/passwd",
    "..\\x",
    "C:\\x",
    "a\0b",
    "a\nb",
    "\x1b[31m",
    "\x85",
  ];
  names.push("x".repeat(256));
  for (const name of names) {
    const response = await post(viewer, `name=${encodeURIComponent(name)}`);
    assert.equal(response.status, 400, JSON.stringify(name));
    assert.match((await response.json()).error, /^[^\n]{1,200}$/);
  }
  for (const query of ["", "name=a&name=b", "name=a&x=1", "file=a"]) {
    assert.equal((await post(viewer, query)).status, 400, query);
  }
  assert.deepEqual(actions.asked, []);
  assert.equal((await post(viewer, `name=${"x".repeat(255)}`)).status, 200);
});

Deno.test("only bytes are taken, only here, and from nobody else's page", async () => {
  const { viewer, actions } = await opened();
  const types = [
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "",
  ];
  for (const type of types) {
    assert.equal((await post(viewer, "name=a", { "content-type": type })).status, 415, type);
  }
  for (const path of ["/api/rows", "/api/open/", "/api/open/x", "/api/send", "//api/open", "/API/open"]) {
    const response = await viewer.change("POST", path, "x", { "content-type": BINARY });
    assert.equal(response.status, 415, path);
  }
  const foreign: readonly { [name: string]: string }[] = [
    { origin: "http://evil.example" },
    { origin: "null" },
    { origin: "", "sec-fetch-site": "" },
    { origin: `http://${HOST.replace("9999", "9998")}` },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { host: "evil.example:9999", origin: "http://evil.example:9999" },
  ];
  for (const headers of foreign) {
    assert.equal((await post(viewer, "name=a", headers)).status, 403, JSON.stringify(headers));
  }
  assert.equal((await post(viewer, "name=a", { cookie: "" })).status, 401);
  assert.equal((await post(viewer, "name=a", { cookie: "tcpmon-9999=guess" })).status, 401);
  assert.equal((await viewer.ask("/api/open?name=a")).status, 404);
  assert.deepEqual(actions.asked, []);
});

Deno.test("a viewer for reading only opens nothing, nor does one that cannot", async () => {
  const readonly = await opened({ isReadonly: true });
  assert.equal((await post(readonly.viewer, "name=a")).status, 403);
  assert.equal((await readonly.viewer.json("/api/state")).can.open, false);
  const viewer = await TestViewer.open();
  assert.equal((await post(viewer, "name=a")).status, 404);
});

Deno.test("a length beyond the limit is refused before anything is read", async () => {
  const { viewer, actions } = await opened();
  const headers = { "content-length": String(MAX_OPEN_BYTES + 1) };
  assert.equal((await post(viewer, "name=a", headers)).status, 413);
  assert.deepEqual(actions.asked, []);
});

Deno.test("bytes beyond the limit break it off, whatever length they had, and the program hears of it", async () => {
  let heard: unknown;
  const actions = {
    async open(name: string, bytes: AsyncIterable<Uint8Array>) {
      try {
        for await (const _ of bytes);
      } catch (error) {
        heard = error;
        throw new Error("the program's own words");
      }
      return { name, records: 0, rows: 0, problems: [] };
    },
  };
  const route = openRoute(actions, 1000);
  const body = ReadableStream.from(Array.from({ length: 11 }, () => new Uint8Array(100)));
  const request = new Request("http://a/api/open?name=a", { method: "POST", body });
  await assert.rejects(async () => await route.answer(request, {}), (error) => {
    assert.ok(error instanceof Refused && error.status === 413);
    return true;
  });
  assert.equal(heard instanceof Refused, true);
});

Deno.test("a file that the program refuses at its beginning is told after it has come whole, in the program's words", async () => {
  let pulled = 0;
  const actions = {
    async open(_name: string, bytes: AsyncIterable<Uint8Array>) {
      for await (const _ of bytes) throw new Refused(400, "this is no capture");
      throw new Error("never");
    },
  };
  const body = new ReadableStream({
    pull(controller) {
      if (++pulled > 50) return controller.close();
      controller.enqueue(new Uint8Array(10));
    },
  }, { highWaterMark: 0 });
  const request = new Request("http://a/api/open?name=a", { method: "POST", body });
  await assert.rejects(async () => await openRoute(actions).answer(request, {}), /this is no capture/);
  assert.equal(pulled, 51);
});

Deno.test("one file is opened at a time, and the next one after it", async () => {
  const { viewer, actions } = await opened();
  const { promise, resolve } = Promise.withResolvers<void>();
  actions.pause = promise;
  const first = post(viewer, "name=first");
  await until(() => actions.openedBytes > 0);
  assert.equal((await post(viewer, "name=second")).status, 503);
  resolve();
  assert.equal((await first).status, 200);
  actions.openRefusal = "this is no capture";
  assert.equal((await post(viewer, "name=third")).status, 400);
  actions.openRefusal = undefined;
  assert.equal((await post(viewer, "name=fourth")).status, 200);
});

Deno.test("a file comes no faster than the program takes it", async () => {
  const actions = new FakeActions();
  await using served = await Served.open({ actions });
  const { promise, resolve } = Promise.withResolvers<void>();
  actions.pause = promise;
  using connection = await served.connect();
  const whole = 64 * 1024 * 1024;
  await connection.write(new TextEncoder().encode(headOf(served, `Content-Length: ${whole}`)));
  const piece = new Uint8Array(64 * 1024);
  let sent = 0;
  const sending = (async () => {
    while (sent < whole) sent += await connection.write(piece.subarray(0, whole - sent));
  })();
  await until(() => actions.openedBytes > 0);
  let before = -1;
  // Nothing passes any more: what is on its way is in the system's buffers.
  while (sent !== before) {
    before = sent;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.ok(actions.openedBytes <= 64 * 1024);
  assert.ok(sent < whole / 2, `${sent}`);
  resolve();
  await sending;
  const buffer = new Uint8Array(1000);
  const text = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
  assert.match(text, /^HTTP\/1\.1 200 /);
  assert.equal(actions.openedBytes, whole);
});

for (
  const [how, framing] of [["with a length", "Content-Length: 1000"], [
    "in chunks",
    "Transfer-Encoding: chunked",
  ]]
) {
  Deno.test(`a browser that goes half way ends it, ${how}: nothing counts as opened, and the next file can come`, async () => {
    const actions = new FakeActions();
    const failed = Promise.withResolvers<unknown>();
    const { open } = actions;
    actions.open = (name, bytes) => {
      const opening = open.call(actions, name, bytes);
      opening.catch((error) => failed.resolve(error));
      return opening;
    };
    await using served = await Served.open({ actions });
    const connection = await served.connect();
    await connection.write(new TextEncoder().encode(`${headOf(served, framing)}64\r\n${"x".repeat(98)}\r\n`));
    await until(() => actions.openedBytes > 0);
    connection.close();
    assert.ok(await failed.promise instanceof Error);
    assert.deepEqual(actions.asked, []);
    const next = await fetch(`http://${served.host}/api/open?name=next`, {
      method: "POST",
      headers: { cookie: served.cookie, origin: `http://${served.host}`, "content-type": BINARY },
      body: "hello",
    });
    assert.equal((await next.json()).name, "next");
  });
}

function headOf(served: Served, framing: string): string {
  return `POST /api/open?name=big HTTP/1.1\r\nHost: ${served.host}\r\nOrigin: http://${served.host}\r\n` +
    `Cookie: ${served.cookie}\r\nContent-Type: ${BINARY}\r\n${framing}\r\n\r\n`;
}
