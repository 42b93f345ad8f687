/** Documents that several tests of paths use. */

/** SOAP 1.1, with prefixes of its own and a default namespace inside. */
export const SOAP = `<?xml version="1.0" encoding="utf-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
  <soapenv:Header/>
  <soapenv:Body>
    <GetQuoteResponse xmlns="urn:quotes" id="q1">
      <symbol>AAA</symbol><price currency='EUR'>34.50</price>
      <!-- delayed --><note><![CDATA[a < b]]> &amp; c</note>
    </GetQuoteResponse>
  </soapenv:Body>
</soapenv:Envelope>
`;
