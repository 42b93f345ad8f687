/** Wall clock times of a file (RFC 3339 §5.6) as ms since the epoch. */
import { refuse } from "./shape.ts";

const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(?:([Zz])|([+-]\d\d):?(\d\d))$/;

/** Length of `2026-11-20T10:31:06.123Z`, the form that tcpmon writes, and of what stands before its dot. */
const OWN_LENGTH = 24, SECOND_LENGTH = 19;

const ZERO = 0x30;

/** Reads times, and keeps the last second, which most records share with the one before. */
export class TimeReader {
  #second = "";
  #secondMs = 0;

  /**
   * A time as ms since the epoch, with fraction.
   *
   * @param name Where it stands, for messages.
   * @throws {Wrong} where it is no time.
   */
  read(value: unknown, name: string): number {
    if (typeof value === "string") {
      const ms = this.#own(value) ?? parsed(value);
      if (ms !== undefined) return ms;
    }
    return refuse(value, name, "a time such as 2026-11-20T10:31:06.123Z");
  }

  /** A time in the form that tcpmon writes. */
  #own(value: string): number | undefined {
    if (value.length !== OWN_LENGTH || value.charCodeAt(OWN_LENGTH - 1) !== 0x5a) return undefined;
    if (value.charCodeAt(SECOND_LENGTH) !== 0x2e) return undefined;
    if (!value.startsWith(this.#second) || this.#second === "") {
      const ms = parsed(`${value.slice(0, SECOND_LENGTH)}Z`);
      if (ms === undefined) return undefined;
      this.#second = value.slice(0, SECOND_LENGTH);
      this.#secondMs = ms;
    }
    const a = value.charCodeAt(SECOND_LENGTH + 1) - ZERO;
    const b = value.charCodeAt(SECOND_LENGTH + 2) - ZERO;
    const c = value.charCodeAt(SECOND_LENGTH + 3) - ZERO;
    if (!(a >= 0 && a <= 9 && b >= 0 && b <= 9 && c >= 0 && c <= 9)) return undefined;
    return this.#secondMs + a * 100 + b * 10 + c;
  }
}

function parsed(value: string): number | undefined {
  const match = RFC_3339.exec(value);
  if (match === null) return undefined;
  const [, day, second, fraction, zulu, hours, minutes] = match;
  const ms = Date.parse(`${day}T${second}${zulu === undefined ? `${hours}:${minutes}` : "Z"}`);
  if (Number.isNaN(ms)) return undefined;
  return fraction === undefined ? ms : ms + Number(`0.${fraction}`) * 1000;
}
