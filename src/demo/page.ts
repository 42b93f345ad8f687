/**
 * The demo's page at `/`: what there is, with something to press for what a link cannot send.
 */

/** The page, as HTML. It needs nothing from elsewhere; its links are relative, so they stay within the relay. */
export const INDEX_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>tcpmon demo</title>
<link rel="icon" href="chart.png">
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #222 }
  dt { float: left; clear: left; width: 11rem } dd { margin: 0 0 .4rem 11rem } button { font: inherit }
  pre { background: #f4f4f2; padding: 1rem; min-height: 6rem; white-space: pre-wrap; overflow-wrap: anywhere }
</style>
<h1>tcpmon demo</h1>
<p>You see the demo's backend. If you came through tcpmon's relay, this page is in its log already.</p>
<p><img src="chart.png" alt="Five prices as bars" width="160" height="80"></p>
<dl>
  <dt><button data-send="soap">SOAP</button></dt><dd>getQuote of the StockQuote service</dd>
  <dt><button data-send="fault">SOAP Fault</button></dt><dd>a symbol that does not exist</dd>
  <dt><button data-send="events">Events</button></dt><dd>server-sent events, as they come</dd>
  <dt><button data-send="socket">WebSocket</button></dt><dd>an echo</dd>
  <dt><a href="api/quotes">api/quotes</a></dt><dd>JSON, gzip'd; <a href="api/quotes?symbol=IBM,SAP">with a query</a></dd>
  <dt><a href="chunked">chunked</a></dt><dd>three chunks and a trailer</dd>
  <dt><a href="slow?ms=2000">slow?ms=2000</a></dt><dd>an answer after two seconds</dd>
  <dt><a href="old">old</a></dt><dd>a redirect</dd>
  <dt><a href="error">error</a></dt><dd>500; <a href="nothing">nothing</a>: 404</dd>
</dl>
<pre id="shown" aria-live="polite"></pre>
<script>
  const shown = document.getElementById("shown");
  const show = (text) => shown.textContent += text + "\\n";
  const soap = async (symbol) => {
    const answer = await fetch("axis/services/StockQuote", {
      method: "POST",
      headers: { "Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""' },
      body: '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
        "<getQuote><symbol>" + symbol + "</symbol></getQuote></soapenv:Body></soapenv:Envelope>",
    });
    show(answer.status + " " + await answer.text());
  };
  const send = {
    soap: () => soap("IBM"),
    fault: () => soap("NOPE"),
    events: () => {
      const source = new EventSource("events");
      source.addEventListener("price", (event) => show(event.data));
      source.addEventListener("error", () => source.close());
    },
    socket: () => {
      const socket = new WebSocket(new URL("ws", location.href.replace(/^http/, "ws")));
      socket.onopen = () => socket.send("hello through the relay");
      socket.onmessage = (event) => { show(event.data); socket.close(1000); };
    },
  };
  document.addEventListener("click", (event) => {
    const name = event.target.dataset.send;
    if (name) { shown.textContent = ""; send[name](); }
  });
</script>
</html>
`;
