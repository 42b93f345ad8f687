/** The faults of a link as the form offers them: the language is that of the option `--fault`. */

/** A fault that can be chosen. */
export interface FaultChoice {
  /** Its name in the language. */
  readonly name: string;
  /** What it does, in words. */
  readonly help: string;
  /** What its value is, with an example; absent: it takes none. */
  readonly value?: { readonly label: string; readonly example: string; readonly isNeeded: boolean };
  /** Whether it can strike at a place, so many bytes on. */
  readonly hasOffset: boolean;
  /** Whether it can hold for one direction alone. */
  readonly isDirected: boolean;
}

/** All faults. */
export const FAULTS: readonly FaultChoice[] = [
  { name: "reset", help: "The connection is reset", hasOffset: true, isDirected: true },
  {
    name: "timeout",
    help: "Nothing passes any more",
    value: { label: "until it ends after", example: "5s", isNeeded: false },
    hasOffset: true,
    isDirected: true,
  },
  {
    name: "status",
    help: "Requests get this status instead of an answer of the target",
    value: { label: "Status", example: "503", isNeeded: true },
    hasOffset: false,
    isDirected: false,
  },
  {
    name: "refuse",
    help: "Clients are turned away as soon as they come",
    hasOffset: false,
    isDirected: false,
  },
  {
    name: "cut-after",
    help: "The connection is reset after so many bytes",
    value: { label: "Bytes", example: "4k", isNeeded: true },
    hasOffset: false,
    isDirected: true,
  },
  {
    name: "limit-data",
    help: "The connection ends in order after so many bytes",
    value: { label: "Bytes", example: "64k", isNeeded: true },
    hasOffset: false,
    isDirected: true,
  },
  {
    name: "slow-close",
    help: "The end of a direction comes so much later",
    value: { label: "Time", example: "2s", isNeeded: true },
    hasOffset: false,
    isDirected: true,
  },
  {
    name: "slicer",
    help: "Bytes come in slices of about this size",
    value: { label: "Size, /variation, /delay", example: "100/20/5ms", isNeeded: true },
    hasOffset: false,
    isDirected: true,
  },
  { name: "corrupt", help: "One byte in each KiB is changed", hasOffset: true, isDirected: true },
];

/** What was chosen of a fault. */
export interface FaultParts {
  /** The fault. */
  readonly fault: FaultChoice;
  /** Its value; the empty string: none, or the example where one is needed. */
  readonly value: string;
  /** The one direction that it holds for. */
  readonly direction: "both" | "up" | "down";
  /** When it strikes: always, so often, or after so many bytes; `10%`, `64k`, or the empty string. */
  readonly place: string;
}

/** The fault in its language, for example `down:cut-after=4k@10%`. */
export function faultText({ fault, value, direction, place }: FaultParts): string {
  const side = fault.isDirected && direction !== "both" ? `${direction}:` : "";
  const wanted = fault.value === undefined
    ? ""
    : value.trim() || (fault.value.isNeeded ? fault.value.example : "");
  const at = place.trim();
  return `${side}${fault.name}${wanted === "" ? "" : `=${wanted}`}${at === "" ? "" : `@${at}`}`;
}

/** A list of faults with one more. */
export function withFault(list: string, fault: string): string {
  const before = list.trim().replace(/,\s*$/, "");
  return before === "" ? fault : `${before},${fault}`;
}
