/** Rows of the table of options: proxy mode, and the proxy that lies between this program and its targets. */
import { DIALLING, LISTENING } from "./commands.ts";
import type { Option } from "./option.ts";

/** The options, in the order of help. */
export const PROXY_OPTIONS: readonly Option[] = [
  {
    name: "intercept",
    kind: "optional-text",
    repeatable: true,
    value: "HOSTS",
    help:
      "look into TLS: tunnels are ended here, with certificates of our own CA that clients must trust (tcpmon ca); " +
      "HOSTS: only these, as for --no-proxy",
    group: "Proxy",
    commands: LISTENING,
    needs: "proxy",
  },
  {
    name: "no-intercept",
    kind: "text",
    repeatable: true,
    value: "HOSTS",
    help: "tunnels to leave alone although --intercept names them; * leaves all alone",
    group: "Proxy",
    commands: LISTENING,
    needs: "proxy",
  },
  {
    name: "proxy-auth",
    kind: "text",
    check: checkProxyAuth,
    value: "USER:PASSWORD",
    help:
      "let in only clients with this user and password; @FILE reads them from a file; an argument can be seen by " +
      "other users of the machine, so better set it as TCPMON_PROXY_AUTH",
    group: "Proxy",
    commands: LISTENING,
    needs: "proxy",
  },
  {
    name: "via",
    kind: "flag",
    help: "add Via to what is forwarded",
    group: "Proxy",
    commands: LISTENING,
    needs: "proxy",
  },
  {
    name: "upstream-proxy",
    kind: "text",
    value: "URL",
    words: ["env"],
    help:
      "reach targets through another proxy, http://, https:// or socks5://[USER:PASSWORD@]HOST[:PORT]; env: those " +
      "of HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY",
    group: "Upstream proxy",
    commands: DIALLING,
  },
  {
    name: "no-proxy",
    kind: "text",
    repeatable: true,
    value: "HOSTS",
    help:
      "targets to reach without --upstream-proxy, joined by commas: names and all below them, ranges such as " +
      "10.0.0.0/8, *",
    group: "Upstream proxy",
    commands: DIALLING,
  },
];

/**
 * What is wrong with user and password (RFC 7617 §2); the text itself is not repeated, as it may be a secret.
 */
function checkProxyAuth(text: string): string | undefined {
  const wanted = "USER:PASSWORD or @FILE";
  if (text.startsWith("@")) return text === "@" ? `found no file after @, wanted ${wanted}` : undefined;
  if (!text.includes(":")) return `found no colon in it, wanted ${wanted}`;
  if (text.startsWith(":")) return `found no user before the colon, wanted ${wanted}`;
  // deno-lint-ignore no-control-regex -- controls are what it looks for
  return /[\x00-\x1f\x7f]/.test(text) ? `found a control character in it, wanted ${wanted}` : undefined;
}
