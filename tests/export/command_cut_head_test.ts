/** Requests that ended inside their head, as commands. */
import assert from "node:assert/strict";
import { createCurlExporter } from "../../src/export/curl.ts";
import { createHttpieExporter } from "../../src/export/httpie.ts";
import { parseCutRequestHead } from "../../src/http/head_parser.ts";
import { utf8 } from "../log/human_fixtures.ts";
import { exchangeOf, exported, requestFor } from "./received.ts";

Deno.test("a request that ended inside its head is no command: it would be another one", () => {
  const head = parseCutRequestHead(utf8("GET / HTTP/1.1\r\nHost: a\r\nX"));
  assert.ok(typeof head !== "string");
  for (const createExporter of [createCurlExporter, createHttpieExporter]) {
    const notes: string[] = [];
    const exporter = createExporter({ note: (reason) => notes.push(reason) });
    assert.equal(exported(exporter, exchangeOf({ ...requestFor("a", {}), head }, "a:80")), "");
    assert.deepEqual(notes, ["requests that ended inside their head"]);
  }
});
