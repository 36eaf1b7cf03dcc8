/**
 * The expression language in the browser: closures over the tree that the server stores, with the server's answers to
 * the last digit. What cannot be computed here is said beforehand (`supported`), so that a form asks the server instead.
 */
import { Compiler, slotsOf } from "./compile.ts";
import type { Env } from "./env.ts";
import { type Code, Fault, Unsupported } from "./faults.ts";
import type { Tree } from "./tree.ts";
import type { Value } from "./values.ts";

export { Env, type Surroundings, type User } from "./env.ts";
export { type Code, Unsupported } from "./faults.ts";
export type { Tree, Type } from "./tree.ts";
export { type Row, type Value, write } from "./values.ts";

/** What an expression gives: a value (null is blank), or the code of an error. */
export type Result = { readonly value: Value } | { readonly error: Code };

/** A function that evaluates the tree. Raises `Unsupported` for what only the server computes. */
export function evaluator(tree: Tree): (env: Env) => Result {
  const body = new Compiler().argument(tree);
  const slots = slotsOf(tree);
  return (env) => {
    env.begin(slots);
    try {
      return { value: body(env) };
    } catch (error) {
      if (error instanceof Fault) return { error: error.code };
      throw error;
    }
  };
}

/** True, or why only the server can compute a tree. */
export function supported(tree: Tree): true | string {
  try {
    evaluator(tree);
    return true;
  } catch (error) {
    if (error instanceof Unsupported) return error.message;
    throw error;
  }
}
