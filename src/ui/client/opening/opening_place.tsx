/// <reference lib="dom" />
/** What opening files takes on the page: the field to choose them, and what is shown while they are dragged over it. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { isDropNear, listenToDrops } from "./dropping.ts";
import { canOpen, FILES_ID, FORMATS, openFiles } from "./opening.ts";

/** The field, which nobody sees, and the overlay. */
export function OpeningPlace(): JSX.Element {
  useEffect(listenToDrops, []);
  return (
    <>
      {canOpen.value && (
        <input
          id={FILES_ID}
          type="file"
          multiple
          hidden
          aria-label="Files to be opened"
          onChange={({ currentTarget }) => {
            const files = [...currentTarget.files ?? []];
            // So that the same file can be chosen again.
            currentTarget.value = "";
            openFiles(files);
          }}
        />
      )}
      {isDropNear.value && (
        <div class="a-drop" aria-hidden="true">
          <div>
            <strong>Drop to open</strong>
            <span>{FORMATS}</span>
          </div>
        </div>
      )}
    </>
  );
}
