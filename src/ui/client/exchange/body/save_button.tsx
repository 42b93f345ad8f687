/// <reference lib="dom" />
/** Bytes as a file. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { sizeText } from "../units.ts";
import { readAll } from "./read_all.ts";
import type { ByteSource } from "./source.ts";

/** Longer bodies do not fit into a page's memory. */
const MAX_SAVED_BYTES = 512 * 1024 * 1024;

/** What a {@link SaveButton} saves. */
export interface SaveButtonProps {
  /** Where the bytes come from. */
  readonly source: ByteSource;
  /** Name of the file, without an extension. */
  readonly fileName: string;
}

/** The button. */
export function SaveButton({ source, fileName }: SaveButtonProps): JSX.Element {
  const [said, setSaid] = useState("");
  const save = async () => {
    setSaid("Reading…");
    try {
      const { bytes, isWhole } = await readAll(source, MAX_SAVED_BYTES);
      // Never a type that a browser would open: what was captured is not to be trusted.
      const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
      const link = document.createElement("a");
      link.href = url;
      link.download = `${fileName}.bin`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      setSaid(isWhole ? "" : `The first ${sizeText(bytes.length)} only`);
    } catch (error) {
      setSaid(`Cannot save: ${error instanceof Error ? error.message : error}`);
    }
  };
  return (
    <span class="x-copy">
      <button type="button" class="x-button" title="Save these bytes as a file" onClick={save}>Save</button>
      <span class="x-said" role="status">{said}</span>
    </span>
  );
}
