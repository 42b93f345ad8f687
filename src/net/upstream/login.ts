/** A proxy upstream that wants to know who asks (RFC 9110 §11.7): what is said of that. */
import type { ResponseHead } from "../../http/head.ts";
import { escaped } from "../address.ts";

/** The status of a proxy that wants a login. */
export const LOGIN_WANTED = 407;
/** How much of a reason phrase an error message repeats, in characters. */
const SHOWN_LENGTH = 60;

/**
 * What a proxy wants, as the rest of a sentence, such as `wants other credentials: 407 Who?`.
 *
 * @param hasLogin Whether it was given one.
 */
export function loginWanted(head: ResponseHead, hasLogin: boolean): string {
  const status = statusText(head);
  if (!offersBasic(head)) return `wants a login other than Basic: ${status}`;
  return hasLogin
    ? `wants other credentials: ${status}`
    : `wants a login, give USER:PASSWORD@ before its host: ${status}`;
}

/** The status and the reason of an answer, fit to be shown. */
export function statusText({ status, reason }: ResponseHead): string {
  return `${status} ${escaped(reason.slice(0, SHOWN_LENGTH))}`.trim();
}

/** Whether Basic is among the ways to log in, or none is told. A field may hold several challenges (RFC 9110 §11.3). */
function offersBasic(head: ResponseHead): boolean {
  const challenges = head.fields.filter(([name]) => name.toLowerCase() === "proxy-authenticate");
  return challenges.length === 0 || challenges.some(([, value]) => /(^|[\s,])basic([\s,]|$)/i.test(value));
}
