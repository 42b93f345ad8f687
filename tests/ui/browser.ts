/**
 * A person before the viewer: the real server on a free port with a history of the test's own, the page in Chromium. One
 * browser serves a whole test; everything is closed with it.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { ViewerActions } from "../../src/ui/actions.ts";
import type { ListenerAdmin } from "../../src/ui/admin.ts";
import type { ListenerView, ViewerState } from "../../src/ui/api.ts";
import { startViewer, type Viewer, type ViewerSettings } from "../../src/ui/server.ts";
import type { HistorySource } from "../../src/ui/source.ts";
import { listenerView } from "./fake_admin.ts";
import { openPage, Visitor, type VisitorSettings } from "./visitor.ts";

const STATIC = new URL("../../static/", import.meta.url);

/** What the viewer of a test is like. */
export interface BrowserSettings extends VisitorSettings {
  /** The history. */
  readonly source: HistorySource;
  /** What can be done besides looking; absent: nothing. */
  readonly actions?: ViewerActions;
  /** Whom to ask for changes of listeners, and for what they are; absent: nothing can be changed about them. */
  readonly admin?: ListenerAdmin;
  /** Whether nothing can be changed. */
  readonly isReadonly?: boolean;
  /** What listens, where no admin tells; what is left out of them is ordinary. */
  readonly listeners?: readonly (Partial<ListenerView> & { readonly address: string })[];
  /** Files that are shown. */
  readonly files?: readonly string[];
}

/** Kinds of link that the page offers. */
export const LINK_PRESETS: ViewerState["linkPresets"] = [
  { name: "3g", help: "1.6 Mbit/s down, 768 kbit/s up, 150 ms there and back" },
  { name: "edge", help: "240 kbit/s down, 200 kbit/s up, 35 ms there and back" },
];

/** The token of every viewer of these tests. */
export const TOKEN = "a-token-of-browser-tests";

/** A viewer for a browser; port 0 takes any that is free. */
export function serve(settings: BrowserSettings, port = 0, token = TOKEN): Viewer {
  const { source, actions, admin, isReadonly = false, files = [] } = settings;
  const given = settings.listeners ??
    (files.length > 0 ? [] : [{ address: "127.0.0.1:8081", target: "localhost:8080" }]);
  const listeners = given.map((each, at) => listenerView({ id: at + 1, ...each }));
  const viewerSettings: ViewerSettings = {
    source,
    isReadonly,
    ...actions !== undefined && { actions },
    ...admin !== undefined && { admin },
    token,
    about: () => ({ version: "1.2.3", listeners, files, linkPresets: LINK_PRESETS }),
    listen: { hostname: "127.0.0.1", port },
    readStatic: async (name) => {
      try {
        return await Deno.readFile(new URL(name, STATIC));
      } catch {
        return undefined;
      }
    },
  };
  return startViewer(viewerSettings);
}

/** A browser with the page open. */
export class Person extends Visitor implements AsyncDisposable {
  /** The viewer; a test may close it and start another one. */
  viewer: Viewer;

  private constructor(page: Page, viewer: Viewer) {
    super(page);
    this.viewer = viewer;
  }

  /** Opens the page as somebody does who was given its URL. */
  static async open(settings: BrowserSettings, hash = ""): Promise<Person> {
    const viewer = serve(settings);
    let person: Person | undefined;
    try {
      person = new Person(await openPage(settings), viewer);
      await person.enter(viewer.url);
      if (hash !== "") await person.page.goto(`${person.origin}/${hash}`);
      return person;
    } catch (error) {
      await person?.closeBrowser();
      await viewer.close();
      throw error;
    }
  }

  /** Where the viewer is. */
  get origin(): string {
    return new URL(this.viewer.url).origin;
  }

  /** Closes browser and viewer; fails where the page complained. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeBrowser();
    await this.viewer.close();
    assert.deepEqual(this.complaints, []);
  }
}
