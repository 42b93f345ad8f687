/**
 * The grammar of `--fault`: `[up:|down:]NAME[=VALUE][@PLACE]`.
 *
 * PLACE is `P%`, in how many connections (requests for `status`, KiB for `corrupt`) it strikes, or a byte offset such as
 * `64k`, before which so many bytes of the direction pass.
 */
import type { Direction } from "../../capture/record.ts";
import { readDuration, readPercent, readSize, WANTED_DURATION, WANTED_SIZE } from "./quantity.ts";
import type { FaultRule } from "./rules.ts";
import { LinkSpecError } from "./spec_error.ts";

/** Name of a fault. */
export type FaultKind = FaultRule["kind"];

/** What each fault may carry: forms for messages, whether a value must or may follow, whether an offset may. */
interface Form {
  readonly form: string;
  readonly value: "needed" | "possible" | "none";
  readonly offset: boolean;
  /** Whether it strikes a direction, so that `up:` and `down:` make sense. */
  readonly directed: boolean;
}

const FORMS: Readonly<Record<FaultKind, Form>> = {
  reset: { form: "reset[@P%|@OFFSET]", value: "none", offset: true, directed: true },
  timeout: { form: "timeout[=TIME][@P%|@OFFSET]", value: "possible", offset: true, directed: true },
  "slow-close": { form: "slow-close=TIME[@P%]", value: "needed", offset: false, directed: true },
  slicer: { form: "slicer=SIZE[/VARIATION[/DELAY]][@P%]", value: "needed", offset: false, directed: true },
  "limit-data": { form: "limit-data=SIZE[@P%]", value: "needed", offset: false, directed: true },
  "cut-after": { form: "cut-after=SIZE[@P%]", value: "needed", offset: false, directed: true },
  refuse: { form: "refuse[@P%]", value: "none", offset: false, directed: false },
  corrupt: { form: "corrupt[@P%|@OFFSET]", value: "none", offset: true, directed: true },
  status: { form: "status=CODE[@P%]", value: "needed", offset: false, directed: false },
};

/** What a status line may say: final answers only (RFC 9110 §15). */
const FIRST_STATUS = 200;
const LAST_STATUS = 599;

/**
 * Reads one fault.
 *
 * @param text Without its direction.
 * @param ordinal Gives how many faults of a kind were read before.
 * @throws {LinkSpecError} where it cannot be read.
 */
export function parseFault(
  text: string,
  direction: Direction | "both",
  ordinal: (kind: FaultKind) => number,
): FaultRule {
  const [, name, value, place] = /^([^=@]*)(?:=([^@]*))?(?:@(.*))?$/s.exec(text)!;
  const item = direction === "both" ? text : `${direction}:${text}`;
  if (!Object.hasOwn(FORMS, name)) {
    throw new LinkSpecError("fault", item, `one of ${Object.keys(FORMS).join(", ")}`);
  }
  const kind = name as FaultKind;
  const form = FORMS[kind];
  const refuse = (wanted: string = form.form) => new LinkSpecError("fault", item, wanted);
  if (!form.directed && direction !== "both") {
    throw refuse(`${form.form} without ${direction}:, it strikes the whole connection`);
  }
  if (value === undefined ? form.value === "needed" : form.value === "none") throw refuse();
  const percent = place === undefined ? 100 : readPercent(place);
  const offset = place === undefined || percent !== undefined ? undefined : readSize(place);
  if (percent === undefined && (offset === undefined || !form.offset)) {
    throw refuse(`${form.form}, P above 0 and at most 100${form.offset ? ", OFFSET such as 64k" : ""}`);
  }
  const base = { direction, ordinal: ordinal(kind), percent: percent ?? 100 };
  switch (kind) {
    case "reset":
      return { kind, ...base, offset: offset ?? 0 };
    case "corrupt":
      return offset === undefined ? { kind, ...base } : { kind, ...base, offset };
    case "timeout": {
      const rule = { kind, ...base, offset: offset ?? 0 };
      return value === undefined ? rule : { ...rule, endAfterMs: duration(value) };
    }
    case "slow-close":
      return { kind, ...base, delayMs: duration(value) };
    case "limit-data":
    case "cut-after": {
      const size = readSize(value);
      if (size === undefined) throw refuse(`${form.form}, SIZE such as 1000 or 64k`);
      return { kind, ...base, offset: size };
    }
    case "slicer": {
      const [size, variation = "0", delay = "0", ...more] = value.split("/");
      const sizeBytes = readSize(size);
      const variationBytes = readSize(variation);
      if (!sizeBytes || variationBytes === undefined || more.length > 0) {
        throw refuse(`${form.form}, SIZE ${WANTED_SIZE}`);
      }
      if (variationBytes >= sizeBytes) throw refuse(`a VARIATION smaller than SIZE in ${form.form}`);
      return { kind, ...base, sizeBytes, variationBytes, delayMs: duration(delay) };
    }
    case "refuse":
      return { kind, ...base };
    case "status": {
      const status = /^[0-9]{3}$/.test(value) ? Number(value) : 0;
      if (status < FIRST_STATUS || status > LAST_STATUS) {
        throw refuse(`${form.form}, CODE from ${FIRST_STATUS} to ${LAST_STATUS}`);
      }
      return { kind, ...base, status };
    }
  }

  function duration(time: string): number {
    const ms = readDuration(time);
    if (ms === undefined) throw refuse(`${form.form}, ${WANTED_DURATION}`);
    return ms;
  }
}
