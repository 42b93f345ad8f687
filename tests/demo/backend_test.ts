/** The demo's backend through `fetch`: each answer as a user sees it. */
import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import { type DemoBackend, startBackend } from "../../src/demo/backend.ts";

async function withBackend(use: (url: string, backend: DemoBackend) => Promise<void>): Promise<void> {
  const backend = startBackend();
  try {
    await use(`http://${backend.address}`, backend);
  } finally {
    await backend.stop();
  }
}

Deno.test("the index page names everything there is, and its script parses", async () => {
  await withBackend(async (url) => {
    const response = await fetch(`${url}/`);
    const html = await response.text();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(Math.abs(Date.parse(response.headers.get("date")!) - Date.now()) < 60_000, true);
    const links = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1]);
    assert.equal(links.length >= 7, true);
    for (const link of links) {
      const linked = await fetch(new URL(link.replace("ms=2000", "ms=0"), `${url}/`));
      await linked.body?.cancel();
      assert.equal(linked.status, link === "error" ? 500 : link === "nothing" ? 404 : 200, link);
    }
    const script = html.slice(html.indexOf("<script>") + 8, html.indexOf("</script>"));
    assert.doesNotThrow(() => new Function(script));
  });
});

Deno.test("quotes are JSON, all or those asked for, one by its symbol in any case", async () => {
  await withBackend(async (url) => {
    const all = await (await fetch(`${url}/api/quotes`)).json();
    assert.equal(all.quotes.length, 5);
    const some = await (await fetch(`${url}/api/quotes?symbol=ibm,XXX,NOPE`)).json();
    assert.deepEqual(some.quotes.map((quote: { symbol: string }) => quote.symbol), ["IBM", "XXX"]);
    const one = await (await fetch(`${url}/api/quotes/xxx`)).json();
    assert.deepEqual(one, { symbol: "XXX", name: "The Axis Sample", price: 55.25 });
  });
});

Deno.test("an order says what it costs, and what is wrong with one that makes no sense", async () => {
  await withBackend(async (url) => {
    const order = async (body: string | Uint8Array<ArrayBuffer>) => {
      const response = await fetch(`${url}/api/orders`, { method: "POST", body });
      return [response.status, await response.json()];
    };
    assert.deepEqual(await order('{"symbol":"xxx","shares":3}'), [200, {
      symbol: "XXX",
      shares: 3,
      total: 165.75,
      currency: "USD",
    }]);
    for (const bad of ["", "{", '"\\ud800', Uint8Array.of(0xff, 0xfe)]) {
      assert.equal((await order(bad))[0], 400);
    }
    const senseless = ["null", "[]", "7", '{"symbol":"NOPE","shares":1}', '{"symbol":"IBM","shares":0}'];
    for (const bad of [...senseless, '{"symbol":"IBM","shares":1.5}', '{"symbol":["IBM"],"shares":1}']) {
      assert.equal((await order(bad))[0], 422, bad);
    }
  });
});

Deno.test("the chart is a PNG whose chunks add up to the picture", async () => {
  await withBackend(async (url) => {
    const response = await fetch(`${url}/chart.png`);
    const png = new Uint8Array(await response.arrayBuffer());
    assert.equal(response.headers.get("content-type"), "image/png");
    assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
    const view = new DataView(png.buffer);
    const chunks = new Map<string, Uint8Array>();
    for (let at = 8; at < png.length; at += view.getUint32(at) + 12) {
      const type = new TextDecoder().decode(png.subarray(at + 4, at + 8));
      chunks.set(type, png.subarray(at + 8, at + 8 + view.getUint32(at)));
    }
    assert.deepEqual([...chunks.keys()], ["IHDR", "PLTE", "IDAT", "IEND"]);
    // The CRC of an empty IEND is the same in every PNG.
    assert.equal(view.getUint32(png.length - 4), 0xae426082);
    assert.equal(inflateSync(chunks.get("IDAT")!).length, 81 * 40);
  });
});

Deno.test("events come one by one and end", async () => {
  await withBackend(async (url) => {
    const response = await fetch(`${url}/events`);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    let reads = 0;
    let text = "";
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      reads++;
      text += part;
    }
    assert.equal(reads >= 2, true);
    assert.equal(
      text,
      "retry: 60000\nid: 1\nevent: price\ndata: AAPL 271.49\n\nid: 2\nevent: price\ndata: IBM 297.44\n\n" +
        "id: 3\nevent: price\ndata: ORCL 198.76\n\n",
    );
  });
});

Deno.test("a slow answer waits as long as asked, within reason", async () => {
  await withBackend(async (url) => {
    const from = performance.now();
    const answer = await (await fetch(`${url}/slow?ms=60`)).json();
    assert.deepEqual(answer, { waitedMs: 60 });
    // Timers count whole milliseconds, so one may be missing.
    assert.equal(performance.now() - from >= 59, true);
    for (const odd of ["-5", "x", "", "NaN"]) {
      assert.deepEqual(await (await fetch(`${url}/slow?ms=${odd}`)).json(), { waitedMs: 0 });
    }
  });
});

Deno.test("redirect, errors and wrong methods have their status", async () => {
  await withBackend(async (url) => {
    const status = async (path: string, init?: RequestInit) => {
      const response = await fetch(`${url}${path}`, { redirect: "manual", ...init });
      await response.body?.cancel();
      return [response.status, response.headers.get("location") ?? response.headers.get("allow")];
    };
    assert.deepEqual(await status("/old"), [301, "/api/quotes/IBM"]);
    assert.deepEqual(await status("/error"), [500, null]);
    assert.deepEqual(await status("/nothing"), [404, null]);
    assert.deepEqual(await status("/api/quotes/NOPE"), [404, null]);
    assert.deepEqual(await status("/ws"), [426, null]);
    assert.deepEqual(await status("/", { method: "DELETE" }), [405, "GET, HEAD"]);
    assert.deepEqual(await status("/api/orders"), [405, "POST"]);
    const followed = await fetch(`${url}/old`);
    assert.equal((await followed.json()).symbol, "IBM");
  });
});

Deno.test("a WebSocket client gets its messages back", async () => {
  await withBackend(async (_url, { address }) => {
    const socket = new WebSocket(`ws://${address}/ws`);
    socket.binaryType = "arraybuffer";
    const received: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.onerror = () => reject(new Error("the WebSocket failed"));
      socket.onopen = () => {
        socket.send("grüße");
        socket.send(new Uint8Array(60_000).fill(7));
      };
      socket.onmessage = ({ data }) => {
        received.push(typeof data === "string" ? data : data.byteLength);
        if (received.length === 2) socket.close(1000, "done");
      };
      socket.onclose = ({ code, reason, wasClean }) => {
        received.push(code, reason, wasClean);
        resolve();
      };
    });
    assert.deepEqual(received, ["grüße", 60_000, 1000, "done", true]);
  });
});
