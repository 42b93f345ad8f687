/** What the kernel says of a process: processor time and resident memory, from Linux's /proc (see `man 5 proc`). */

/** /proc counts processor time in ticks of USER_HZ, which Linux shows to programs as 100 on every architecture in use. */
const TICK_MS = 10;

/** Resident memory of a process, in kB of 1024 bytes. */
export interface ResidentMemory {
  /** What is resident now. */
  readonly residentKb: number;
  /** The highest `residentKb` so far, or since {@link resetPeak}. */
  readonly peakKb: number;
}

/**
 * The processor time (user and system, all threads) in a text of `/proc/PID/stat`, in ms; `NaN` if it is no such text.
 * The second field, the program's name in parentheses, may itself hold spaces and parentheses: fields are counted
 * from the last `)`.
 */
export function parseCpuMs(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).trim().split(" ");
  return (Number(fields[11] ?? NaN) + Number(fields[12] ?? NaN)) * TICK_MS;
}

/** The value of `field` (such as `VmRSS`) in a text of `/proc/PID/status`, in kB; `NaN` where it is missing. */
export function parseStatusKb(status: string, field: string): number {
  const line = status.split("\n").find((line) => line.startsWith(`${field}:`));
  return line === undefined ? NaN : Number.parseInt(line.slice(field.length + 1), 10);
}

/** The soft limit of open files in a text of `/proc/PID/limits`; `Infinity` if unlimited, `NaN` where it is missing. */
export function parseOpenFilesLimit(limits: string): number {
  const found = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  return found === "unlimited" ? Infinity : Number.parseInt(found ?? "", 10);
}

/** Processor time that process `pid` has used so far, in ms. */
export async function readCpuMs(pid: number): Promise<number> {
  return parseCpuMs(await Deno.readTextFile(`/proc/${pid}/stat`));
}

/** Resident memory of process `pid` now. */
export async function readMemory(pid: number): Promise<ResidentMemory> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return { residentKb: parseStatusKb(status, "VmRSS"), peakKb: parseStatusKb(status, "VmHWM") };
}

/** Lets the peak of process `pid` start again from what is resident now ("5" to clear_refs, since Linux 4.0). */
export async function resetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
}

/** How many descriptors this process, and those it starts, may have open. */
export async function readOpenFilesLimit(): Promise<number> {
  return parseOpenFilesLimit(await Deno.readTextFile("/proc/self/limits"));
}
