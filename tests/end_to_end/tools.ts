/** Programs that tests run to their end, and what the kernel says of a running one. */
import { within } from "./program.ts";

/** What a program left behind. */
export interface ToolResult {
  /** Its exit code. */
  readonly code: number;
  /** What it wrote. */
  readonly stdout: Uint8Array;
  /** What it complained of. */
  readonly stderr: string;
  /** stdout as text. */
  readonly text: string;
}

/** Runs a program to its end, with `stdin` as its input. */
export async function run(command: string, args: readonly string[], stdin?: Uint8Array): Promise<ToolResult> {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    const [output] = await within(
      Promise.all([child.output(), stdin === undefined ? undefined : feed(child, stdin)]),
      `${command} did not end`,
    );
    const decoder = new TextDecoder();
    return {
      code: output.code,
      stdout: output.stdout,
      stderr: decoder.decode(output.stderr),
      text: decoder.decode(output.stdout),
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

/** Runs curl, quiet but for errors. */
export function curl(...args: string[]): Promise<ToolResult> {
  return run("curl", ["-sS", "--noproxy", "*", ...args]);
}

/** Runs curl through a proxy on that port, quiet but for errors. */
export function curlThrough(port: number, ...args: string[]): Promise<ToolResult> {
  return run("curl", ["-sS", "--noproxy", "", "-x", `127.0.0.1:${port}`, ...args]);
}

async function feed(child: Deno.ChildProcess, stdin: Uint8Array): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(stdin as Uint8Array<ArrayBuffer>);
    await writer.close();
  } catch {
    // It reads no further.
  }
}

/** The highest resident memory of a process so far, in bytes. */
export async function peakMemory(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) * 1024;
}

/** How many descriptors a process has open. */
export async function openDescriptors(pid: number): Promise<number> {
  let count = 0;
  for await (const _ of Deno.readDir(`/proc/${pid}/fd`)) count++;
  return count;
}

/** Waits until a condition holds that nothing announces, such as a state of the kernel. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  let stop = false;
  const poll = async () => {
    while (!stop && !(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  try {
    await within(poll(), what);
  } finally {
    stop = true;
  }
}

/** Whether this is Linux, whose /proc some tests read. */
export const LINUX = Deno.build.os === "linux";
