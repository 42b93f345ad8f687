/** Sizes, durations and times as people read them, the same as in the log: `4.2 KiB`, `2.0 ms`, `10:31:06.123`. */

const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB"];

/** A size in bytes: exact below 1 KiB, else with one decimal. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  // 1023.95 would be rounded to 1024.0.
  for (; value >= 1023.95 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${value.toFixed(1)} ${UNITS[unit]}`;
}

/** A size with its exact figure behind it, where that says more: `4.2 KiB (4,301 bytes)`. */
export function exactSizeText(bytes: number): string {
  return bytes < 1024 ? sizeText(bytes) : `${sizeText(bytes)} (${numberText(bytes)} bytes)`;
}

/** A whole number with its thousands set apart by commas. */
export function numberText(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A duration given in ms: two decimals below 1 ms, one below 1 s, then seconds with two. */
export function durationText(ms: number): string {
  const value = ms > 0 ? ms : 0;
  if (value < 0.995) return `${value.toFixed(2)} ms`;
  if (value < 999.95) return `${value.toFixed(1)} ms`;
  return `${(value / 1000).toFixed(2)} s`;
}

/** The local time of day of a moment in ms since the epoch, `hh:mm:ss.mmm`. */
export function timeText(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return `${parts.map((part) => String(part).padStart(2, "0")).join(":")}.${
    String(date.getMilliseconds()).padStart(3, "0")
  }`;
}

/** A span of time in its largest unit: `3 minutes`, `2 days`. */
export function spanText(seconds: number): string {
  const span = Math.abs(seconds);
  const steps: readonly (readonly [seconds: number, name: string])[] = [
    [31_557_600, "year"],
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ];
  const [unit, name] = steps.find(([step]) => span >= step) ?? [1, "second"];
  const count = Math.floor(span / unit);
  return `${numberText(count)} ${name}${count === 1 ? "" : "s"}`;
}
