/// <reference lib="dom" />
/**
 * The form of a listener, as TCPMon's Admin tab had it: where to listen, and the target or a proxy. What few need is
 * folded away. What the program refuses is said at its field.
 */
import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isTlsTarget, type ListenerDraft } from "./draft.ts";
import { changeForm, CheckPart, type FormPlace, SelectPart, TextPart } from "./field.tsx";
import { Folded } from "./folded.tsx";
import { LinkPart } from "./link_part.tsx";

/** What a {@link ListenerForm} is for. */
export interface ListenerFormProps {
  /** Where it is. */
  readonly form: FormPlace;
  /** What stands on its button. */
  readonly action: string;
  /** Does it. */
  readonly onSubmit: () => void;
  /** Closes the form; absent: it stays. */
  readonly onCancel?: () => void;
}

/** The form. */
export function ListenerForm({ form, action, onSubmit, onCancel }: ListenerFormProps): JSX.Element {
  const element = useRef<HTMLFormElement>(null);
  const { draft, problem, isBusy } = form.state.value;
  useEffect(() => {
    if (problem !== undefined) showField(element.current!, problem.field);
  }, [problem]);
  const isRelay = draft.kind === "relay";
  const isShown = problem?.field !== undefined && isPartOf(problem.field, draft);
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLFormElement>) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (onCancel !== undefined) onCancel();
    else document.getElementById("tab-admin")?.focus();
  };
  return (
    <form
      ref={element}
      class="l-form"
      aria-label={action === "Add" ? "Add a listener" : "Change the listener"}
      // What is wrong is said in words by the program.
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      onKeyDown={onKeyDown}
    >
      <Kind form={form} />
      <div class="l-pair">
        <TextPart
          form={form}
          name="listen"
          label="Listen port"
          hint="PORT: for this machine only; 0: any free one. HOST:PORT: at that address."
          placeholder={isRelay ? "8081" : "8888"}
          value={draft.listen}
          onText={(listen) => changeForm(form, "listen", { listen })}
        />
        {isRelay && (
          <TextPart
            form={form}
            name="target"
            label="Target host and port"
            hint="HOST:PORT, or a URL: http://… or https://… gives requests the target's Host, too."
            placeholder="localhost:8080"
            value={draft.target}
            onText={(target) => changeForm(form, "target", { target })}
          />
        )}
      </div>
      <LinkPart form={form} />
      <Upstream form={form} />
      {isRelay && <HostAndTls form={form} />}
      <div class="l-submit">
        {problem !== undefined && !isShown && <p class="l-error" role="alert">{problem.message}</p>}
        <button type="submit" class="l-primary" aria-disabled={isBusy}>
          {isBusy ? `${action} …` : action}
        </button>
        {onCancel !== undefined && <button type="button" onClick={onCancel}>Cancel</button>}
      </div>
    </form>
  );
}

function Kind({ form }: { readonly form: FormPlace }): JSX.Element {
  const { kind } = form.state.value.draft;
  const choice = (value: ListenerDraft["kind"], label: string, help: string) => (
    <label>
      <input
        type="radio"
        name={`${form.prefix}-kind`}
        checked={kind === value}
        onChange={() => changeForm(form, "kind", { kind: value })}
      />
      <span>
        <strong>{label}</strong> <span class="faint">{help}</span>
      </span>
    </label>
  );
  return (
    <fieldset class="l-kind">
      <legend>Act as a</legend>
      {choice("relay", "Relay", "to one target")}
      {choice("proxy", "Proxy", "clients say where to")}
    </fieldset>
  );
}

const WAYS = [
  ["started", "as tcpmon was started"],
  ["direct", "directly"],
  ["through", "through this proxy"],
] as const;

function Upstream({ form }: { readonly form: FormPlace }): JSX.Element {
  const { way, upstreamProxy, noProxy } = form.state.value.draft;
  const summary = way === "started" ? "" : way === "direct" ? "directly" : upstreamProxy;
  return (
    <Folded title="Through a proxy" summary={summary}>
      <SelectPart
        form={form}
        name="way"
        label="Reach targets"
        value={way}
        choices={WAYS}
        onChoice={(way) => changeForm(form, "upstreamProxy", { way })}
      />
      {way === "through" && (
        <TextPart
          form={form}
          name="upstreamProxy"
          label="HTTP proxy"
          hint="HOST:PORT or http://, https:// or socks5://[USER:PASSWORD@]HOST[:PORT]; *** keeps the password."
          placeholder="proxy.example:3128"
          value={upstreamProxy}
          onText={(upstreamProxy) => changeForm(form, "upstreamProxy", { upstreamProxy })}
        />
      )}
      {way !== "direct" && (
        <TextPart
          form={form}
          name="noProxy"
          label="Not for"
          hint="Names and all below them, ranges such as 10.0.0.0/8, or *; joined by commas."
          placeholder="localhost,10.0.0.0/8"
          value={noProxy}
          onText={(noProxy) => changeForm(form, "noProxy", { noProxy })}
        />
      )}
    </Folded>
  );
}

const HOSTS = [
  ["", "as the target has it"],
  ["keep", "as the client sent it"],
  ["target", "the target's"],
] as const;

function HostAndTls({ form }: { readonly form: FormPlace }): JSX.Element {
  const { host, insecure, target } = form.state.value.draft;
  const isTls = isTlsTarget(target);
  const summary = [
    HOSTS.find(([value]) => value === host && value !== "")?.[1],
    isTls && insecure === true && "any certificate",
  ].filter(Boolean).join(", ");
  return (
    <Folded title="Host, TLS" summary={summary}>
      <SelectPart
        form={form}
        name="host"
        label="Host field of requests"
        hint="As the target has it: the target's for http:// and https://, else as the client sent it."
        value={host}
        choices={HOSTS}
        onChoice={(host) => changeForm(form, "host", { host })}
      />
      {isTls
        ? (
          <CheckPart
            form={form}
            name="insecure"
            label="Do not verify the target's certificate"
            isChecked={insecure === true}
            onCheck={(insecure) => changeForm(form, "insecure", { insecure })}
          />
        )
        : <p class="l-hint">With an https:// or tls:// target: whether its certificate is verified.</p>}
    </Folded>
  );
}

/** Whether the form has a field for a setting, as it stands. */
function isPartOf(field: string, { kind, target, way }: ListenerDraft): boolean {
  if (field === "target" || field === "host") return kind === "relay";
  if (field === "insecure") return kind === "relay" && isTlsTarget(target);
  if (field === "upstreamProxy") return way === "through";
  if (field === "noProxy") return way !== "direct";
  return field === "listen" || field === "link" || field.startsWith("link.");
}

/** Unfolds what is folded about a field, and goes there. */
function showField(form: HTMLFormElement, field: string | undefined): void {
  const found = [...form.querySelectorAll<HTMLElement>("[data-field]")].find(({ dataset }) =>
    dataset.field === field
  );
  if (found === undefined) return;
  const folded = found.closest("details");
  if (folded !== null) folded.open = true;
  found.focus();
}
