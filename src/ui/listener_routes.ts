/** The addresses of the listeners: they are added, set, started, stopped, removed, and saved as a config file. */
import type { ListenerAdmin } from "./admin.ts";
import { readListener } from "./listener_requests.ts";
import { hasOnly, readQuery } from "./requests.ts";
import { numberOf, queriesOf, type Route, textOf } from "./route.ts";

/** The addresses. */
export function listenerRoutes(admin: ListenerAdmin): readonly Route[] {
  const ID = "/api/listeners/:id{[0-9]+}";
  const config = (request: Request) => {
    readQuery(queriesOf(request), []);
    return new Response(admin.config(), {
      headers: {
        "Content-Type": "application/json",
        "Content-Disposition": 'attachment; filename="tcpmon.json"',
      },
    });
  };
  return [
    {
      method: "POST",
      path: "/api/listeners",
      answer: async (request) => Response.json(await admin.add(readListener(await textOf(request)))),
    },
    {
      method: "PUT",
      path: ID,
      answer: async (request, { id }) => {
        const { revision } = readQuery(queriesOf(request), ["revision"]);
        return Response.json(await admin.edit(numberOf(id), readListener(await textOf(request)), revision));
      },
    },
    {
      method: "POST",
      path: `${ID}/start`,
      answer: async (request, { id }) => {
        await saysNothing(request);
        return Response.json(await admin.start(numberOf(id)));
      },
    },
    {
      method: "POST",
      path: `${ID}/stop`,
      answer: async (request, { id }) => {
        await saysNothing(request);
        return Response.json(await admin.stop(numberOf(id)));
      },
    },
    {
      method: "DELETE",
      path: ID,
      answer: async (request, { id }) => {
        await saysNothing(request);
        await admin.remove(numberOf(id));
        return Response.json({});
      },
    },
    { method: "GET", path: "/api/config", answer: config },
  ];
}

/** A change that its address says all about has no body, or an empty object. */
async function saysNothing(request: Request): Promise<void> {
  const text = await textOf(request);
  if (text !== "") hasOnly(text, []);
}
