/// <reference lib="dom" />
/** The box for the filter: what is wrong is underlined and said, and the keys and values there are are offered. */
import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { filter, filterReading, filterText, viewer } from "../state/store.ts";
import { applyFilter, setFilter, typeFilter } from "./applying.ts";
import { complete, type Completion, withSuggestion } from "./completion.ts";

/** How long nobody has to type before it is said what is wrong: half a term is wrong, too. */
const REST_MS = 500;

/** The box. */
export function FilterBox(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const backdrop = useRef<HTMLDivElement>(null);
  const [completion, setCompletion] = useState<Completion | undefined>(undefined);
  const [chosen, setChosen] = useState(-1);
  const [isResting, setResting] = useState(true);
  const text = filterText.value;
  const reading = filterReading.value;
  const wrong = reading.kind === "wrong" && isResting ? reading : undefined;
  useEffect(() => {
    setResting(false);
    const timer = setTimeout(() => setResting(true), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);

  const close = () => {
    setCompletion(undefined);
    setChosen(-1);
  };
  const offer = () => {
    const { value, selectionStart } = input.current!;
    setCompletion(complete(value, selectionStart ?? value.length, viewer.value?.filterKeys ?? []));
    setChosen(-1);
  };
  const take = (at: number) => {
    if (completion === undefined) return;
    const { source, caret } = withSuggestion(text, completion, completion.suggestions[at].text);
    typeFilter(source);
    const { current } = input;
    current!.value = source;
    current!.setSelectionRange(caret, caret);
    current!.focus();
    // After a key its values may be known.
    offer();
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    const count = completion?.suggestions.length ?? 0;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (count === 0) return offer();
      event.preventDefault();
      const by = event.key === "ArrowDown" ? 1 : -1;
      // -1 stands for the box itself.
      setChosen((chosen + by + 1 + count + 1) % (count + 1) - 1);
    } else if (event.key === "Tab" && count > 0 && !event.shiftKey) {
      event.preventDefault();
      take(Math.max(chosen, 0));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (chosen >= 0) return take(chosen);
      close();
      setResting(true);
      applyFilter();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (count > 0) close();
      else if (text !== "") setFilter("");
      else document.getElementById("table")?.focus();
    }
  };
  return (
    <div class="filter" role="search">
      <div class="filter-field">
        <div class="backdrop" aria-hidden="true">
          <div ref={backdrop} class="backdrop-text">
            {wrong !== undefined && (
              <>
                {text.slice(0, wrong.from)}
                <span class="wrong">{text.slice(wrong.from, wrong.to) || " "}</span>
              </>
            )}
          </div>
        </div>
        <input
          ref={input}
          id="filter"
          type="text"
          role="combobox"
          aria-label="Filter"
          aria-autocomplete="list"
          aria-expanded={completion !== undefined}
          aria-controls="completions"
          aria-activedescendant={chosen >= 0 ? `completion-${chosen}` : undefined}
          aria-invalid={wrong !== undefined}
          aria-describedby={wrong === undefined ? undefined : "filter-error"}
          placeholder="Filter: status:5xx path:/api/* -method:GET, or any text"
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(event) => {
            typeFilter(event.currentTarget.value);
            offer();
          }}
          onScroll={(event) => {
            backdrop.current!.style.transform = `translateX(${-event.currentTarget.scrollLeft}px)`;
          }}
          onBlur={close}
          onKeyDown={onKeyDown}
        />
        {text !== "" && (
          <button
            type="button"
            class="clear"
            aria-label="Clear the filter"
            onClick={() => setFilter("")}
          >
            ✕
          </button>
        )}
        <ul id="completions" role="listbox" aria-label="Ways to go on" hidden={completion === undefined}>
          {completion?.suggestions.map(({ text, help }, at) => (
            <li
              id={`completion-${at}`}
              role="option"
              aria-selected={at === chosen}
              // The box keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(at)}
            >
              <code>{text}</code>
              <span>{help}</span>
            </li>
          ))}
        </ul>
      </div>
      <p id="filter-error" class="filter-error" role="alert">
        {wrong !== undefined && (
          <>
            {wrong.message}
            {filter.value !== "" && <span class="faint">– the rows below still fit: {filter.value}</span>}
          </>
        )}
      </p>
    </div>
  );
}
