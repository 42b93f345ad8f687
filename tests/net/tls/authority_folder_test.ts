/** Where the CA is kept when nobody says where. */
import assert from "node:assert/strict";
import { authorityFolder } from "../../../src/net/tls/authority_folder.ts";

const CASES: readonly (readonly [string, Record<string, string>, string])[] = [
  ["linux", { HOME: "/home/me" }, "/home/me/.local/share/tcpmon"],
  ["linux", { HOME: "/home/me/", XDG_DATA_HOME: "" }, "/home/me/.local/share/tcpmon"],
  ["linux", { HOME: "/home/me", XDG_DATA_HOME: "/data/" }, "/data/tcpmon"],
  ["linux", { XDG_DATA_HOME: "/data" }, "/data/tcpmon"],
  ["freebsd", { HOME: "/home/me" }, "/home/me/.local/share/tcpmon"],
  ["darwin", { HOME: "/Users/me", XDG_DATA_HOME: "/data" }, "/Users/me/Library/Application Support/tcpmon"],
  [
    "windows",
    { LOCALAPPDATA: "C:\\Users\\me\\AppData\\Local", HOME: "/x" },
    "C:\\Users\\me\\AppData\\Local\\tcpmon",
  ],
];

Deno.test("the CA is kept where each system keeps a user's data", () => {
  for (const [os, env, wanted] of CASES) {
    assert.equal(authorityFolder(os, (name) => env[name]), wanted, `${os} ${JSON.stringify(env)}`);
  }
});

Deno.test("a relative XDG_DATA_HOME is ignored", () => {
  const env: Record<string, string> = { HOME: "/home/me", XDG_DATA_HOME: "data" };
  assert.equal(authorityFolder("linux", (name) => env[name]), "/home/me/.local/share/tcpmon");
});

Deno.test("without a home the error names the variable and --ca-dir", () => {
  for (const [os, variable] of [["linux", "HOME"], ["darwin", "HOME"], ["windows", "LOCALAPPDATA"]]) {
    assert.throws(() => authorityFolder(os, () => undefined), {
      name: "AuthorityError",
      message:
        `cannot tell where to keep the CA: ${variable} is not set; set it, or name a folder with --ca-dir`,
    });
  }
});
