/// <reference lib="dom" />
/** The parts of a listener's form: each stands in a place with its label, its hint, and what is wrong with it. */
import type { ComponentChildren, JSX } from "preact";
import type { FormState } from "./changing.ts";
import type { ListenerDraft } from "./draft.ts";
import type { Settable } from "../state/value.ts";

/** A form: where its text is, and what the ids of its elements begin with. */
export interface FormPlace {
  /** What ids begin with: there may be two forms on a page. */
  readonly prefix: string;
  /** What stands in it. */
  readonly state: Settable<FormState>;
}

/** What every part of a form is given. */
interface PartProps {
  /** The form. */
  readonly form: FormPlace;
  /** The setting, as the program names it, for example `link.rate`. */
  readonly name: string;
  /** What stands before it. */
  readonly label: string;
  /** What can be written there, in words. */
  readonly hint?: string;
}

/** Changes the form in a few of its parts; what was wrong with a field is not said while it is mended. */
export function changeForm({ state }: FormPlace, name: string, parts: Partial<ListenerDraft>): void {
  const { draft, problem, isBusy } = state.value;
  const isMended = problem?.field === name;
  state.value = { draft: { ...draft, ...parts }, isBusy, ...problem && !isMended && { problem } };
}

/** Id of the element of a setting. */
export function fieldId({ prefix }: FormPlace, name: string): string {
  return `${prefix}-${name.replace(".", "-")}`;
}

interface Tied {
  readonly id: string;
  readonly "data-field": string;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby"?: string;
}

/** What ties an element to its hint and to what is wrong with it. */
function tied({ form, name, hint }: PartProps): Tied {
  const id = fieldId(form, name);
  const isWrong = problemAt(form, name) !== undefined;
  const described = [isWrong && `${id}-error`, hint !== undefined && `${id}-hint`].filter(Boolean).join(" ");
  return {
    id,
    "data-field": name,
    "aria-invalid": isWrong,
    ...described !== "" && { "aria-describedby": described },
  };
}

function problemAt({ state }: FormPlace, name: string): string | undefined {
  const { problem } = state.value;
  return problem?.field === name ? problem.message : undefined;
}

function Part(props: PartProps & { readonly children: ComponentChildren }): JSX.Element {
  const { form, name, label, hint, children } = props;
  const id = fieldId(form, name);
  const wrong = problemAt(form, name);
  return (
    <div class="l-field">
      <label for={id}>{label}</label>
      {children}
      {wrong !== undefined && <p id={`${id}-error`} class="l-error">{wrong}</p>}
      {hint !== undefined && <p id={`${id}-hint`} class="l-hint">{hint}</p>}
    </div>
  );
}

/** A line of text. */
export function TextPart(
  props: PartProps & {
    readonly value: string;
    readonly placeholder?: string;
    readonly onText: (text: string) => void;
  },
): JSX.Element {
  return (
    <Part {...props}>
      <input
        {...tied(props)}
        type="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder={props.placeholder}
        value={props.value}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
    </Part>
  );
}

/** One of several. */
export function SelectPart<Value extends string>(
  props: PartProps & {
    readonly value: Value;
    readonly choices: readonly (readonly [value: Value, label: string])[];
    readonly onChoice: (value: Value) => void;
  },
): JSX.Element {
  return (
    <Part {...props}>
      <select
        {...tied(props)}
        value={props.value}
        onChange={(event) => props.onChoice(event.currentTarget.value as Value)}
      >
        {props.choices.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
      </select>
    </Part>
  );
}

/** Yes or no. */
export function CheckPart(
  props: PartProps & { readonly isChecked: boolean; readonly onCheck: (isChecked: boolean) => void },
): JSX.Element {
  const { form, name, label, hint, isChecked, onCheck } = props;
  const id = fieldId(form, name);
  const wrong = problemAt(form, name);
  return (
    <div class="l-field">
      <label class="l-check" for={id}>
        <input
          {...tied(props)}
          type="checkbox"
          checked={isChecked}
          onChange={(event) => onCheck(event.currentTarget.checked)}
        />
        {label}
      </label>
      {wrong !== undefined && <p id={`${id}-error`} class="l-error">{wrong}</p>}
      {hint !== undefined && <p id={`${id}-hint`} class="l-hint">{hint}</p>}
    </div>
  );
}
