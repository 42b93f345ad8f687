/// <reference lib="dom" />
/** The help on the keyboard and the filter, as a dialog. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { canSend } from "../actions/task.ts";
import { isHelpOpen } from "../state/store.ts";
import { BINDINGS, isUsable } from "./bindings.ts";

const EXAMPLES: readonly (readonly [filter: string, help: string])[] = [
  ["fault", "the word anywhere: address, fields, bodies"],
  ["status:5xx method:POST", "a space means and"],
  ["status:404 | duration:>500ms", "| means or"],
  ["-path:/health", "- means not"],
  ["header:x-id=3", "a field and its value"],
];

/** The dialog. */
export function Help(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current!.showModal();
    else dialog.current!.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="help-title"
      onClose={() => isHelpOpen.value = false}
      onClick={(event) => {
        if (event.target === dialog.current) isHelpOpen.value = false;
      }}
    >
      {isOpen && (
        <div class="help">
          <header>
            <h2 id="help-title">Keyboard</h2>
            <button type="button" onClick={() => isHelpOpen.value = false}>Close</button>
          </header>
          <dl>
            {BINDINGS.filter(isUsable).map(({ keys, shown, help }) => (
              <div key={help}>
                <dt>{(shown ?? keys.join(" ")).split(" ").map((key) => <kbd key={key}>{key}</kbd>)}</dt>
                <dd>{help}</dd>
              </div>
            ))}
            <div>
              <dt>
                <kbd>Shift+←</kbd>
                <kbd>Shift+→</kbd>
              </dt>
              <dd>On a column's title: narrower, wider</dd>
            </div>
            {canSend.value && (
              <div>
                <dt>
                  <kbd>Ctrl+Enter</kbd>
                </dt>
                <dd>In the editor of a request: send it</dd>
              </div>
            )}
          </dl>
          <h2>Filter</h2>
          <dl>
            {EXAMPLES.map(([filter, help]) => (
              <div key={filter}>
                <dt>
                  <code>{filter}</code>
                </dt>
                <dd>{help}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </dialog>
  );
}
