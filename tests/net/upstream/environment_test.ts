import assert from "node:assert/strict";
import { AddressError } from "../../../src/net/address.ts";
import { upstreamFromEnvironment } from "../../../src/net/upstream/environment.ts";

const read = (variables: Record<string, string>) => upstreamFromEnvironment((name) => variables[name]);
const hosts = (variables: Record<string, string>) => {
  const { forScheme } = read(variables);
  return [forScheme("http")?.host, forScheme("https")?.host, forScheme("tcp")?.host];
};

Deno.test("each scheme has its own variable, and ALL_PROXY is for the rest", () => {
  assert.deepEqual(hosts({ http_proxy: "a", https_proxy: "b", all_proxy: "c" }), ["a", "b", "c"]);
  assert.deepEqual(hosts({ HTTP_PROXY: "a", HTTPS_PROXY: "b", ALL_PROXY: "c" }), ["a", "b", "c"]);
  assert.deepEqual(hosts({ https_proxy: "b" }), [undefined, "b", undefined]);
  assert.deepEqual(hosts({ ALL_PROXY: "socks5://c" }), ["c", "c", "c"]);
  assert.deepEqual(hosts({}), [undefined, undefined, undefined]);
});

Deno.test("lower case wins, and an empty variable is none", () => {
  assert.deepEqual(hosts({ http_proxy: "a", HTTP_PROXY: "b" })[0], "a");
  assert.deepEqual(hosts({ http_proxy: "", HTTP_PROXY: "b" })[0], "b");
  assert.deepEqual(hosts({ http_proxy: "", HTTP_PROXY: "", ALL_PROXY: "c" })[0], "c");
  assert.deepEqual(hosts({ http_proxy: " http://a:1 \n" })[0], "a");
});

Deno.test("in a CGI program, HTTP_PROXY may be a field of the request, and is passed over", () => {
  assert.deepEqual(hosts({ REQUEST_METHOD: "GET", HTTP_PROXY: "evil", ALL_PROXY: "c" })[0], "c");
  assert.deepEqual(hosts({ REQUEST_METHOD: "GET", http_proxy: "a", HTTP_PROXY: "evil" })[0], "a");
  assert.deepEqual(hosts({ REQUEST_METHOD: "GET", HTTPS_PROXY: "b" })[1], "b");
});

Deno.test("NO_PROXY is handed on as it stands", () => {
  assert.equal(read({ NO_PROXY: "a, b" }).noProxy, "a, b");
  assert.equal(read({ no_proxy: "*", NO_PROXY: "b" }).noProxy, "*");
  assert.equal(read({ no_proxy: "" }).noProxy, undefined);
});

Deno.test("a variable that cannot be read is named, without its password", () => {
  assert.throws(() => read({ https_proxy: "ftp://u:secret@h" }), (error) => {
    assert(error instanceof AddressError);
    assert.match(error.message, /^found "ftp:\/\/…@h" in the variable https_proxy, wanted/);
    return true;
  });
});
