/// <reference lib="dom" />
/** A button that opens something below it. Esc closes it, and so does whoever goes elsewhere. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

/** What a {@link Dropdown} shows. */
export interface DropdownProps {
  /** What stands on the button. */
  readonly label: string;
  /** What it opens. */
  readonly content: string;
  /** What the button does, with its key. */
  readonly title?: string;
  /** Whether it is open. */
  readonly isOpen: boolean;
  /** Opens or closes it. */
  readonly onToggle: (isOpen: boolean) => void;
  /** What it shows; drawn while it is open. */
  readonly children: () => ComponentChildren;
}

/** The button, and what it opens. */
export function Dropdown({ label, content, title, isOpen, onToggle, children }: DropdownProps): JSX.Element {
  const place = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!isOpen) return;
    place.current!.querySelector<HTMLElement>(".a-menu :is(input:checked, button, a)")?.focus();
    const leave = ({ target }: Event) => {
      if (!(target instanceof Node && place.current?.contains(target))) onToggle(false);
    };
    addEventListener("pointerdown", leave);
    addEventListener("focusin", leave);
    return () => {
      removeEventListener("pointerdown", leave);
      removeEventListener("focusin", leave);
    };
  }, [isOpen]);
  return (
    <span
      ref={place}
      class="a-dropdown"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.preventDefault();
        event.stopPropagation();
        onToggle(false);
        button.current!.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        title={title}
        onClick={() => onToggle(!isOpen)}
      >
        {label}
      </button>
      <div id={id} class="a-menu" role="group" aria-label={content} hidden={!isOpen}>
        {isOpen && children()}
      </div>
    </span>
  );
}
