/** What this project uses of the `xpath` package, whose own declarations would bring in those of the browser. */

/** A value of XPath 1.0. */
export interface Value {
  /** Of a node-set: its nodes, unordered. */
  nodes?: unknown[];
  /** Of a node-set: how many nodes it has. */
  size?: number;
  /** The value as `string()` gives it. */
  stringValue(): string;
  /** The value as `boolean()` gives it. */
  booleanValue(): boolean;
}

/** How an expression is to be evaluated. */
export interface Options {
  /** The context node. */
  readonly node: unknown;
  /** Gives the namespace of a prefix. */
  readonly namespaces: (prefix: string) => string;
  /** Whether a name without a prefix stands for that name in any namespace. */
  readonly allowAnyNamespaceForNoPrefix: boolean;
  /** Whether names are those of HTML. */
  readonly isHtml: boolean;
}

/** The package. */
declare const xpath: {
  parse(expression: string): { evaluate(options: Options): Value };
  readonly XNodeSet: {
    readonly prototype: {
      nodes: unknown[];
      size: number;
      tree: unknown;
      addArray(nodes: unknown[]): void;
      stringForNode(node: unknown): string;
    };
  };
  readonly XNumber: { readonly prototype: object };
  readonly XBoolean: { readonly prototype: object };
  readonly PathExpr: {
    applySteps(steps: unknown[], context: unknown, nodes: unknown[]): unknown[];
  };
  readonly NodeTest: { hasPrefix(node: unknown): boolean };
};
export default xpath;
