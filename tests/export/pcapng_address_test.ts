/** Addresses of conversations. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { AddressBook, type PortRules } from "../../src/export/pcapng_address.ts";
import { SHOWN_PORT } from "../../src/export/pcapng_port.ts";
import { anyText } from "../any_text.ts";
import { captured, connection, exported, get, ok } from "./pcapng_records.ts";
import { conversationsOf, readPcapng } from "./pcapng_reader.ts";

const AS_THEY_ARE: PortRules = { serverPort: (port) => port, suitsClient: () => true };

function endsOf(client: string, target: string, book = new AddressBook(), id = 1): string {
  const ends = book.ends({ id, listener: "127.0.0.1:1", client, target }, AS_THEY_ARE);
  const text = (address: Uint8Array) =>
    address.length === 4
      ? address.join(".")
      : Array.from(address, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${text(ends.client)} ${ends.clientPort} ${text(ends.server)} ${ends.serverPort}`;
}

const ONE_V6 = "00000000000000000000000000000001", MAPPED = "00000000000000000000ffff";

for (
  const [client, target, wanted] of [
    ["127.0.0.1:40112", "10.1.2.3:9080", "127.0.0.1 40112 10.1.2.3 9080"],
    ["[::1]:40112", "[2001:db8::5]:80", `${ONE_V6} 40112 20010db8000000000000000000000005 80`],
    ["[fe80::1%eth0]:7", "[::1]:80", `fe800000000000000000000000000001 7 ${ONE_V6} 80`],
    ["127.0.0.1:40112", "localhost:9080", "127.0.0.1 40112 127.0.0.1 9080"],
    ["[::1]:40112", "localhost:9080", `${ONE_V6} 40112 ${ONE_V6} 9080`],
    ["[::1]:40112", "10.1.2.3:9080", `${ONE_V6} 40112 ${MAPPED}0a010203 9080`],
    ["[::ffff:10.0.0.1]:5", "10.1.2.3:9080", "10.0.0.1 5 10.1.2.3 9080"],
    ["127.0.0.1:1", "http://10.1.2.3", "127.0.0.1 1 10.1.2.3 80"],
    ["127.0.0.1:1", "https://10.1.2.3/", "127.0.0.1 1 10.1.2.3 443"],
    ["127.0.0.1:1", "tls://10.1.2.3:8883", "127.0.0.1 1 10.1.2.3 8883"],
    ["127.0.0.1:1", "10.1.2.3:99999", "127.0.0.1 1 10.1.2.3 80"],
  ] as const
) {
  Deno.test(`addresses stay as they are: ${client} to ${target}`, () => {
    assert.equal(endsOf(client, target), wanted);
  });
}

Deno.test("a name has the same address in every export, told once with its name", () => {
  const [one, two] = [new AddressBook(), new AddressBook()];
  endsOf("127.0.0.1:1", "other.example:80", two);
  assert.equal(
    endsOf("127.0.0.1:1", "www.example.com:80", one),
    endsOf("127.0.0.1:1", "www.example.com:80", two),
  );
  const records = [1, 2].flatMap((id) => captured(connection(id, "www.example.com:80"), [["up", get("/")]]));
  const { names } = readPcapng(exported(records).file);
  assert.deepEqual(names.map((line) => line.split(" ")[1]), ["www.example.com", "www.example.com"]);
  assert.match(names[0], /^198\.1[89]\./);
  assert.match(names[1], /^\[0:0:0:0:0:ffff:c61[23]:/);
});

Deno.test("Unix sockets have an address each, and a port for each connection", () => {
  const book = new AddressBook();
  const [one, two] = [1, 2].map((id) => endsOf("unix:", "unix:/run/app.sock", book, id));
  const [client, port, server] = one.split(" ");
  assert.notEqual(client, server);
  assert.notEqual(two, one);
  assert.ok(Number(port) >= 49_152);
});

Deno.test("two conversations at once never have the same ends, also when both ends are one", () => {
  const book = new AddressBook();
  const told = new Set([1, 2, 3].map(() => endsOf("127.0.0.1:8080", "127.0.0.1:8080", book)));
  assert.equal(told.size, 3);
  assert.ok(!told.has("127.0.0.1 8080 127.0.0.1 8080"));
  assert.notEqual(endsOf("127.0.0.1:1", "127.0.0.1:2", book), endsOf("127.0.0.1:1", "127.0.0.1:2", book));
});

Deno.test("ends are free again when a conversation is over", () => {
  const records = [1, 2].map((id) =>
    captured({ ...connection(1), id }, [["up", get("/")], ["down", ok("x")]], { startMs: id * 100 })
  );
  const told = conversationsOf(readPcapng(exported(records.flat()).file));
  assert.deepEqual(told.map(({ client }) => client), ["127.0.0.1:40001", "127.0.0.1:40001"]);
});

Deno.test("HTTP on a port of another protocol is on port 80; anything else there stays", () => {
  const http = captured(connection(1, "10.0.0.1:6379", "127.0.0.1:44818"), [["up", get("/")]]);
  const redis = captured(connection(2, "10.0.0.1:6379"), [["up", "*1\r\n$4\r\nPING\r\n"]]);
  const { file, notes } = exported([...http, ...redis]);
  const [one, two] = conversationsOf(readPcapng(file));
  assert.deepEqual([one.server, two.server], [`10.0.0.1:${SHOWN_PORT}`, "10.0.0.1:6379"]);
  assert.notEqual(one.client, "127.0.0.1:44818");
  assert.equal(notes.get("HTTP on ports that readers take for another protocol: it is on port 80"), 1);
});

Deno.test("whatever stands for an address, there is a file, and its names hold no controls", () => {
  const text = fc.oneof(
    anyText({ maxLength: 300 }),
    fc.constantFrom(
      "",
      "[",
      "[::1",
      "[::1]",
      "::1",
      "1.2.3.4.5:6",
      "256.1.1.1:80",
      "http://",
      "a:b:c",
      "unix:",
      "\0",
    ),
  );
  fc.assert(
    fc.property(text, text, (client, target) => {
      const info = { id: 1, listener: "x", client, target };
      const { names, packets } = readPcapng(exported(captured(info, [["up", get("/")]])).file);
      assert.ok(packets.length > 0);
      // deno-lint-ignore no-control-regex -- controls are what it looks for
      for (const name of names) assert.doesNotMatch(name, /[\u0000-\u001f\u007f-\u009f]/);
    }),
    { numRuns: 300 },
  );
});
