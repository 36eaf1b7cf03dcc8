/** Trees as the rules use them: compiled once, and known to be the server's where a value is not at hand. */
import { type Env, type Result, type Tree, Unsupported, evaluator } from "../expr/index.ts";
import { walk } from "../expr/tree.ts";

const compiled = new WeakMap<Tree, ((env: Env) => Result) | null>();

/** The function of a tree; null when only the server computes it. */
function evaluating(tree: Tree): ((env: Env) => Result) | null {
  let found = compiled.get(tree);
  if (found === undefined) {
    try {
      found = evaluator(tree);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      found = null;
    }
    compiled.set(tree, found);
  }
  return found;
}

/** The result of a tree, or null where the server is needed. */
export function evaluate(tree: Tree, env: Env): Result | null {
  const run = evaluating(tree);
  if (!run) return null;
  try {
    return run(env);
  } catch (error) {
    if (error instanceof Unsupported) return null;
    throw error;
  }
}

const asking = new WeakMap<Tree, readonly string[]>();

/** Fields of the person a tree reads (`USER.phone`). */
export function personReads(tree: Tree): readonly string[] {
  let found = asking.get(tree);
  if (!found) {
    found = [...walk(tree)].flatMap((node) => (node.k === "path" && node.root === "USER" && node.ids.length ? [node.ids[0]!] : []));
    asking.set(tree, found);
  }
  return found;
}
