/** Dumps of the flight recorder: on SIGUSR2, on what --dump-on says, in a storm of that, and with SOAP Faults. */
import assert from "node:assert/strict";
import { CALL, envelope, FAULT } from "../capture/soap_samples.ts";
import { answering, ask, inDirectory, message } from "./log_of.ts";
import { Peer } from "./peers.ts";
import { Program } from "./program.ts";
import { dumps, exchangesOf, idsIn, range, segments } from "./recordings.ts";
import { eventually } from "./tools.ts";

const UNIX = Deno.build.os !== "windows";
const get = (path: string) => message(`GET ${path} HTTP/1.1`, ["Host: a.test"]);
const ANSWERS = {
  "/": message("HTTP/1.1 200 OK", ["Content-Type: text/plain"], "fine"),
  "/bad": message("HTTP/1.1 503 Service Unavailable", ["Content-Type: text/plain"], "sorry"),
  "/soap": message("HTTP/1.1 200 OK", ["Content-Type: text/xml"], envelope(FAULT)),
};

/** Starts a relay that records into a folder. */
function recording(target: string, folder: string, ...options: string[]): Program {
  return Program.start(["relay", `0=${target}`, "--format=none", "--record", folder, ...options]);
}

Deno.test({
  name: "SIGUSR2 writes what was recorded, what is not on disk yet included, and says where",
  ignore: !UNIX,
  fn: () =>
    inDirectory(async (directory) => {
      await using server = answering(ANSWERS);
      await using program = recording(server.target, directory);
      using client = await Peer.connect(await program.port());
      for (let i = 0; i < 100; i++) await ask(client, get("/"));
      program.signal("SIGUSR2");
      const line = await program.says(/wrote the last/);
      const [name] = dumps(directory);
      assert.equal(line, `tcpmon: wrote the last 60 s, 101 records, to ${directory}/${name}: signal`);
      assert.match(name, /^dump-\d{8}T\d{6}\.\d{3}Z-signal\.jsonl$/);
      assert.deepEqual(await idsIn(`${directory}/${name}`), range(1, 100));
      assert.equal(Deno.statSync(`${directory}/${name}`).mode! & 0o777, 0o600);
      // Another one goes beside it.
      await ask(client, get("/"));
      program.signal("SIGUSR2");
      await eventually(() => dumps(directory).length === 2, "no second dump");
      assert.equal((await program.stop()).code, 0);
      assert.equal((await idsIn(`${directory}/${dumps(directory)[1]}`)).at(-1), 101);
    }),
});

Deno.test("an exchange that --dump-on asks for is the last of its dump, what came before it is there too", () =>
  inDirectory(async (directory) => {
    await using server = answering(ANSWERS);
    await using program = recording(server.target, directory, "--dump-on", "status:5xx|fault:*");
    using client = await Peer.connect(await program.port());
    for (let i = 0; i < 5; i++) await ask(client, get("/"));
    await ask(client, get("/bad"));
    const line = await program.says(/wrote the last/);
    assert.match(
      line,
      /^tcpmon: wrote the last 60 s, 7 records, to .*-exchange-6-503\.jsonl: exchange 6 503$/,
    );
    assert.deepEqual(await idsIn(`${directory}/${dumps(directory)[0]}`), range(1, 6));
    await ask(client, get("/"));
    assert.equal((await program.stop()).code, 0);
    assert.equal(dumps(directory).length, 1);
    assert.equal(segments(directory).length, 1);
  }));

Deno.test("a SOAP Fault that comes with status 200 is one to dump on", () =>
  inDirectory(async (directory) => {
    await using server = answering(ANSWERS);
    await using program = recording(server.target, directory, "--dump-on", "fault:*");
    using client = await Peer.connect(await program.port());
    await ask(client, get("/"));
    await ask(
      client,
      message("POST /soap HTTP/1.1", ["Host: a.test", "Content-Type: text/xml"], envelope(CALL)),
    );
    await program.says(/wrote the last .* exchange 2 200$/);
    assert.equal((await program.stop()).code, 0);
    const [, fault] = exchangesOf(await Deno.readTextFile(`${directory}/${dumps(directory)[0]}`));
    assert.deepEqual(fault.soap.fault, { code: "soap:Server", string: "Out of stock" });
  }));

Deno.test("a storm of failures is one dump at once and one a window: all of them are in some dump", () =>
  inDirectory(async (directory) => {
    await using server = answering(ANSWERS);
    await using program = recording(
      server.target,
      directory,
      "--dump-on",
      "status:5xx",
      "--dump-window",
      "1s",
    );
    const port = await program.port();
    const begun = performance.now();
    using client = await Peer.connect(port);
    for (let i = 0; i < 300; i++) await ask(client, get("/bad"));
    await program.says(/exchange 1 503$/);
    await program.says(/exchange \d+ 503, and \d+ more$/);
    const ids = new Set<number>();
    const areAllThere = async () => {
      for (const name of dumps(directory)) for (const id of await idsIn(`${directory}/${name}`)) ids.add(id);
      return ids.size === 300;
    };
    await eventually(areAllThere, "some are in no dump");
    assert.ok(dumps(directory).length <= 2 + (performance.now() - begun) / 1000, dumps(directory).join(" "));
    assert.equal((await program.stop()).code, 0);
  }));

Deno.test("a dump has the window only, and where the ring held less says so", () =>
  inDirectory(async (directory) => {
    const big = message("HTTP/1.1 200 OK", ["Content-Type: text/plain"], "y".repeat(20_000));
    await using server = answering({ ...ANSWERS, "/big": big });
    await using program = recording(
      server.target,
      directory,
      "--record-size",
      "1M",
      "--dump-on",
      "status:5xx",
    );
    using client = await Peer.connect(await program.port());
    for (let i = 0; i < 200; i++) await ask(client, get("/big"));
    await ask(client, get("/bad"));
    const line = await program.says(/wrote the last/);
    assert.match(line, /wrote the last 60 s as far as --record-size had room for them, \d+ records, to /);
    assert.equal((await program.stop()).code, 0);
    const ids = await idsIn(`${directory}/${dumps(directory)[0]}`);
    assert.ok(ids.length < 100 && ids.at(-1) === 201, `${ids.length}`);
  }));

Deno.test({
  name: "SIGUSR2 without a recorder is told once, and traffic goes on",
  ignore: !UNIX,
  async fn() {
    await using server = answering(ANSWERS);
    await using program = Program.start(["relay", `0=${server.target}`, "--format=none"]);
    using client = await Peer.connect(await program.port());
    for (let i = 0; i < 3; i++) {
      program.signal("SIGUSR2");
      await program.says(/^tcpmon: no --record: nothing to dump$/);
      await ask(client, get("/"));
    }
    assert.equal((await program.stop()).code, 0);
    assert.equal(program.said.filter((line) => line.includes("nothing to dump")).length, 1);
  },
});
