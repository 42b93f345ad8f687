/**
 * The heads of an exchange in the `text` format, in the manner of `curl -v`: request lines after `> `, response lines
 * after `< `, and an empty such line at their end. Fields that tcpmon sent on instead of the client's stand after `~ `.
 */
import type { Field, RequestHead, ResponseHead } from "../http/head.ts";
import { fieldValue } from "../http/head.ts";
import { encodingOf } from "../capture/charset.ts";
import { ByteWriter } from "./byte_writer.ts";
import { writeLine } from "./escape.ts";
import { type Paint, type Style, writeStyled } from "./paint.ts";
import { MAX_RECENT_BYTES, Recent } from "./recent.ts";

const SPACE = 32;
const COLON = 58;
const LF = 10;

/** What the body after a head needs to be read. */
export interface BodyHints {
  /** Value of Content-Type, where there is one. */
  readonly contentType: string | undefined;
  /** Whether the body may be read byte by byte as ASCII: in all charsets but UTF-16. */
  readonly asciiBased: boolean;
  /** Whether the body has a content coding. */
  readonly coded: boolean;
}

interface HeadLines extends BodyHints {
  readonly bytes: Uint8Array;
}

/** What stands at the beginning of a line. */
export type Mark = ">" | "<" | "~";

/** Writes the heads of one log, and what it wrote for a head again when a connection repeats it. */
export class HeadWriter {
  readonly #marks: { readonly [mark in Mark]: Uint8Array };
  readonly #requests = new Recent<RequestHead, HeadLines>();
  readonly #responses = new Recent<ResponseHead, HeadLines>();

  /**
   * Makes the writer of one log.
   *
   * @param paint The colours of the log.
   */
  constructor(paint: Paint) {
    const styled = (mark: Mark, style: Style) => {
      const out = new ByteWriter(16);
      writeStyled(mark, style, out);
      return out.copy();
    };
    this.#marks = {
      ">": styled(">", paint.dim),
      "<": styled("<", paint.dim),
      "~": styled("~", paint.yellow),
    };
  }

  /**
   * Appends a head: start line and fields, each line with its mark.
   *
   * @param connection Number of its connection.
   */
  head(head: RequestHead | ResponseHead, connection: number, out: ByteWriter): BodyHints {
    return head.kind === "request"
      ? this.#write(head, ">", connection, this.#requests, out)
      : this.#write(head, "<", connection, this.#responses, out);
  }

  /** Appends lines of fields: trailers, or those sent on instead of the client's. */
  fields(fields: readonly Field[], mark: Mark, out: ByteWriter): void {
    for (const [name, value] of fields) {
      out.bytes(this.#marks[mark]);
      out.byte(SPACE);
      writeLine(name, out);
      out.byte(COLON);
      out.byte(SPACE);
      writeLine(value, out);
      out.byte(LF);
    }
  }

  /** Appends the mark alone on a line, which ends a head. */
  end(mark: Mark, out: ByteWriter): void {
    out.bytes(this.#marks[mark]);
    out.byte(LF);
  }

  #write<Head extends RequestHead | ResponseHead>(
    head: Head,
    mark: Mark,
    connection: number,
    recent: Recent<Head, HeadLines>,
    out: ByteWriter,
  ): BodyHints {
    const known = recent.get(connection, head);
    if (known !== undefined) {
      out.bytes(known.bytes);
      return known;
    }
    const start = out.length;
    out.bytes(this.#marks[mark]);
    out.byte(SPACE);
    writeLine(startLine(head), out);
    out.byte(LF);
    this.fields(head.fields, mark, out);
    const contentType = fieldValue(head.fields, "content-type");
    const hints = {
      contentType,
      asciiBased: !encodingOf(contentType)?.startsWith("utf-16"),
      coded: fieldValue(head.fields, "content-encoding") !== undefined,
    };
    if (out.length - start <= MAX_RECENT_BYTES) {
      recent.offer(connection, head, () => ({ ...hints, bytes: out.view().slice(start) }));
    }
    return hints;
  }
}

function startLine(head: RequestHead | ResponseHead): string {
  if (head.kind === "request") return `${head.method} ${head.target} ${head.version}`;
  return `${head.version} ${String(head.status).padStart(3, "0")} ${head.reason}`.trimEnd();
}
