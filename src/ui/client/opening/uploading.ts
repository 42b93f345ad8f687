/// <reference lib="dom" />
/**
 * Sends a file to the program. By XMLHttpRequest: `fetch` does not tell how much of a body has gone.
 */
import type { OpenedView } from "../../api.ts";
import { runFields, ServerError } from "../state/server.ts";

/** Longer names are no help to anybody. */
const MAX_NAME_CHARACTERS = 200;

/** How a file is sent. */
export interface Upload {
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Takes how many bytes have gone, from time to time. */
  readonly onProgress: (sentBytes: number) => void;
}

/**
 * Sends a file to be opened.
 *
 * @throws {ServerError} where the program refuses it.
 * @throws {DOMException} `AbortError`, where it was ended.
 * @throws {Error} of one line for people, where it cannot be read or does not arrive.
 */
export function uploadFile(file: File, { signal, onProgress }: Upload): Promise<OpenedView> {
  const { promise, resolve, reject } = Promise.withResolvers<OpenedView>();
  const request = new XMLHttpRequest();
  request.open("POST", `/api/open?name=${encodeURIComponent(sentName(file.name))}`);
  // No form of a foreign page can send this type.
  request.setRequestHeader("Content-Type", "application/octet-stream");
  for (const [name, value] of Object.entries(runFields())) request.setRequestHeader(name, value);
  request.upload.onprogress = ({ loaded }) => onProgress(loaded);
  request.onload = () => {
    const answer = readAnswer(request.responseText);
    if (request.status === 200 && answer !== undefined) resolve(answer as OpenedView);
    else {
      const error = (answer as { readonly error?: unknown } | undefined)?.error;
      const words = typeof error === "string" ? error : `tcpmon answered ${request.status}`;
      reject(new ServerError(words, request.status));
    }
  };
  request.onerror = () =>
    reject(new Error("it could not be read to its end, or tcpmon stopped taking it: try once more"));
  request.onabort = () => reject(new DOMException("The file was not sent to its end", "AbortError"));
  signal.addEventListener("abort", () => request.abort(), { once: true });
  if (signal.aborted) reject(new DOMException("The file was not sent", "AbortError"));
  else request.send(file);
  return promise;
}

/** A name that the program takes: it is for messages only. */
function sentName(name: string): string {
  return name.slice(-MAX_NAME_CHARACTERS).toWellFormed().replace(/[\p{Cc}/\\]/gu, "_");
}

function readAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
