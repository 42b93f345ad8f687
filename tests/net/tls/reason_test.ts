import assert from "node:assert/strict";
import { clientTlsReason, explained, tlsReason } from "../../../src/net/tls/reason.ts";

const told: readonly (readonly [string, RegExp])[] = [
  ["invalid peer certificate: UnknownIssuer", /authority that is not trusted; .*--ca FILE/],
  ["self-signed certificate in certificate chain", /authority that is not trusted/],
  [
    'invalid peer certificate: certificate not valid for name "a.example"; ' +
    'certificate is only valid for DnsName("b.example") or IpAddress(127.0.0.1)',
    /not for a\.example, but for b\.example or 127\.0\.0\.1; /,
  ],
  [
    "Hostname/IP does not match certificate's altnames: Host: a.example. is not in the cert's altnames: DNS:b.example",
    /not for a\.example, but for b\.example; /,
  ],
  ["invalid peer certificate: certificate expired: verification time 5 (UNIX)", /a\.example has expired/],
  ["invalid peer certificate: certificate not valid yet: verification time 5", /not valid yet/],
  ["invalid peer certificate: Revoked", /is refused \(Revoked\)/],
  ["received corrupt message of type InvalidContentType", /does not speak TLS/],
  ["received fatal alert: CertificateRequired", /wants a client certificate; .*--client-cert FILE/],
  ["received fatal alert: HandshakeFailure", /may want a client certificate/],
  ["received fatal alert: ProtocolVersion", /no TLS version or cipher suite in common/],
  ["received fatal alert: InternalError", /ended TLS with the alert InternalError/],
  ["tls handshake eof", /closed the connection during the TLS handshake/],
];

for (const [text, reason] of told) {
  Deno.test(`"${text.slice(0, 60)}" is told in words`, () => {
    assert.match(tlsReason(new Deno.errors.InvalidData(text), "a.example"), reason);
    assert.match((explained(new Deno.errors.InvalidData(text), "a.example") as Error).message, reason);
  });
}

Deno.test("an error of the network stays what it is", () => {
  const error = new Deno.errors.ConnectionReset("x");
  assert.equal(explained(error, "a.example"), error);
  assert.equal(tlsReason(error, "a.example"), "connection reset by peer");
});

Deno.test("a reason is one line, whatever the error says", () => {
  for (const text of ["", "odd", "received fatal alert: "]) {
    for (const reason of [tlsReason, clientTlsReason]) {
      assert.doesNotMatch(reason(new Deno.errors.InvalidData(text), "a.example"), /[\r\n]/);
    }
  }
});
