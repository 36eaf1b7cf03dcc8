/** What an entry of the function table is; one module per group fills it. */
import type { Env } from "./env.ts";
import type { Call, Lambda, Tree } from "./tree.ts";
import type { Value } from "./values.ts";

export type Fn = (env: Env) => Value;
export type Items = (env: Env) => readonly Value[];
export type Run = (...values: never[]) => Value;

/** What a function that builds its own closure may ask for. */
export interface Builder {
  /** The value of a node as it is. */
  value(node: Tree): Fn;
  /** The value with numbers cut to 12 decimals. */
  argument(node: Tree): Fn;
  /** The items of a list. */
  items(node: Tree): Items;
  /** A function of one item: its slot and its body, numbers cut. */
  lambda(node: Tree): { slot: number; body: Fn };
}

/**
 * `blank` says what a blank argument does: `propagate` (the default) makes the result blank, `text` reads blank text
 * as empty text and gives blank for empty text, `own` hands blanks on. `raw` wants numbers not cut to 12 decimals,
 * `env` the environment as first argument. `scale` is the most decimals a result has, 12 unless told. `form` builds the
 * closure, and may refuse a call with `Unsupported`.
 */
export interface Entry {
  readonly run?: Run;
  readonly form?: (build: Builder, node: Call) => Fn;
  readonly blank?: "propagate" | "text" | "own";
  readonly env?: boolean;
  readonly raw?: boolean;
  readonly scale?: (scales: readonly number[]) => number;
}

export type Table = Readonly<Record<string, Entry>>;

export const largest = (scales: readonly number[]): number => Math.max(...scales);

export function lambdaOf(node: Tree): Lambda {
  if (node.k !== "lambda") throw new TypeError("a function of items is wanted");
  return node;
}
