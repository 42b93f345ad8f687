/// <reference lib="dom" />
/** What actions show above all else: a dialog, what takes a while, what files need that are opened. */
import type { JSX } from "preact";
import { OpeningPlace } from "../opening/opening_place.tsx";
import { ResendDialog } from "./resend_dialog.tsx";
import { WorkCards } from "./work_cards.tsx";

/** All of it; it stands once, at the end of the page. */
export function ActionPlaces(): JSX.Element {
  return (
    <>
      <WorkCards />
      <ResendDialog />
      <OpeningPlace />
    </>
  );
}
