import assert from "node:assert/strict";
import { trustSystemRoots } from "../../../src/net/tls/roots.ts";

function environment(entries: [string, string][]) {
  const map = new Map(entries);
  return {
    map,
    get: (name: string) => map.get(name),
    set: (name: string, value: string) => void map.set(name, value),
  };
}

Deno.test("both lists of authorities are trusted where the user has not chosen", () => {
  const env = environment([]);
  trustSystemRoots(env);
  assert.equal(env.map.get("DENO_TLS_CA_STORE"), "system,mozilla");
});

Deno.test("the user's choice of authorities stands", () => {
  const env = environment([["DENO_TLS_CA_STORE", "mozilla"]]);
  trustSystemRoots(env);
  assert.equal(env.map.get("DENO_TLS_CA_STORE"), "mozilla");
});
