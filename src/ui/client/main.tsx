/// <reference lib="dom" />
/** Starts the page: what was remembered, the program, the keyboard, and then all of it on the screen. */
import { render } from "preact";
import { App } from "./app.tsx";
import { listenToKeys } from "./keys/listening.ts";
import { keepEdited } from "./listeners/keeping.ts";
import { keepTab } from "./listeners/tabs.ts";
import { goLive } from "./state/live.ts";
import { keepPreferences } from "./state/preferences.ts";
import { keepRun } from "./state/restarting.ts";
import { keepSelection } from "./state/selecting.ts";
import { isNarrow } from "./state/store.ts";

/** The width below which list and exchange take turns; style.css has the same. */
const NARROW = "(max-width: 760px)";

keepPreferences();
const narrow = matchMedia(NARROW);
isNarrow.value = narrow.matches;
narrow.addEventListener("change", () => isNarrow.value = narrow.matches);
keepRun();
keepTab();
keepEdited();
goLive();
keepSelection();
listenToKeys();
render(<App />, document.getElementById("app")!);
