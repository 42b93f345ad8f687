/** Clients from elsewhere through the forward proxy: a browser, Node, Java. Each is left out where it is not installed. */
import assert from "node:assert/strict";
import { answering, inDirectory, message } from "./log_of.ts";
import { installed, Program } from "./program.ts";
import { run } from "./tools.ts";

const proxy = () => Program.start(["proxy", "0", "--format", "json"]);

Deno.test({
  name: "Chromium loads a page and its parts, from two hosts",
  ignore: !installed("chromium"),
  async fn() {
    const script = message("HTTP/1.1 200 OK", ["Content-Type: text/javascript"], 'document.title = "run";');
    await using other = answering({ "/a.js": script });
    const html = `<p id="p">loaded</p><script src="http://127.0.0.1:${other.port}/a.js"></script>`;
    await using server = answering({ "/": message("HTTP/1.1 200 OK", ["Content-Type: text/html"], html) });
    await using program = proxy();
    const port = await program.port();
    await inDirectory(async (directory) => {
      const { text, stderr } = await run("chromium", [
        ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
        ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
        ...[
          `--user-data-dir=${directory}`,
          `--proxy-server=127.0.0.1:${port}`,
          "--proxy-bypass-list=<-loopback>",
        ],
        ...["--dump-dom", `http://localhost:${server.port}/`],
      ]);
      assert.match(text, /<title>run<\/title>/, stderr);
      assert.match(text, /<p id="p">loaded<\/p>/);
    });
    const records = await program.records("exchange", 2);
    const targets = new Set(records.map(({ target }) => target));
    assert.ok(targets.has(`localhost:${server.port}`) && targets.has(`127.0.0.1:${other.port}`));
  },
});

Deno.test({
  name: "Node keeps its connection for requests in absolute-form",
  ignore: !installed("node"),
  async fn() {
    await using server = answering({
      "/1": message("HTTP/1.1 200 OK", [], "one"),
      "/2": message("HTTP/1.1 200 OK", [], "two"),
    });
    await using program = proxy();
    const script = `
      const http = require("http");
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      const ask = (path) => new Promise((resolve, reject) => {
        http.get({ agent, port: ${await program.port()}, path: "http://${server.target}" + path,
          headers: { Host: "${server.target}" } }, (answer) => {
          let text = "";
          answer.on("data", (part) => text += part).on("end", () => resolve(text));
        }).on("error", reject);
      });
      (async () => { console.log(await ask("/1"), await ask("/2")); agent.destroy(); })();`;
    const { text, stderr } = await run("node", ["-e", script]);
    assert.equal(text, "one two\n", stderr);
    const [first, second] = await program.records("exchange", 2);
    assert.equal(first.connection, second.connection);
  },
});

Deno.test({
  name: "Java's HttpURLConnection with -Dhttp.proxyHost",
  ignore: !installed("java"),
  async fn() {
    await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "from Java") });
    await using program = proxy();
    const port = await program.port();
    await inDirectory(async (directory) => {
      const file = `${directory}/Ask.java`;
      await Deno.writeTextFile(
        file,
        `public class Ask { public static void main(String[] args) throws Exception {
          var in = new java.net.URL(args[0]).openConnection().getInputStream();
          System.out.print(new String(in.readAllBytes()));
        } }`,
      );
      const { text, stderr } = await run("java", [
        ...[`-Dhttp.proxyHost=127.0.0.1`, `-Dhttp.proxyPort=${port}`, "-Dhttp.nonProxyHosts="],
        ...[file, `http://${server.target}/`],
      ]);
      // A runtime without the compiler cannot run it.
      if (/jdk\.compiler|Error: Could not find or load main class/.test(stderr)) return;
      assert.equal(text, "from Java", stderr);
      assert.equal((await program.records("exchange"))[0].outcome, "complete");
    });
  },
});
