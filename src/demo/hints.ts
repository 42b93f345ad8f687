/**
 * What the demo says to try while it runs.
 */
import { SOAP_PATH } from "./answers.ts";

/**
 * The lines to show, 14 at most and no wider than 100 columns, ended by a line feed. Each curl command works as it
 * stands in a POSIX shell; URLs are quoted because of `?` and `[`.
 *
 * @param relayAddress Where the relay listens: `127.0.0.1:8081`, `[::1]:8081` or `localhost:8081`.
 */
export function demoHints(relayAddress: string): string {
  const url = `http://${relayAddress}`;
  return `Try, and watch the log:
  browser   ${url}/
  SOAP      curl '${url}${SOAP_PATH}' -H 'Content-Type: text/xml' \\
    -H 'SOAPAction: ""' -d '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">
    <e:Body><getQuote><symbol>IBM</symbol></getQuote></e:Body></e:Envelope>'
  JSON      curl '${url}/api/orders' --json '{"symbol":"SAP","shares":3}'
  gzip      curl --compressed '${url}/api/quotes?symbol=IBM,ORCL'
  chunked   curl -N '${url}/chunked'
  events    curl -N '${url}/events'
  slow      curl '${url}/slow?ms=1500'
  error     curl -i '${url}/error'
  HEAD      curl -I '${url}/'
  redirect  curl -L '${url}/old'
  as data   tcpmon demo --once --format json | jq -c '[.type, .request.target, .response.status]'
`;
}
