/// <reference lib="dom" />
/** Tabs by the pattern of the ARIA Authoring Practices: one tab stop, arrows, Home and End move. */
import type { ComponentChildren, JSX, TargetedKeyboardEvent } from "preact";
import { useId } from "preact/hooks";

/** One tab. */
export interface Tab<Key extends string> {
  /** Tells tabs apart. */
  readonly key: Key;
  /** What stands on it. */
  readonly label: string;
  /** How many things are behind it, where that says something. */
  readonly count?: number;
}

/** What a {@link Tabs} shows. */
export interface TabsProps<Key extends string> {
  /** What the tabs are of. */
  readonly label: string;
  /** The tabs, one at least. */
  readonly tabs: readonly Tab<Key>[];
  /** The one that is open. */
  readonly selected: Key;
  /** Takes the one that was chosen. */
  readonly onSelect: (key: Key) => void;
  /** What stands beside the tabs. */
  readonly beside?: ComponentChildren;
  /** What the open tab shows. */
  readonly children: ComponentChildren;
}

/** Tabs, and the panel of the open one. */
export function Tabs<Key extends string>(props: TabsProps<Key>): JSX.Element {
  const { label, tabs, selected, onSelect, beside, children } = props;
  const id = useId();
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    const at = tabs.findIndex(({ key }) => key === selected);
    const next = nextTab(event.key, at, tabs.length);
    if (next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    onSelect(tabs[next].key);
    (event.currentTarget.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div class="x-tabs">
      <div class="x-tabbar">
        <div role="tablist" aria-label={label} onKeyDown={onKeyDown}>
          {tabs.map(({ key, label, count }) => (
            <button
              key={key}
              type="button"
              role="tab"
              id={`${id}-${key}`}
              aria-selected={key === selected}
              aria-controls={`${id}-panel`}
              tabIndex={key === selected ? 0 : -1}
              onClick={() => onSelect(key)}
            >
              {label}
              {count !== undefined && <span class="x-count">{count}</span>}
            </button>
          ))}
        </div>
        {beside}
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${selected}`}
        class="x-panel"
        tabIndex={0}
      >
        {children}
      </div>
    </div>
  );
}

function nextTab(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case "ArrowRight":
      return (at + 1) % count;
    case "ArrowLeft":
      return (at + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
  }
  return undefined;
}
