/// <reference lib="dom" />
/** Helps to write a fault: chosen by what it does, it comes into the list in its language. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type FaultParts, FAULTS, faultText, withFault } from "./faults.ts";

/** What a {@link FaultPicker} adds to. */
export interface FaultPickerProps {
  /** What ids begin with. */
  readonly prefix: string;
  /** The faults so far. */
  readonly list: string;
  /** Takes the list with one more. */
  readonly onList: (list: string) => void;
}

/** The choice, and a button that adds it. */
export function FaultPicker({ prefix, list, onList }: FaultPickerProps): JSX.Element {
  const [parts, setParts] = useState<FaultParts>({
    fault: FAULTS[0],
    value: "",
    direction: "both",
    place: "",
  });
  const { fault, value, direction, place } = parts;
  const text = faultText(parts);
  return (
    <fieldset class="l-faults" aria-label="Add a fault">
      <label>
        <span>Fault</span>
        <select
          id={`${prefix}-fault-name`}
          value={fault.name}
          onChange={(event) => {
            const found = FAULTS.find(({ name }) => name === event.currentTarget.value)!;
            setParts({ fault: found, value: "", direction: "both", place: "" });
          }}
        >
          {FAULTS.map(({ name }) => <option key={name} value={name}>{name}</option>)}
        </select>
      </label>
      {fault.value !== undefined && (
        <label>
          <span>{fault.value.label}</span>
          <input
            type="text"
            spellcheck={false}
            placeholder={fault.value.example}
            value={value}
            onInput={(event) => setParts({ ...parts, value: event.currentTarget.value })}
          />
        </label>
      )}
      <label>
        <span>{fault.hasOffset ? "How often, or after" : "How often"}</span>
        <input
          type="text"
          spellcheck={false}
          placeholder={fault.hasOffset ? "10% or 64k" : "10%"}
          value={place}
          onInput={(event) => setParts({ ...parts, place: event.currentTarget.value })}
        />
      </label>
      {fault.isDirected && (
        <label>
          <span>Way</span>
          <select
            value={direction}
            onChange={(event) =>
              setParts({ ...parts, direction: event.currentTarget.value as FaultParts["direction"] })}
          >
            <option value="both">both ways</option>
            <option value="up">up: to the target</option>
            <option value="down">down: to the client</option>
          </select>
        </label>
      )}
      <button type="button" onClick={() => onList(withFault(list, text))}>
        Add <code>{text}</code>
      </button>
      <p class="l-hint">{`${fault.help}.`}</p>
    </fieldset>
  );
}
