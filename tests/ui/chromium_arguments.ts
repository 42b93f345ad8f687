/** Chromium as all tests and the benchmark start it: Debian's, without anything that it does on its own. */

/** Where Debian's package chromium has it. */
export const CHROMIUM = "/usr/bin/chromium";

/** Its arguments, whether it is seen or not. */
export const CHROMIUM_ARGUMENTS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * More of them for one that nobody sees, and that Playwright connects to: it is to look like one that Playwright starts,
 * and no page of it is to slow down because another one is in front of it.
 */
export const UNWATCHED_ARGUMENTS: readonly string[] = [
  "--headless",
  "--remote-debugging-port=0",
  "--no-startup-window",
  "--hide-scrollbars",
  "--mute-audio",
  "--force-color-profile=srgb",
  "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
  "--password-store=basic",
  "--disable-back-forward-cache",
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-breakpad",
  "--disable-default-apps",
  "--disable-extensions",
  "--disable-component-extensions-with-background-pages",
  "--disable-field-trial-config",
  "--disable-hang-monitor",
  "--disable-ipc-flooding-protection",
  "--disable-popup-blocking",
  "--disable-search-engine-choice-screen",
  "--metrics-recording-only",
  "--disable-features=HttpsUpgrades,MediaRouter,OptimizationHints,PaintHolding," +
  "SpareRendererForSitePerProcess,WebUIOmniboxAimPopup,WebUIOmniboxPopup",
];
