/// <reference lib="dom" />
/** Where a task is done: in the place of the exchange. */
import type { JSX } from "preact";
import { isNarrow } from "../state/store.ts";
import { ComparePane } from "./compare_pane.tsx";
import { Editor } from "./editor.tsx";
import { leaveTask, type Task, TASK_ID } from "./task.ts";

/** The place. */
export function TaskPlace({ task }: { readonly task: Task }): JSX.Element {
  const label = task.kind === "editor" ? "Send a request" : "Compare two exchanges";
  return (
    <div id={TASK_ID} class="exchange-place a-task" tabIndex={-1} role="region" aria-label={label}>
      <button
        type="button"
        class="back"
        title="Close (Esc)"
        onClick={() => {
          leaveTask();
          document.getElementById("table")?.focus();
        }}
      >
        {isNarrow.value ? "← Back" : "✕"}
        {!isNarrow.value && <span class="unseen">Close</span>}
      </button>
      {task.kind === "editor" ? <Editor /> : <ComparePane before={task.before} after={task.after} />}
    </div>
  );
}
