/// <reference lib="dom" />
/** A button that copies something, and says what came of it. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/** What is copied. */
export interface Copied {
  /** The text. */
  readonly text: string;
  /** What of it is missing, in words. */
  readonly missing?: string;
}

/** What a {@link CopyButton} does. */
export interface CopyButtonProps {
  /** What stands on it. */
  readonly label: string;
  /** What it does, for those who do not see it beside what it copies. */
  readonly title?: string;
  /** Gives the text. */
  readonly text: () => Copied | Promise<Copied>;
}

/** How long it says what came of it, ms. */
const SAID_MS = 4000;

/** The button. */
export function CopyButton({ label, title, text }: CopyButtonProps): JSX.Element {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const onClick = async () => {
    try {
      const { text: copied, missing } = await text();
      await copyText(copied);
      setSaid(missing === undefined ? "Copied" : `Copied without ${missing}`);
    } catch (error) {
      setSaid(`Cannot copy: ${error instanceof Error ? error.message : error}`);
    }
  };
  return (
    <span class="x-copy">
      <button type="button" class="x-button" title={title} aria-label={title} onClick={onClick}>
        {label}
      </button>
      <span class="x-said" role="status">{said}</span>
    </span>
  );
}

/** Puts a text on the clipboard. Over plain HTTP from another machine browsers give only the older way. */
async function copyText(text: string): Promise<void> {
  if (globalThis.isSecureContext && navigator.clipboard !== undefined) {
    return await navigator.clipboard.writeText(text);
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "x-offscreen";
  document.body.append(area);
  try {
    area.select();
    if (!document.execCommand("copy")) throw new Error("the browser does not allow it");
  } finally {
    area.remove();
  }
}
