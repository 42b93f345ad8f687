/**
 * What the demo's backend knows: a few share prices, as the StockQuote service did that came with Apache Axis.
 */

/** One share. */
export interface Quote {
  /** In capitals. */
  readonly symbol: string;
  /** The company. */
  readonly name: string;
  /** In US dollars. */
  readonly price: number;
}

/** All of them. `XXX` at 55.25 is the one that Axis's own sample answered without asking anyone. */
export const QUOTES: readonly Quote[] = [
  { symbol: "AAPL", name: "Apple", price: 271.49 },
  { symbol: "IBM", name: "International Business Machines", price: 297.44 },
  { symbol: "ORCL", name: "Oracle", price: 198.76 },
  { symbol: "SAP", name: "SAP SE · Walldorf", price: 239.88 },
  { symbol: "XXX", name: "The Axis Sample", price: 55.25 },
];

/** The share of that symbol, in any case; `undefined` where there is none. */
export function findQuote(symbol: string): Quote | undefined {
  const wanted = symbol.trim().toUpperCase();
  return QUOTES.find((quote) => quote.symbol === wanted);
}
