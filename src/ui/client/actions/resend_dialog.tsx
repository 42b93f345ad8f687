/// <reference lib="dom" />
/** The dialog that asks where captured requests are to be sent again. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { list, listeners } from "../state/store.ts";
import { plainWireText, WireText } from "../table/wire_text.tsx";
import { counted } from "../table/words.ts";
import { recentTargets, type ResendRow, resendRows, resendTo } from "./resending_to.ts";
import { seenTargets, targetProblem } from "./targets.ts";

/** The dialog; closed while nobody wants to send anything again. */
export function ResendDialog(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const rows = resendRows.value;
  useEffect(() => {
    if (rows === undefined) dialog.current!.close();
    else if (!dialog.current!.open) dialog.current!.showModal();
  }, [rows]);
  return (
    <dialog
      ref={dialog}
      class="a-resend"
      aria-labelledby="resend-title"
      onClose={close}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
      // The keys of the page rest while it is open; Esc is the browser's.
      onKeyDown={(event) => event.stopPropagation()}
    >
      {rows !== undefined && <Form rows={rows} />}
    </dialog>
  );
}

function Form({ rows }: { readonly rows: readonly ResendRow[] }): JSX.Element {
  const [to, setTo] = useState("");
  const [problem, setProblem] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const recent = recentTargets.value;
  const seen = seenTargets(list.value.rows, listeners.value, recent);
  const write = (target: string) => {
    setTo(target);
    setProblem(undefined);
  };
  // A target is not sent to by one click: the table does not know whether it speaks TLS.
  const choose = (target: string) => {
    write(target);
    field.current!.focus();
  };
  return (
    <form
      class="a-editor"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const target = to.trim();
        const found = target === "" ? undefined : targetProblem(target);
        if (found !== undefined) return setProblem(found);
        close();
        resendTo(rows, target);
      }}
    >
      <header>
        <h2 id="resend-title">{`Resend ${whatOf(rows)}`}</h2>
        <button type="button" onClick={close}>Close</button>
      </header>
      <div class="a-line">
        <label class="a-grow">
          <span>To</span>
          <input
            ref={field}
            autofocus
            value={to}
            placeholder="HOST:PORT, http://HOST or https://HOST"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            aria-describedby="resend-note resend-problem"
            aria-invalid={problem !== undefined}
            onInput={(event) => write(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="a-send">Resend</button>
      </div>
      <p id="resend-problem" role="alert" class="a-said bad">{problem}</p>
      <p id="resend-note" class="a-note">
        {rows.length > 1
          ? "One after the other, as they were, but for Host, which becomes the target’s. " +
            "Empty: where each of them went."
          : "As it was, but for Host, which becomes the target’s. Empty: where it went, unchanged."}
      </p>
      <Targets label="Named before" targets={recent} onChoose={choose} />
      <Targets label="Seen here" targets={seen} onChoose={choose} />
    </form>
  );
}

interface TargetsProps {
  readonly label: string;
  readonly targets: readonly string[];
  readonly onChoose: (target: string) => void;
}

function Targets({ label, targets, onChoose }: TargetsProps): JSX.Element | null {
  if (targets.length === 0) return null;
  return (
    <div class="a-targets" role="group" aria-label={label}>
      <span class="a-note">{label}</span>
      {targets.map((target) => (
        <button
          key={target}
          type="button"
          class="chip"
          title={`Write ${plainWireText(target)} into the field`}
          onClick={() => onChoose(target)}
        >
          <WireText text={target} />
        </button>
      ))}
    </div>
  );
}

function whatOf(rows: readonly ResendRow[]): string {
  if (rows.length > 1) return counted(rows.length, "exchange");
  const [{ id, row, method, url }] = rows;
  const name = id === undefined ? `row ${row}` : `#${id}`;
  return method === undefined ? name : plainWireText(`${name} ${method} ${(url ?? "").slice(0, 120)}`);
}

function close(): void {
  resendRows.value = undefined;
}
