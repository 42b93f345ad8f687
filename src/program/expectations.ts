/** What a user expects of a response, `--expect-status` and `--expect`, read at the start and checked at its end. */
import { displayText } from "../capture/charset.ts";
import { contentOf } from "../capture/content.ts";
import type { ExchangeRecord } from "../capture/record.ts";
import { UsageError } from "../cli/usage_error.ts";
import { fieldValue } from "../http/head.ts";
import { quoted } from "../net/address.ts";

/** What is expected, as written. */
export interface ExpectationTexts {
  /** Statuses, such as `200,204` or `2xx`. */
  readonly expectStatus?: string;
  /** JSONPath or XPath, alone or with an operator and a value. */
  readonly expect: readonly string[];
}

/** Looks at an exchange. @returns What is not as expected, in one line; `undefined`: nothing. */
export type Check = (exchange: ExchangeRecord) => string | undefined;

/**
 * Reads what is expected.
 *
 * @param maxBodyBytes How much of a body was kept, and is decoded.
 * @returns `undefined` where nothing is expected.
 * @throws {UsageError} where it cannot be read (as rejection).
 */
export async function readExpectations(
  { expectStatus, expect }: ExpectationTexts,
  maxBodyBytes: number,
): Promise<Check | undefined> {
  const checks: Check[] = expectStatus === undefined ? [] : [statusCheck(expectStatus)];
  if (expect.length > 0) {
    // Only here are the readers of paths needed, which are large.
    const { parseExpectation } = await import("../select/expectation.ts");
    const { SelectError } = await import("../select/select_error.ts");
    for (const text of expect) {
      try {
        const expectation = parseExpectation(text);
        checks.push((exchange) => {
          const { ok, found } = expectation.check(bodyText(exchange, maxBodyBytes));
          return ok ? undefined : `expected ${expectation.source}, found ${found}`;
        });
      } catch (error) {
        throw error instanceof SelectError ? new UsageError(`cannot read --expect: ${error.message}`) : error;
      }
    }
  }
  if (checks.length === 0) return undefined;
  return (exchange) => {
    for (const check of checks) {
      const complaint = check(exchange);
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  };
}

function statusCheck(text: string): Check {
  const wanted = text.split(",").map((part) => part.trim().toLowerCase());
  const wrong = wanted.find((part) => !/^[0-9](?:[0-9]{2}|xx)$/.test(part));
  if (wrong !== undefined) {
    throw new UsageError(
      `cannot read --expect-status: found ${quoted(wrong)}, wanted statuses such as 200,204 or 2xx`,
    );
  }
  return ({ response }) => {
    const status = String(response?.head.status ?? "no response");
    const isFine = wanted.some((part) =>
      status.length === 3 && (part === status || (part.endsWith("xx") && part[0] === status[0]))
    );
    return isFine ? undefined : `expected the status ${wanted.join(" or ")}, found ${status}`;
  };
}

function bodyText({ response }: ExchangeRecord, maxBodyBytes: number): string {
  if (response === undefined) return "";
  const bytes = contentOf(response, maxBodyBytes)?.bytes ?? response.body.kept;
  return displayText(bytes, fieldValue(response.head.fields, "content-type")) ?? "";
}
