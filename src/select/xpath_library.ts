/**
 * The `xpath` package, put right in three places: it looked for each node of a set among all others, which takes
 * minutes on a large document; it went on from a node as often as it had come to it; and it found names without a
 * prefix only where the document writes none.
 */
// @ts-types="./xpath_types.d.ts"
import xpath from "xpath";

const sets = xpath.XNodeSet.prototype;
sets.addArray = function (nodes) {
  this.nodes = [...new Set(this.nodes.concat(nodes))];
  this.size = this.nodes.length;
  this.tree = null;
};

const applySteps = xpath.PathExpr.applySteps;
xpath.PathExpr.applySteps = (steps, context, nodes) => {
  let found = nodes;
  for (const step of steps) found = [...new Set(applySteps([step], context, found))];
  return found;
};

xpath.NodeTest.hasPrefix = () => false;

export default xpath;
