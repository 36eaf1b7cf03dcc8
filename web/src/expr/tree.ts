/** The bound, typed tree as the server stores it: names are field ids, operators are calls. */

export type Kind =
  | "text" | "number" | "boolean" | "date" | "datetime" | "duration" | "choice" | "record" | "list" | "file" | "null";

export type Type =
  | Exclude<Kind, "choice" | "record" | "list">
  | { number: number }
  | { choice: readonly (readonly [string, Readonly<Record<string, string>>])[] }
  | { record: string }
  | { list: Type };

export interface Const {
  readonly k: "const";
  readonly t: Type;
  readonly v: string | boolean | number | null;
}

/** A value found by following fields from `root`: "" the record, OLD, USER, PARAM, APP, or a variable's slot. */
export interface Path {
  readonly k: "path";
  readonly t: Type;
  readonly root: string | number;
  readonly ids: readonly string[];
  readonly required?: boolean;
  readonly scale?: number;
}

export interface Call {
  readonly k: "call";
  readonly t: Type;
  readonly f: string;
  readonly a: readonly Tree[];
}

/** A function of the item in `slot`. */
export interface Lambda {
  readonly k: "lambda";
  readonly t: Type;
  readonly slot: number;
  readonly body: Tree;
}

/** `body` with a named value in `slot`. */
interface Let {
  readonly k: "let";
  readonly t: Type;
  readonly slot: number;
  readonly v: Tree;
  readonly body: Tree;
}

export interface Items {
  readonly k: "list";
  readonly t: Type;
  readonly items: readonly Tree[];
}

export type Tree = Const | Path | Call | Lambda | Let | Items;

export function kindOf(type: Type): Kind {
  return typeof type === "string" ? type : (Object.keys(type)[0] as Kind);
}

export function itemOf(type: Type): Type {
  return typeof type === "object" && "list" in type ? type.list : "null";
}

/** Whether a node is a list of records. */
export const isRows = (node: Tree): boolean => kindOf(node.t) === "list" && kindOf(itemOf(node.t)) === "record";

function children(node: Tree): readonly Tree[] {
  if (node.k === "call") return node.a;
  if (node.k === "list") return node.items;
  if (node.k === "lambda") return [node.body];
  return node.k === "let" ? [node.v, node.body] : [];
}

/** This node and all below. */
export function* walk(tree: Tree): Generator<Tree> {
  yield tree;
  for (const child of children(tree)) yield* walk(child);
}
