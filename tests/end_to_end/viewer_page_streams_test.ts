/** A person follows what goes on for long in the viewer: WebSockets, server-sent events, connections that are not HTTP. */
import assert from "node:assert/strict";
import { Peer, Server, Target } from "./peers.ts";
import { Person, step } from "./person.ts";
import { Program, within } from "./program.ts";

const ACTIVE = "[data-active]";

/** A backend with a WebSocket that answers each message. */
class Chat implements AsyncDisposable {
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(typeof data === "string" ? `you said ${data}` : data);
    return response;
  });

  get target(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** The client of a WebSocket, one answer after the other. */
class Client {
  readonly #socket: WebSocket;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = "arraybuffer";
  }

  opened(): Promise<unknown> {
    return within(new Promise((resolve) => this.#socket.onopen = resolve), "it did not open");
  }

  async say(message: string | Uint8Array<ArrayBuffer>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#socket.onmessage = resolve;
    this.#socket.send(message);
    await within(promise, "no answer came");
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close(1000, "bye");
    await within(closed, "it did not close");
  }
}

Deno.test("a person follows a WebSocket, events and raw bytes while they pass, and finds them afterwards", async (t) => {
  await using chat = new Chat();
  await using target = new Target();
  await using greeter = new Server(async (peer) => {
    await peer.send("220 mail.example ready\r\n");
    await peer.over();
  });
  await using program = Program.start([
    ...["relay", `0=${chat.target}`, `0=${target.target}`, `0=${greeter.target}`],
    ...["--view=127.0.0.1:0", "--format", "none"],
  ]);
  const [chatPort, feedPort, mailPort] = await program.ports(3);
  await using person = await Person.before(program);
  const { page } = person;

  await step(t, "messages of a WebSocket come while it is open", async () => {
    const client = new Client(`ws://127.0.0.1:${chatPort}/chat?room=1`);
    await client.opened();
    await client.say("hello");
    await person.seesRequests("/chat?room=1");
    await person.opens("/chat");
    await page.getByRole("tab", { name: "Messages" }).click();
    await person.reads(".x-timeline", "you said hello");
    await person.reads(".x-timeline", "Under way");
    await client.say('{"json":[1,2]}');
    await person.reads(".x-timeline", 'you said {"json":[1,2]}');
    await client.say(Uint8Array.of(0, 1, 254));
    await person.until(`document.querySelectorAll(".x-timeline li").length === 6`);
    await person.picture("streams-socket");
    await client.close();
    await person.reads(".x-timeline", "bye");
    await person.until(`document.querySelector(".x-timeline .pulse") === null`);
    await page.locator(".x-timeline summary").filter({ hasText: /^[^]*\{"json"/ }).first().click();
    await person.until(`document.querySelectorAll(".x-timeline .x-line").length > 3`);
    await page.keyboard.press("Escape");
  });

  await step(t, "events of a server come while their exchange runs", async () => {
    using client = await Peer.connect(feedPort);
    await client.send("GET /feed HTTP/1.1\r\nHost: feed\r\n\r\n");
    using server = await target.accept();
    await server.readHead();
    await server.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    await server.send("event: tick\nid: 1\ndata: one\n\n");
    await client.readUntil("one\n\n");
    await page.locator(ACTIVE).filter({ hasText: "/feed" }).click();
    await person.reads("#exchange", "GET /feed");
    await person.reads(".x-timeline", "one");
    await server.send("event: tick\nid: 2\ndata: two\n\n");
    await person.reads(".x-timeline", "two");
    await person.picture("streams-events");
    server.close();
    await client.over();
    await person.reads("#exchange", "Ended");
    await page.click("text=/^Show exchange #/");
    await person.until(`/^Row \\d+$/.test(document.getElementById("exchange").ariaLabel)`);
    await person.reads(".x-overview", "Complete");
    await page.getByRole("tab", { name: "Messages" }).click();
    await person.reads(".x-timeline", "two");
    await person.until(`document.querySelector("${ACTIVE}") === null`);
    await page.keyboard.press("Escape");
  });

  await step(t, "bytes that are not HTTP are shown while they pass", async () => {
    using client = await Peer.connect(mailPort);
    await client.readUntil("ready\r\n");
    await client.send("EHLO me\r\n");
    await page.locator(ACTIVE).filter({ hasText: greeter.target }).first().click();
    await person.reads(".x-timeline", "220 mail.example ready");
    await person.reads(".x-timeline", "EHLO me");
    await client.send(Uint8Array.of(0xff, 0, 0x1b, 0x5b, 0x33, 0x31, 0x6d));
    await person.until(`document.querySelectorAll(".x-timeline li").length >= 3`);
    await person.picture("streams-raw");
    client.close();
    await person.reads("#exchange", "Ended");
    await page.click("text=Show its row");
    await person.reads(".x-facts[aria-label=Connection]", "16 B");
    await person.picture("streams-ended");
  });

  await step(t, "a response that is awaited is a line of its own until it is there", async () => {
    using client = await Peer.connect(feedPort);
    await client.send("GET /awaited HTTP/1.1\r\nHost: feed\r\n\r\n");
    using server = await target.accept();
    await server.readHead();
    await page.locator(ACTIVE).filter({ hasText: "/awaited" }).click();
    await person.reads("#exchange", "no response yet");
    await server.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere");
    await client.readUntil("there");
    await person.reads(".x-title", "GET /awaited");
    await person.reads('section[aria-label="Response"]', "there");
    assert.equal(await page.locator(ACTIVE).count(), 0);
  });
});
