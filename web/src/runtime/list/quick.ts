import type { FieldMeta, Filter, Json } from "@/api/types";
import { comparedAs } from "@/fields/operators";
import { fieldType } from "@/fields/registry";

const PREFERRED = ["has_any", "in", "contains", "overlaps", "between", "="];
/** Lists one would have to type. */
const TYPED = new Set(["texts", "durations"]);

/** The comparison a quick filter makes: one of several for choices, part of a text, a span of dates or figures. */
export function quickOperator(field: FieldMeta): string | undefined {
  if (field.type === "switch") return field.operators.includes("=") ? "=" : undefined;
  const ui = fieldType(comparedAs(field).type);
  return PREFERRED.find((operator) => field.operators.includes(operator) && !(operator === "in" && TYPED.has(ui.operand("in"))));
}

const parts = (filter: Filter): Json[] => (filter === null ? [] : Array.isArray(filter) && filter[0] === "and" ? filter.slice(1) : [filter]);
const isThis = (part: Json, field: string, operator: string): boolean => Array.isArray(part) && part[0] === operator && part[1] === field;

/** What a filter says of a field by a comparison; null when nothing. */
export function quickValue(filter: Filter, field: string, operator: string): Json {
  const found = parts(filter).find((part) => isThis(part, field, operator));
  return Array.isArray(found) ? (found[2] ?? null) : null;
}

const blank = (value: Json): boolean => value === null || value === "" || (Array.isArray(value) && (!value.length || value.every((one) => one === null)));

/** The filter with one comparison set, or taken away. */
export function withQuick(filter: Filter, field: string, operator: string, value: Json): Filter {
  const rest = parts(filter);
  const at = rest.findIndex((part) => isThis(part, field, operator));
  const next: Json[] = blank(value) ? rest.filter((_, index) => index !== at) : at < 0 ? [...rest, [operator, field, value]] : rest.with(at, [operator, field, value]);
  return next.length === 0 ? null : next.length === 1 ? next[0]! : ["and", ...next];
}
