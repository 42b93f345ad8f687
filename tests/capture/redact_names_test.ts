/** The list of `--redact` and how names are compared. */
import assert from "node:assert/strict";
import { DEFAULT_REDACT_NAMES, parseRedactNames } from "../../src/capture/redact/redact.ts";
import { isListed, NAME_LIMIT } from "../../src/capture/redact/names.ts";

const defaults = parseRedactNames(undefined);

Deno.test("no list and an empty list are the default list", () => {
  assert.deepEqual(parseRedactNames(""), defaults);
  assert.deepEqual(parseRedactNames("  "), defaults);
  for (const name of DEFAULT_REDACT_NAMES) assert.ok(isListed(defaults, name), name);
});

Deno.test("the default list covers the credentials that everyone sends, in any spelling", () => {
  const names =
    "Authorization Proxy-Authorization Cookie Set-Cookie X-Api-Key apiKey api_key access_token accessToken " +
    "refresh_token id_token client_secret clientSecret PASSWORD passwd pwd passphrase pin ssn cvv cardNumber " +
    "X-Amz-Security-Token X-CSRF-Token BinarySecurityToken JSESSIONID";
  for (const name of names.split(" ")) assert.ok(isListed(defaults, name), name);
});

Deno.test("ordinary words are not in the default list", () => {
  for (
    const name of "code key user username id name session signature Host passenger spin tokens".split(" ")
  ) {
    assert.ok(!isListed(defaults, name), name);
  }
});

Deno.test("a plain list replaces the default, +names add to it", () => {
  const plain = parseRedactNames("X-Mine, other_one");
  assert.ok(isListed(plain, "x-mine") && isListed(plain, "otherOne"));
  assert.ok(!isListed(plain, "password"));
  const more = parseRedactNames("+code,+ key ");
  assert.ok(isListed(more, "Code") && isListed(more, "KEY") && isListed(more, "password"));
});

Deno.test("names that say where a value belongs count by their parts", () => {
  for (const name of ["user[password]", "password[]", "password[0]", "spring.datasource.password"]) {
    assert.ok(isListed(defaults, name), name);
  }
  assert.ok(!isListed(defaults, "password.label"));
  assert.ok(!isListed(defaults, "[]."));
});

Deno.test("names beyond ASCII are compared without case too", () => {
  assert.ok(isListed(parseRedactNames("пароль"), "ПАРОЛЬ"));
});

Deno.test("a list that cannot be read is one clear line", () => {
  const cases: [string, RegExp][] = [
    ["+a,b", /mixes \+NAME/],
    ["a,+b", /mixes \+NAME/],
    ["a,,b", /name is missing/],
    [",", /name is missing/],
    ["+", /name is missing/],
    ["+a,", /name is missing/],
    ["--", /name is missing/],
    ["-code", /"-code" is not a name/],
    ["x-*", /"x-\*" is not a name/],
    ["a b", /"a b" is not a name/],
    ["++a", /"\+a" is not a name/],
    ["a=b", /"a=b" is not a name/],
    ["a:b", /"a:b" is not a name/],
    ["a\x07b", /is not a name/],
    ["x".repeat(NAME_LIMIT + 1), /too long/],
  ];
  for (const [list, message] of cases) {
    assert.throws(() => parseRedactNames(list), (error: Error) => {
      assert.match(error.message, /^--redact: /);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    }, list);
  }
});
