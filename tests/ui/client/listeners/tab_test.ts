/** Tabs: their filters, their addresses, and what they say. */
import assert from "node:assert/strict";
import { parseExpression } from "../../../../src/capture/filter/syntax.ts";
import {
  bothFilters,
  filterOfTab,
  readTab,
  type Tab,
  writeTab,
} from "../../../../src/ui/client/listeners/tab.ts";
import { linkChoice, listenerState, listenerTitle } from "../../../../src/ui/client/listeners/words.ts";
import { listenerView } from "../../fake_admin.ts";

const FIRST = listenerView({ id: 1, address: "127.0.0.1:8081", target: "localhost:8080" });
const ODD = listenerView({ id: 2, address: 'unix:/a "b" \\c) | (' });

Deno.test("a listener's tab filters by its address, whatever is in it", () => {
  assert.equal(filterOfTab({ kind: "all" }, [FIRST]), "");
  assert.equal(filterOfTab({ kind: "admin" }, [FIRST]), "");
  assert.equal(filterOfTab({ kind: "listener", id: 1 }, [FIRST]), 'listener:="127.0.0.1:8081"');
  assert.equal(filterOfTab({ kind: "listener", id: 9 }, [FIRST]), "");
  const odd = filterOfTab({ kind: "listener", id: 2 }, [FIRST, ODD]);
  assert.ok(JSON.stringify(parseExpression(odd)).includes(JSON.stringify(ODD.address)));
});

Deno.test("a filter that was typed holds beside that of the tab, also where it has alternatives", () => {
  assert.equal(bothFilters("", "a | b"), "a | b");
  assert.equal(bothFilters("listener:=x", ""), "listener:=x");
  const both = bothFilters('listener:="x"', "a | b");
  assert.equal(both, '(listener:="x") (a | b)');
  assert.equal(parseExpression(both).kind, parseExpression("a b").kind);
});

Deno.test("a tab has an address, and nothing else has", () => {
  const tabs: readonly Tab[] = [{ kind: "admin" }, { kind: "listener", id: 3 }];
  for (const tab of tabs) assert.deepEqual(readTab(writeTab(tab)), tab);
  assert.equal(writeTab({ kind: "all" }), "");
  for (
    const hash of [
      "",
      "#/row/3",
      "#/listener/",
      "#/listener/0",
      "#/listener/-1",
      "#/listener/1e3",
      "#/admin/",
    ]
  ) {
    assert.equal(readTab(hash), undefined, hash);
  }
});

Deno.test("a listener says what it is and how it is", () => {
  assert.equal(listenerTitle(FIRST), "127.0.0.1:8081 → localhost:8080");
  assert.equal(listenerTitle({ address: "127.0.0.1:8888" }), "127.0.0.1:8888 proxy");
  assert.equal(listenerState(FIRST).words, "Listening");
  assert.equal(listenerState({ ...FIRST, isListening: false }).words, "Stopped");
  assert.equal(listenerState({ ...FIRST, isListening: false, error: "no" }).tone, "bad");
});

Deno.test("the quick choice of a link tells a kind of link from figures", () => {
  assert.equal(linkChoice(undefined), "started");
  assert.equal(linkChoice({ link: "", rate: "" }), "none");
  assert.equal(linkChoice({ link: "3g" }), "3g");
  assert.equal(linkChoice({ link: "3g", rate: "1mbit" }), "own");
  assert.equal(linkChoice({ rate: "1mbit" }), "own");
});
