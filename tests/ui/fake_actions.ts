/** What the program does for the page, for tests of the page: it sends nothing, and answers at once. */
import type { ExchangeRecord } from "../../src/capture/record.ts";
import type { ExportWish, ViewerActions } from "../../src/ui/actions.ts";
import type { CompareView, ResendRequest, SendRequest, SentView } from "../../src/ui/api.ts";
import { Refused } from "../../src/ui/requests.ts";
import { type ExchangeParts, Recorder } from "./client/exchange/records.ts";
import { jsonOf, MemorySource } from "./memory_source.ts";

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
  )[] = [];
  /** What the next request that is sent brings, besides its exchange. */
  answer: ExchangeParts & { readonly sentError?: string } = {};
  /** Why nothing is sent. */
  refusal: string | undefined;
  /** What every comparison finds. */
  found: Omit<CompareView, "before" | "after"> = { differences: [], timings: [], notes: [] };
  /** Sending waits for it. */
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
