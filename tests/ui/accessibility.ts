/** What axe-core finds wrong with a page. */
import axe from "axe-core";
import type { Visitor } from "./visitor.ts";

/** The rules of WCAG 2.2 AA, and good practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

interface Found {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/**
 * What is wrong with the page as it stands, or with a part of it. The page's policy lets no script in by way of the
 * document: axe comes, once for each document, by that of the debugger.
 * @param part A selector; absent: all of the page.
 */
export async function findings(visitor: Visitor, part?: string): Promise<string[]> {
  if (await visitor.ask(`typeof axe === "undefined"`)) await visitor.ask(axe.source);
  const { violations } = await visitor.ask<Found>(
    `axe.run(${part === undefined ? "document" : JSON.stringify(part)},
      { runOnly: ${JSON.stringify(RULES)}, resultTypes: ["violations"] })`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary}`)
  );
}
