/** One user and password get in, in whatever way they are written; nothing else does. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Credentials } from "../../../src/net/proxy/credentials.ts";

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const credentials = new Credentials("ann:s:cret é");

Deno.test("the right pair gets in, by either way of asking", () => {
  assert.ok(credentials.check("ann", "s:cret é"));
  const value = base64("ann:s:cret é");
  for (
    const field of [
      `Basic ${value}`,
      `basic ${value}`,
      `BASIC   ${value}`,
      `Basic ${value.replace(/=+$/, "")}`,
    ]
  ) {
    assert.ok(credentials.checkBasic(field), field);
  }
});

Deno.test("anything else does not", () => {
  for (
    const [user, password] of [["ann", ""], ["", ""], ["ANN", "s:cret é"], ["ann", "s:cret e"], [
      "",
      "ann:s:cret é",
    ]]
  ) {
    assert.ok(!credentials.check(user, password), `${user} ${password}`);
  }
  const value = base64("ann:s:cret é");
  for (
    const field of [
      ...[undefined, "", "Basic", "Basic ", value, `Basic${value}`, `Bearer ${value}`, `Digest ${value}`],
      ...[
        `Basic ${value} x`,
        `Basic ${value},Basic x`,
        ` Basic ${value}`,
        `Basic\t${value}`,
        `Basic ${value}\0`,
      ],
      ...[`Basic ${base64("ann:s:cret é\n")}`, `Basic ${base64("\0ann:s:cret é")}`, `Basic ${base64("ann")}`],
      `Basic ${"A".repeat(1_000_000)}`,
    ]
  ) {
    assert.ok(!credentials.checkBasic(field), field?.slice(0, 40));
  }
});

Deno.test("a user may have no password, and a password no user", () => {
  assert.ok(new Credentials("ann:").check("ann", ""));
  assert.ok(new Credentials(":s").checkBasic(`Basic ${base64(":s")}`));
  assert.ok(!new Credentials("ann:").checkBasic(`Basic ${base64("ann")}`));
});

Deno.test("only what is equal gets in", () => {
  const user = fc.string({ maxLength: 5 }).filter((user) => !user.includes(":"));
  fc.assert(
    fc.property(user, fc.string({ maxLength: 5 }), user, fc.string({ maxLength: 5 }), (a, b, c, d) => {
      const credentials = new Credentials(`${a}:${b}`);
      assert.equal(credentials.check(c, d), a === c && b === d);
      assert.ok(credentials.check(a, b));
      assert.ok(credentials.checkBasic(`Basic ${base64(`${a}:${b}`)}`));
      assert.equal(credentials.checkBasic(`Basic ${base64(`${c}:${d}`)}`), a === c && b === d);
    }),
  );
});
