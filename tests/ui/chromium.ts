/**
 * One Chromium for all tests of a file: to start it takes longer than most of them. Each test connects to it, and makes
 * windows of its own, which share nothing with those of others.
 */
import { promises } from "node:fs";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";
import { CHROMIUM, CHROMIUM_ARGUMENTS, UNWATCHED_ARGUMENTS } from "./chromium_arguments.ts";

/**
 * Starts Chromium for every line that it reads, in place of the one before, and answers with the port and the path where
 * it is debugged; with nothing, where it does not run. So Chromium belongs to no test, which would have to end it. Once
 * nobody is left to write to this script, however the tests came to their end, it ends Chromium and removes what that kept.
 */
const KEEPER = `
trap '' HUP INT PIPE TERM
folder=$1
shift
end() {
  if [ -n "$pid" ]; then kill -KILL "$pid"; wait "$pid"; fi
  for _ in 1 2 3 4 5; do rm -rf "$folder/profile" && break; sleep 0.1; done
}
while read -r _; do
  end
  "$@" "--user-data-dir=$folder/profile" >/dev/null &
  pid=$!
  looks=0
  until [ -s "$folder/profile/DevToolsActivePort" ] || ! kill -0 "$pid" || [ "$looks" -gt 3000 ]; do
    looks=$((looks + 1))
    sleep 0.01
  done
  echo $(cat "$folder/profile/DevToolsActivePort")
done
end
rm -rf "$folder"
`;

const COMMAND = [CHROMIUM, ...CHROMIUM_ARGUMENTS, ...UNWATCHED_ARGUMENTS];

/** Whoever starts Chromium when it is first needed, and again after it has crashed. */
class Keeper {
  readonly #folder = Deno.makeTempDirSync();
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<Uint8Array>;
  #address: Promise<string> | undefined;

  constructor() {
    this.#child = new Deno.Command("sh", {
      args: ["-c", KEEPER, "sh", this.#folder, ...COMMAND],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#orders = this.#child.stdin.getWriter();
    this.#answers = this.#child.stdout.getReader();
  }

  async connect(): Promise<Browser> {
    const known = this.#address;
    if (known !== undefined) {
      try {
        return await this.#connect(await known);
      } catch {
        // It has crashed; whoever finds that first starts another one.
        if (this.#address === known) this.#address = undefined;
      }
    }
    this.#address ??= this.#start();
    return await this.#connect(await this.#address);
  }

  /** Downloads are kept where the keeper removes them: Playwright would do it after a test has ended. */
  #connect(address: string): Promise<Browser> {
    const artifactsDir = `${this.#folder}/downloads`;
    return chromium.connectOverCDP(address, { isLocal: true, noDefaults: true, artifactsDir });
  }

  async #start(): Promise<string> {
    await this.#orders.write(new TextEncoder().encode("\n"));
    const decoder = new TextDecoder();
    let answer = "";
    while (!answer.endsWith("\n")) {
      const { value, done } = await this.#answers.read();
      if (done) break;
      answer += decoder.decode(value);
    }
    const [port, path] = answer.trim().split(" ");
    if (path === undefined) {
      throw new Error(`cannot start ${CHROMIUM}, which Debian's package chromium brings`);
    }
    return `ws://127.0.0.1:${port}${path}`;
  }

  async close(): Promise<void> {
    await this.#orders.close();
    await this.#answers.cancel();
    await this.#child.status;
  }
}

let keeper: Keeper | undefined;
Deno.test.beforeAll(() => {
  keeper = new Keeper();
});
Deno.test.afterAll(() => keeper?.close());

/**
 * Opens what shares neither cookies nor anything else that is stored or permitted with other tests, the clipboard alone.
 * The Chromium of the test's file is started where it does not run. {@link closeContext} closes it.
 * @throws Error where it does not start.
 */
export async function openContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  if (keeper === undefined) throw new Error("cannot connect to Chromium: it is there for tests only");
  const browser = await keeper.connect();
  try {
    return await browser.newContext(options);
  } catch (error) {
    await disconnect(browser);
    throw error;
  }
}

/** Closes all its pages, and the connection to Chromium. */
export async function closeContext(context: BrowserContext): Promise<void> {
  try {
    await context.close();
  } finally {
    await disconnect(context.browser()!);
  }
}

/** What Playwright removes when a connection ends, and does not wait for. Tests have to: they would leak it. */
const removals = new Set<Promise<void>>();
const { unlink } = promises;
promises.unlink = (path) => {
  const removal = unlink(path).finally(() => removals.delete(removal));
  removals.add(removal);
  return removal;
};

async function disconnect(browser: Browser): Promise<void> {
  await browser.close();
  await Promise.allSettled(removals);
}
