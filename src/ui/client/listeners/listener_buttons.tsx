/// <reference lib="dom" />
/** Buttons that stop, start and remove a listener. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ListenerView } from "../../api.ts";
import { removeListener, switchListener } from "./changing.ts";
import { listenerTitle } from "./words.ts";

/** Stops one that listens, starts one that does not. */
export function SwitchButton({ listener }: { readonly listener: ListenerView }): JSX.Element {
  return (
    <Button
      label={listener.isListening ? "Stop" : "Start"}
      title={listener.isListening ? "Take no more connections; what is under way may finish" : "Listen again"}
      of={listener}
      run={() => switchListener(listener)}
    />
  );
}

/** Removes a listener; its rows stay. */
export function RemoveButton({ listener }: { readonly listener: ListenerView }): JSX.Element {
  return (
    <Button
      label="Remove"
      title="Stop it and forget it; its rows stay"
      of={listener}
      run={() => removeListener(listener)}
    />
  );
}

interface ButtonProps {
  readonly label: string;
  readonly title: string;
  readonly of: ListenerView;
  readonly run: () => Promise<void>;
}

/** Pressed twice, it still asks once. It keeps the focus meanwhile. */
function Button({ label, title, of, run }: ButtonProps): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  return (
    <button
      type="button"
      title={title}
      aria-label={`${label} ${listenerTitle(of)}`}
      aria-disabled={isBusy}
      onClick={async () => {
        if (isBusy) return;
        setBusy(true);
        await run();
        setBusy(false);
      }}
    >
      {label}
    </button>
  );
}
