/** What the viewer's page can have done with the listeners of a session. */
import type { Active } from "../capture/active.ts";
import type { ListenerAdmin } from "../ui/admin.ts";
import type { ActiveView, ListenerSettings, ListenerView } from "../ui/api.ts";
import { Refused } from "../ui/requests.ts";
import { refuseCircle, refuseTwin } from "./listener_checks.ts";
import { configText } from "./listener_config.ts";
import { isSameLink, isSameWay, readSettings } from "./listener_settings.ts";
import type { Listeners } from "./listeners.ts";
import type { ListenerContext, SessionListener } from "./session_listener.ts";

/** More are hardly wanted, and each takes a descriptor. */
const MOST_LISTENERS = 50;

/** What it needs of the session. */
export interface AdminSettings {
  /** The program's options. */
  readonly options: ListenerContext["options"];
  /** Version of the program. */
  readonly version: string;
  /** What else listens in this program, such as the viewer: nothing may lead there. */
  readonly others: () => readonly Deno.Addr[];
  /** Wall clock, ms since the epoch. */
  readonly epochNow: () => number;
  /** Takes secrets out of what is under way; absent: they are shown. */
  readonly redact?: (active: Active) => Active;
  /** Tells the user of each change, on a line of its own. */
  readonly tell: (text: string) => void;
}

/** Opens it. */
export function openAdmin(listeners: Listeners, settings: AdminSettings): ListenerAdmin {
  const { options, others } = settings;
  const subscribers = new Set<() => void>();
  /** How often each was set anew, by its id; ids are not given twice. */
  const revisions = new Map<number, number>();
  const viewOfListener = ({ id, view }: SessionListener): ListenerView => {
    const revision = revisions.get(id);
    return revision === undefined ? view : { ...view, revision };
  };
  const changed = () => {
    for (const tell of subscribers) tell();
  };
  const say = (text: string) => {
    if (!options.quiet) settings.tell(`${text} (viewer)`);
  };
  /** What it does, and what to beware of. */
  const sayAll = ({ lines, warnings }: SessionListener) => {
    for (const line of new Set([...lines, ...warnings])) say(line);
  };
  listeners.onLeft(changed);
  const find = (id: number): SessionListener => {
    const found = listeners.all.find((each) => each.id === id);
    if (found !== undefined) return found;
    throw new Refused(404, `there is no listener ${id}, or not any more`);
  };
  const change = async (work: () => Promise<SessionListener>): Promise<ListenerView> => {
    try {
      return viewOfListener(await listeners.change(work));
    } finally {
      // Also where it failed: why stands in what is shown.
      changed();
    }
  };
  const without = (itself: SessionListener) => listeners.all.filter((each) => each !== itself);

  return {
    list: () => listeners.all.map(viewOfListener),

    add: (given) =>
      change(async () => {
        if (listeners.all.length >= MOST_LISTENERS) {
          throw new Refused(
            409,
            `cannot add a listener: found ${MOST_LISTENERS} of them, wanted one to be removed before`,
          );
        }
        const configured = readSettings(given, { options });
        refuseTwin(configured, listeners.all);
        refuseCircle(configured, listeners.all, others());
        const made = listeners.make(configured);
        await listeners.listen(made);
        listeners.add(made);
        sayAll(made);
        return made;
      }),

    edit: (id, given, revision) =>
      change(async () => {
        const found = find(id);
        const edits = revisions.get(id) ?? 0;
        if (revision !== undefined && revision !== edits) {
          throw new Refused(409, `cannot change ${found.name}: it was changed meanwhile, look at it anew`);
        }
        const { configured: before, listener, name, warnings } = found;
        const configured = readSettings(given, { options, before: before.settings });
        refuseTwin(configured, without(found));
        refuseCircle(configured, without(found), others());
        const prepared = found.prepare(configured);
        if (found.listener === undefined) found.take(undefined, prepared);
        else if (found.listensAt(configured)) found.take(found.listener, prepared);
        else await listeners.move(found, prepared);
        if (listener !== undefined && found.name !== name) say(`stopped ${name}`);
        for (const line of changesOf(found, before.settings)) say(line);
        for (const line of found.warnings) if (!warnings.includes(line)) say(line);
        revisions.set(id, edits + 1);
        return found;
      }),

    start: (id) =>
      change(async () => {
        const found = find(id);
        if (found.listener !== undefined) return found;
        try {
          refuseCircle(found.configured, without(found), others(), found.comingAddress);
          await listeners.listen(found);
        } catch (error) {
          if (error instanceof Refused) found.error = error.message;
          throw error;
        }
        sayAll(found);
        return found;
      }),

    stop: (id) =>
      change(async () => {
        const found = find(id);
        if (found.listener === undefined) return found;
        say(`stopped ${found.name}`);
        await listeners.stop(found);
        return found;
      }),

    async remove(id) {
      await change(async () => {
        const found = find(id);
        say(`removed ${found.name}`);
        await listeners.remove(found);
        revisions.delete(id);
        return found;
      });
    },

    config: () =>
      configText(listeners.all.map(({ configured }) => configured.settings), options, {
        version: settings.version,
        at: settings.epochNow(),
      }),

    active(until, most) {
      // Thousands may be under way: only the times of all are looked at.
      const times: number[] = [];
      listeners.active((at) => {
        if (at <= until) times.push(at);
        return false;
      });
      const total = times.length;
      const from = total <= most ? -Infinity : Float64Array.from(times).sort()[total - most];
      const newest = listeners.active((at) => at >= from && at <= until).sort((a, b) => b.at - a.at);
      return { rows: newest.slice(0, most).map((active) => viewOf(active, settings.redact)), total };
    },

    subscribe(tell) {
      subscribers.add(tell);
      return () => subscribers.delete(tell);
    },
  };
}

/** What an edit changed, in words, a line each. */
function changesOf(found: SessionListener, before: ListenerSettings): string[] {
  const { lines: [line], link, name, configured: { settings } } = found;
  if (line === undefined) return [`changed ${name}, which is stopped`];
  const linkLine = link === "" ? `no simulated link on ${name}` : `simulated link of ${name}: ${link}`;
  const hasMoved = settings.listen !== before.listen;
  return [
    ...hasMoved || !isSameWay(settings, before) ? [line] : [],
    ...isSameLink(settings, before) ? [] : [linkLine],
  ];
}

/** What is under way, as it is shown: of the many that may be, few are, so secrets are looked for when one is. */
function viewOf({ connection, ...active }: Active, redact: AdminSettings["redact"]): ActiveView {
  const { id, client, target, listener } = connection;
  const view = { ...active, connection: id, client, target, listener };
  if (redact === undefined) return view;
  let shown: Active | undefined;
  const redacted = () => shown ??= redact({ connection, ...active });
  return {
    ...view,
    get url() {
      return redacted().url;
    },
    get host() {
      return redacted().host;
    },
    get mime() {
      return redacted().mime;
    },
  };
}
