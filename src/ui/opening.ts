/** The address that takes a capture as a file: its bytes pass through to the program, and are never held here. */
import { MAX_OPEN_BYTES } from "./access.ts";
import type { ViewerActions } from "./actions.ts";
import type { OpenedView } from "./api.ts";
import { readQuery, Refused } from "./requests.ts";
import { queriesOf, type Route } from "./route.ts";

/** What file systems take. */
const MAX_NAME_UNITS = 255;

/** The address, which takes one file at a time. */
export function openRoute(actions: Pick<ViewerActions, "open">, mostBytes = MAX_OPEN_BYTES): Route {
  let isBusy = false;
  const answer = async (request: Request) => {
    const queries = queriesOf(request);
    readQuery(queries, [], ["name"]);
    const name = readName(queries.name?.[0] ?? "");
    if (isBusy) throw new Refused(503, "a file is being opened: wait until it is, then open this one");
    isBusy = true;
    const upload = new Upload(request, mostBytes);
    try {
      return Response.json(await actions.open(name, upload.pieces()) satisfies OpenedView);
    } catch (error) {
      // What broke the upload off is what there is to say, whatever the program makes of it.
      throw upload.broken ?? error;
    } finally {
      isBusy = false;
      await upload.skip();
    }
  };
  return { method: "POST", path: "/api/open", answer };
}

/** The bytes of a file on their way in. */
class Upload {
  /** What broke it off. */
  broken: unknown;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #signal: AbortSignal;
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(request: Request, mostBytes: number) {
    this.#reader = request.body?.getReader();
    this.#signal = request.signal;
    this.#mostBytes = mostBytes;
  }

  /** The bytes, no sooner than somebody wants them. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    for (let piece = await this.#next(); piece !== undefined; piece = await this.#next()) yield piece;
  }

  /** Lets pass what nobody wanted: a browser reads the answer after it has sent everything. */
  async skip(): Promise<void> {
    try {
      while (this.broken === undefined && await this.#next() !== undefined);
      await this.#reader?.cancel();
    } catch {
      // It has been told.
    }
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      if (this.#signal.aborted) throw new Refused(400, "the browser went before the file had come whole");
      const { value } = await this.#reader?.read() ?? {};
      this.#bytes += value?.length ?? 0;
      if (this.#bytes <= this.#mostBytes) return value;
      throw new Refused(413, `a file to be opened is at most ${this.#mostBytes} bytes long`);
    } catch (error) {
      this.broken = error;
      throw error;
    }
  }
}

function readName(name: string): string {
  if (name === "" || name === "." || name === ".." || /[/\\]/.test(name)) {
    throw new Refused(400, "wanted name to be the name of the file, without a folder");
  }
  if (name.length > MAX_NAME_UNITS) {
    throw new Refused(400, `found a name of ${name.length} characters, wanted at most ${MAX_NAME_UNITS}`);
  }
  if (/\p{Cc}/u.test(name)) throw new Refused(400, "wanted name to have no control characters");
  return name;
}
