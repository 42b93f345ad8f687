/** An exporter of commands: one for each exchange whose request can be sent again. */
import type { RequestMessage } from "../capture/record.ts";
import { writeText } from "./body_text.ts";
import { type CommandOptions, isRepeatable } from "./command.ts";
import type { Exporter } from "./exporter.ts";
import { Schemes } from "./origin.ts";

/** Makes the command for a request to `to`; `undefined` where there is none, which is noted. */
export type MakeCommand = (
  request: RequestMessage,
  to: string,
  options: CommandOptions,
) => string | undefined;

/** Makes an exporter that writes one command for each exchange. */
export function createCommandExporter(command: MakeCommand, options: CommandOptions): Exporter {
  const { note = () => {} } = options;
  const schemes = new Schemes();
  return {
    begin() {},
    record(record, out) {
      if (record.type === "connection") schemes.connection(record);
      else if (record.type === "data") note("data that is not HTTP");
      else if (record.type === "message" && record.protocol === "websocket") note("WebSocket messages");
      if (record.type !== "exchange" || !isRepeatable(record, note)) return;
      const { target } = record.connection;
      const to = /^unix:|:\/\//.test(target) ? target : `${schemes.target(record)}://${target}`;
      const made = command(record.request!, to, { ...options, id: record.id });
      if (made !== undefined) writeText(out, `${made}\n`);
    },
    end() {},
  };
}
