/** static/client.js is what `deno task client` makes of src/ui/client. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";

const ROOT = new URL("../../", import.meta.url);

/** What a browser loads at most, gzipped. */
const LIMIT_BYTES = 250 * 1024;

Deno.test("the page that is kept is the one that its source gives", async () => {
  const made = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: "bundle --quiet --minify --platform browser --output".split(" ").concat(
        made,
        "src/ui/client/main.tsx",
      ),
      cwd: ROOT,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const kept = await Deno.readTextFile(new URL("static/client.js", ROOT));
    assert.ok(kept === await Deno.readTextFile(made), "static/client.js is stale: run deno task client");
  } finally {
    await Deno.remove(made);
  }
});

Deno.test("the page is small, and its files lead to no other host", async () => {
  const client = await Deno.readTextFile(new URL("static/client.js", ROOT));
  const style = await Deno.readTextFile(new URL("static/style.css", ROOT));
  const page = await Deno.readTextFile(new URL("static/index.html", ROOT));
  assert.ok(gzipSync(client).length + gzipSync(style).length + gzipSync(page).length < LIMIT_BYTES);
  for (const text of [style, page]) assert.doesNotMatch(text, /https?:|\/\/[a-z]/);
});
