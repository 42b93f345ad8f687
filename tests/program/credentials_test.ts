import assert from "node:assert/strict";
import { UsageError } from "../../src/cli/usage_error.ts";
import { readCredentials } from "../../src/program/credentials.ts";

/** Whether these credentials let in who says so in Basic form. */
function letsIn(option: string, pair: string): boolean {
  return readCredentials(option)!.checkBasic(`Basic ${btoa(pair)}`);
}

Deno.test("credentials are taken from the option itself, colons in the password included", () => {
  assert.equal(letsIn("duke:a:b", "duke:a:b"), true);
  assert.equal(letsIn("duke:a:b", "duke:a"), false);
  assert.equal(letsIn("duke:", "duke:"), true);
  assert.equal(readCredentials(undefined), undefined);
});

Deno.test("credentials are taken from the first line of a file, whatever ends it", async () => {
  const file = await Deno.makeTempFile();
  try {
    for (const text of ["duke:s3cret", "duke:s3cret\n", "duke:s3cret\r\nmore:lines\n"]) {
      await Deno.writeTextFile(file, text);
      assert.equal(letsIn(`@${file}`, "duke:s3cret"), true, JSON.stringify(text));
    }
    await Deno.writeTextFile(file, "no colon\n");
    assert.throws(() => readCredentials(`@${file}`), UsageError);
  } finally {
    await Deno.remove(file);
  }
  assert.throws(() => readCredentials(`@${file}`), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /^cannot read --proxy-auth @\S+: no such file/);
    return true;
  });
});

Deno.test("what is no user and password is refused without being repeated", () => {
  for (const text of ["s3cret", ":s3cret", ""]) {
    assert.throws(() => readCredentials(text), (error) => {
      assert.ok(error instanceof UsageError);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  }
});
