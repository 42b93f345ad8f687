/** What a request can begin with. */
import { type Draft, EMPTY_DRAFT } from "./draft.ts";

/** A beginning of a request. Where it goes stays as it stands in the editor. */
export interface Template {
  /** What it is. */
  readonly label: string;
  /** The request. */
  readonly draft: Draft;
}

/** An envelope with an empty body; the namespaces are those of SOAP 1.1 §4 and SOAP 1.2 Part 1 §5. */
function envelope(namespace: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="${namespace}">
   <soap:Header/>
   <soap:Body>
      
   </soap:Body>
</soap:Envelope>
`;
}

function post(parts: Partial<Draft>): Draft {
  return { ...EMPTY_DRAFT, method: "POST", ...parts };
}

/** The templates. */
export const TEMPLATES: readonly Template[] = [
  { label: "GET", draft: EMPTY_DRAFT },
  {
    label: "SOAP 1.1",
    draft: post({ soap: "1.1", body: envelope("http://schemas.xmlsoap.org/soap/envelope/") }),
  },
  {
    label: "SOAP 1.2",
    draft: post({ soap: "1.2", body: envelope("http://www.w3.org/2003/05/soap-envelope") }),
  },
  {
    label: "JSON",
    draft: post({ headers: "Content-Type: application/json\nAccept: application/json", body: "{\n  \n}\n" }),
  },
  {
    label: "Form",
    draft: post({
      headers: "Content-Type: application/x-www-form-urlencoded",
      body: "name=value&other=value",
    }),
  },
];
