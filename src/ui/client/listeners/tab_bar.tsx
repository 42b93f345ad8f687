/// <reference lib="dom" />
/** The tabs: the page of the listeners, all rows, and each listener's own, as TCPMon's window had them. */
import type { JSX, TargetedKeyboardEvent } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { ListenerView } from "../../api.ts";
import { listeners, tab } from "../state/store.ts";
import { isSameTab, type Tab, tabElementId } from "./tab.ts";
import { openTab, stepTab, tabs } from "./tabs.ts";
import { listenerState, listenerTitle } from "./words.ts";

/** Id of the Admin page. */
export const ADMIN_PANEL = "admin";
/** Id of the table, and what belongs to it. */
export const ROWS_PANEL = "rows";

/** The bar. */
export function TabBar(): JSX.Element {
  const bar = useRef<HTMLDivElement>(null);
  // Where there are many tabs, the bar scrolls: the open one stays in sight.
  useLayoutEffect(() => {
    bar.current!.querySelector('[aria-selected="true"]')?.scrollIntoView({
      block: "nearest",
      inline: "nearest",
    });
  }, [tab.value, tabs.value.length]);
  return (
    <nav class="l-bar" aria-label="Listeners">
      <div ref={bar} class="l-tabs" role="tablist" aria-label="Whose rows are shown" onKeyDown={onKeyDown}>
        {tabs.value.map((each) => <TabButton key={tabElementId(each)} tab={each} />)}
      </div>
    </nav>
  );
}

function TabButton({ tab: mine }: { readonly tab: Tab }): JSX.Element {
  const isOpen = isSameTab(mine, tab.value);
  const listener = mine.kind === "listener" ? listeners.value.find(({ id }) => id === mine.id) : undefined;
  return (
    <button
      type="button"
      role="tab"
      id={tabElementId(mine)}
      class="l-tab"
      aria-selected={isOpen}
      aria-controls={mine.kind === "admin" ? ADMIN_PANEL : ROWS_PANEL}
      tabIndex={isOpen ? 0 : -1}
      title={titleOf(mine, listener)}
      onClick={() => openTab(mine)}
    >
      {listener === undefined
        ? (mine.kind === "admin" ? "Admin" : "All")
        : <ListenerName listener={listener} />}
    </button>
  );
}

function ListenerName({ listener }: { readonly listener: ListenerView }): JSX.Element {
  return (
    <>
      <StateSign listener={listener} />
      {listenerTitle(listener)}
    </>
  );
}

/** A sign for how a listener is; its words are for those who do not see it. */
export function StateSign({ listener }: { readonly listener: ListenerView }): JSX.Element {
  const { sign, words, tone } = listenerState(listener);
  return (
    <>
      <span class={`l-sign l-${tone}`} aria-hidden="true">{sign}</span>
      <span class="unseen">{`${words}: `}</span>
    </>
  );
}

function titleOf(mine: Tab, listener: ListenerView | undefined): string {
  if (mine.kind === "admin") return "Add, change and remove listeners (a)";
  if (listener === undefined) return "The rows of all listeners";
  const { words } = listenerState(listener);
  return [`${words}: ${listenerTitle(listener)}`, listener.error, listener.link].filter(Boolean).join("\n");
}

/** The bar is one stop of the keyboard; arrows go from tab to tab and open them. */
function onKeyDown(event: TargetedKeyboardEvent<HTMLDivElement>): void {
  const { key } = event;
  if (key === "ArrowLeft" || key === "ArrowRight") stepTab(key === "ArrowLeft" ? -1 : 1, true);
  else if (key === "Home") openTab(tabs.value[0], true);
  else if (key === "End") openTab(tabs.value.at(-1)!, true);
  else return;
  event.preventDefault();
}
