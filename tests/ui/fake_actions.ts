/** What the program does for the page, for tests of the page: it sends nothing, and answers at once. */
import type { ExchangeRecord } from "../../src/capture/record.ts";
import type { ExportWish, ViewerActions } from "../../src/ui/actions.ts";
import type { CompareView, OpenedView, ResendRequest, SendRequest, SentView } from "../../src/ui/api.ts";
import { Refused } from "../../src/ui/requests.ts";
import { type ExchangeParts, Recorder } from "./client/exchange/records.ts";
import { jsonOf, MemorySource } from "./memory_source.ts";

/** How many exchanges a file that is opened puts into the history, whatever it says. */
const MOST_ADDED = 100;

/** A history, and what is done with it. */
export class FakeActions implements ViewerActions {
  /** The history. */
  readonly source = new MemorySource();
  /** Makes the exchanges. */
  readonly recorder = new Recorder();
  /** What was asked for, in order. */
  readonly asked: (
    | { readonly kind: "export"; readonly wish: ExportWish }
    | { readonly kind: "compare"; readonly before: number; readonly after: number }
    | { readonly kind: "resend"; readonly request: ResendRequest }
    | { readonly kind: "send"; readonly request: SendRequest }
    | { readonly kind: "open"; readonly name: string; readonly bytes: number }
  )[] = [];
  /** What the next files that are opened hold, as far as it is not of one exchange. */
  opened: Partial<Omit<OpenedView, "name">> = {};
  /** Why no file is opened. */
  openRefusal: string | undefined;
  /** How much came of the file that is being opened, or was. */
  openedBytes = 0;
  /** What the next request that is sent brings, besides its exchange. */
  answer: ExchangeParts & { readonly sentError?: string } = {};
  /** Why nothing is sent. */
  refusal: string | undefined;
  /** What every comparison finds. */
  found: Omit<CompareView, "before" | "after"> = { differences: [], timings: [], notes: [] };
  /** Sending, and opening after the first piece, wait for it. */
  pause: Promise<void> = Promise.resolve();

  /** Puts an exchange into the history. */
  add(parts: ExchangeParts = {}): ExchangeRecord {
    const record = this.recorder.exchange(parts);
    this.source.add([record]);
    return record;
  }

  /** See {@link ViewerActions.export}. */
  export(wish: ExportWish): Promise<AsyncIterable<Uint8Array>> {
    this.asked.push({ kind: "export", wish });
    return Promise.resolve(piecesOf(`${wish.as} of ${wish.rows?.join() ?? wish.filter ?? "all"}\n`));
  }

  /** See {@link ViewerActions.compare}. */
  compare(before: number, after: number) {
    this.asked.push({ kind: "compare", before, after });
    return Promise.resolve(this.found);
  }

  /** See {@link ViewerActions.resend}. */
  resend(request: ResendRequest): Promise<SentView> {
    this.asked.push({ kind: "resend", request });
    return this.#sent(request.row);
  }

  /** See {@link ViewerActions.send}. */
  send(request: SendRequest): Promise<SentView> {
    this.asked.push({ kind: "send", request });
    return this.#sent(request.from);
  }

  /** See {@link ViewerActions.open}. */
  async open(name: string, bytes: AsyncIterable<Uint8Array>): Promise<OpenedView> {
    this.openedBytes = 0;
    for await (const piece of bytes) {
      this.openedBytes += piece.length;
      await this.pause;
    }
    this.asked.push({ kind: "open", name, bytes: this.openedBytes });
    if (this.openRefusal !== undefined) throw new Refused(400, this.openRefusal);
    const { rows = 1, records = rows, problems = [] } = this.opened;
    for (let row = 0; row < Math.min(rows, MOST_ADDED); row++) this.add({ target: `/of/${name}/${row + 1}` });
    return { name, records, rows, problems };
  }

  /** Rows and ids are the same here. */
  async #sent(from: number | undefined): Promise<SentView> {
    await this.pause;
    if (this.refusal !== undefined) throw new Refused(400, this.refusal);
    const { sentError: error, ...parts } = this.answer;
    if (error !== undefined) return { error };
    const listener = from === undefined ? "viewer" : `viewer, resend of #${from}`;
    const id = 1000 + this.asked.length;
    const record = this.add({
      ...parts,
      connection: { id, listener, client: "127.0.0.1:5", target: "localhost:8080" },
    });
    return { row: record.id, record: jsonOf(record, 1 << 20) };
  }
}

async function* piecesOf(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(text);
}
