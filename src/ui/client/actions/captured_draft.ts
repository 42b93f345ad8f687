/** A captured request in the editor: where it went, the fields that were sent on, its body as text where it is text. */
import { decodeText, encodingOf } from "../../../capture/charset.ts";
import { recordBytes } from "../exchange/body/source.ts";
import { fieldRows } from "../exchange/message/field_rows.ts";
import { fieldOf } from "../exchange/message/raw_text.ts";
import type { ExchangeJson, FieldJson, RequestJson } from "../exchange/record_json.ts";
import { sizeText } from "../exchange/units.ts";
import { base64Of, type Draft, EMPTY_DRAFT, type KeptBody } from "./draft.ts";

/** Longer texts make a browser's text field slow. */
const MAX_TEXT_BYTES = 1024 * 1024;
/** Longer bodies do not fit into a request to the program, which is at most 8 MiB long, in base64. */
export const MAX_BODY_BYTES = 6_000_000;

/** Fields that follow from the body. */
const FRAMING: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "trailer"]);

/**
 * The request of an exchange.
 *
 * @param record The exchange.
 * @param row Its row.
 * @param sent Its body as it was sent, all of what was kept.
 * @param isTls Whether TLS was spoken with its target.
 */
export function draftOf(record: ExchangeJson, row: number, sent: Uint8Array, isTls: boolean): Draft {
  const request = record.request!;
  const address = addressOf(record, request, isTls);
  const fields = sentFields(request).filter(([name, value]) =>
    !FRAMING.has(name.toLowerCase()) &&
    // The URL says it, unless the target was called by another name.
    !(name.toLowerCase() === "host" && value.toLowerCase() === address.host.toLowerCase())
  );
  const { body, kept, notes } = bodyOf(request, sent);
  return {
    ...EMPTY_DRAFT,
    method: request.method,
    url: address.url,
    to: address.to,
    headers: fields.map(([name, value]) => `${name}: ${value}`).join("\n"),
    body,
    ...kept !== undefined && { kept },
    from: { row, id: record.id },
    notes: [...request.redacted === true ? ["Secrets in it were replaced (--redact)."] : [], ...notes],
  };
}

/** The fields as they were sent on. */
function sentFields({ headers, rewritten }: RequestJson): readonly FieldJson[] {
  return fieldRows(headers, rewritten).flatMap(({ name, value, sentOn }): FieldJson[] =>
    sentOn === undefined ? [[name, value!]] : sentOn.map((each) => [name, each])
  );
}

interface Address {
  readonly url: string;
  /** What Host is where the URL decides. */
  readonly host: string;
  readonly to: string;
}

function addressOf({ target }: ExchangeJson, request: RequestJson, isTls: boolean): Address {
  const absolute = /^https?:\/\/([^/?#]*)/i.exec(request.target);
  if (absolute !== null) return { url: request.target, host: absolute[1], to: "" };
  const path = request.target.startsWith("/") ? request.target : `/${request.target}`;
  if (target.startsWith("unix:")) return { url: `http://localhost${path}`, host: "localhost", to: target };
  const place = /^(?:(?:https?|tls):\/\/)?([^/]*)/i.exec(target)![1];
  const host = place.replace(isTls ? /:443$/ : /:80$/, "");
  return { url: `${isTls ? "https" : "http"}://${host}${path}`, host, to: "" };
}

/**
 * Whether TLS was spoken with the target of an exchange, as far as its record tells; undefined: it does not.
 */
export function speaksTls({ target, ms }: ExchangeJson): boolean | undefined {
  if ("tls" in ms || /^(?:https|tls):/i.test(target) || target.endsWith(":443")) return true;
  // Only the first exchange of a connection tells of connecting.
  return "connect" in ms || /^(?:http|unix):/i.test(target) ? false : undefined;
}

interface BodyDraft {
  readonly body: string;
  readonly kept?: KeptBody;
  readonly notes: readonly string[];
}

function bodyOf({ body, headers }: RequestJson, sent: Uint8Array): BodyDraft {
  if (sent.length === 0 && body.bytes === 0) return { body: "", notes: [] };
  const notes = sent.length < body.bytes
    ? [
      `Of its body only ${sizeText(sent.length)} of ${
        sizeText(body.bytes)
      } were kept: the rest is missing here.`,
    ]
    : [];
  const found = textOf({ body, headers }, sent);
  const text = found?.replaceAll("\r\n", "\n");
  const isWhole = text !== undefined && text.length <= MAX_TEXT_BYTES;
  const hasCrlf = found?.includes("\r\n") === true && !/[^\r]\n|^\n|\r(?!\n)/.test(found);
  if (isWhole && !hasCrlf && found?.includes("\r") === true) {
    notes.push("Its lines end in different ways: once it is edited, all of them end with LF.");
  }
  const kept: KeptBody = {
    base64: base64Of(sent),
    bytes: sent.length,
    hasCrlf,
    // A text field makes one line end of each kind of them.
    ...isWhole && { text: text.replaceAll("\r", "\n") },
  };
  return { body: kept.text ?? "", kept, notes };
}

/** The text of a body, content codings taken off; undefined: there is none, or not all of it. */
function textOf(
  { body, headers }: Pick<RequestJson, "body" | "headers">,
  sent: Uint8Array,
): string | undefined {
  const type = fieldOf(headers, "content-type");
  const coding = fieldOf(headers, "content-encoding")?.trim().toLowerCase() ?? "identity";
  if (coding === "" || coding === "identity") return editable(decodeText(sent, type));
  const { decoded } = body;
  const isWhole = decoded !== undefined && decoded.truncated !== true && decoded.error === undefined;
  // The program codes text again; it does so in UTF-8.
  if (!isWhole || encodingOf(type) !== "utf-8") return undefined;
  return editable(decodeText(recordBytes(decoded, type), type));
}

/** Other controls than these would not survive in a text field, or be seen in it. */
function editable(text: string | undefined): string | undefined {
  // deno-lint-ignore no-control-regex -- controls are what it looks for
  return text === undefined || /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) ? undefined : text;
}
