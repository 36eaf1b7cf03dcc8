/**
 * The filter tree people build (`["and", f, ...]`, `[operator, path, value]`) as editable nodes and back. Parts a person
 * cannot build here (`expr`, `not`, `mine`) are kept as they are and shown as fixed.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Filter = Json;

export interface Rule {
  kind: "rule";
  id: number;
  field: string;
  operator: string;
  value: Json;
}
export interface Group {
  kind: "group";
  id: number;
  join: "and" | "or";
  items: Node[];
}
export interface Fixed {
  kind: "fixed";
  id: number;
  filter: Filter;
}
export type Node = Rule | Group | Fixed;

export interface FilterField {
  key: string;
  label: string;
  type: string;
  operators: readonly string[];
}

const UNARY = new Set(["blank", "not_blank"]);
let counter = 0;
const nextId = (): number => (counter += 1);

export const needsValue = (operator: string): boolean => !UNARY.has(operator);

export const newRule = (field: string, operator: string): Rule => ({ kind: "rule", id: nextId(), field, operator, value: null });
export const newGroup = (join: "and" | "or" = "and", items: Node[] = []): Group => ({ kind: "group", id: nextId(), join, items });

function nodeOf(filter: Filter): Node {
  if (!Array.isArray(filter) || typeof filter[0] !== "string") return { kind: "fixed", id: nextId(), filter };
  const [head, ...rest] = filter;
  if (head === "and" || head === "or") return newGroup(head, rest.map(nodeOf));
  if (head === "not" || head === "expr" || head === "mine" || typeof rest[0] !== "string") return { kind: "fixed", id: nextId(), filter };
  return { kind: "rule", id: nextId(), field: rest[0], operator: head as string, value: rest[1] ?? null };
}

/** The tree as nodes; the outermost is always a group. */
export function parseFilter(filter: Filter): Group {
  if (filter === null || filter === undefined) return newGroup();
  const node = nodeOf(filter);
  return node.kind === "group" ? node : newGroup("and", [node]);
}

/** Nothing to compare with yet; a range with one end is not a range. */
const blank = (value: Json): boolean =>
  value === null || value === "" || (Array.isArray(value) && (!value.length || value.some((item) => item === null || item === "")));

function filterOf(node: Node): Filter | undefined {
  if (node.kind === "fixed") return node.filter;
  if (node.kind === "rule") {
    if (!node.field || !node.operator) return undefined;
    if (!needsValue(node.operator)) return [node.operator, node.field];
    return blank(node.value) ? undefined : [node.operator, node.field, node.value];
  }
  const parts = node.items.flatMap((item) => {
    const part = filterOf(item);
    return part === undefined ? [] : [part];
  });
  if (!parts.length) return undefined;
  return parts.length === 1 ? parts[0] : [node.join, ...parts];
}

/** Nodes back to a tree: half-filled rules are left out, null when nothing is left. */
export function buildFilter(group: Group): Filter {
  return filterOf(group) ?? null;
}

/** Complete rules in the tree, for the number on the button. */
export function countRules(filter: Filter): number {
  if (!Array.isArray(filter)) return 0;
  const [head, ...rest] = filter;
  if (head === "and" || head === "or") return rest.reduce<number>((sum, part) => sum + countRules(part), 0);
  return 1;
}
