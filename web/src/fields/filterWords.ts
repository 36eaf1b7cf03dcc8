import type { FieldMeta, Filter, Json } from "@/api/types";
import { say, t, type Key } from "@/i18n";

import type { FieldContext } from "./contract";
import { comparedAs, operatorLabel } from "./operators";
import { fieldType } from "./registry";
import { relativeOf, relativeWords } from "./relative";

function operandWords(field: FieldMeta, value: Json, ctx: FieldContext): string {
  if (value === null) return "";
  if (value === "@me") return t("fields.me");
  if (value === "@my_department") return t("fields.myDepartment");
  const relative = relativeOf(value);
  if (relative) return relativeWords(relative);
  const plain = comparedAs(field);
  const ui = fieldType(plain.type);
  const many = Array.isArray(ui.empty(plain));
  return ui.text({ ...plain, level: "read" }, ui.fromApi(many ? [value] : value, plain), ctx);
}

function ruleWords(filter: Json[], fields: readonly FieldMeta[], ctx: FieldContext): string {
  const [operator, path, value] = filter as [string, Json, Json | undefined];
  const field = fields.find((candidate) => candidate.key === path || candidate.id === path);
  if (!field) return t("fields.unknownCondition", { name: String(path) });
  const words = `${say(field.label)} ${operatorLabel(operator, comparedAs(field).type)}`;
  if (value === undefined || value === null) return words;
  const dated = field.type === "datetime" && typeof value === "string" && value.length === 10;
  const own = fieldType(field.type).words?.(field, operator, value, ctx);
  if (own) return `${words} ${own}`;
  const operand = Array.isArray(value)
    ? value.map((item) => operandWords(field, item, ctx)).join(operator === "between" ? " – " : t("fields.listJoin"))
    : dated
      ? value
      : operandWords(field, value, ctx);
  return `${words} ${operand}`;
}

/** What whoever looks has marked. */
const MARKS: Record<string, Key> = { "@unread": "mine.unread", "@favourite": "mine.favourite", "@visited": "mine.visited" };

/** A filter as a sentence: `阶段 是 谈判 且 金额 ≥ ¥500,000.00`. */
export function filterWords(filter: Filter, fields: readonly FieldMeta[], ctx: FieldContext, nested = false): string {
  if (!Array.isArray(filter) || !filter.length) return "";
  const [head, ...rest] = filter;
  if (head === "and" || head === "or") {
    const joined = rest
      .map((part) => filterWords(part, fields, ctx, true))
      .filter(Boolean)
      .join(` ${t(head === "and" ? "fields.and" : "fields.or")} `);
    return nested && rest.length > 1 ? `(${joined})` : joined;
  }
  if (head === "not") return t("fields.not", { text: filterWords(rest[0] ?? null, fields, ctx, true) });
  if (head === "expr") return String(rest[0] ?? "");
  const mark = head === "mine" ? MARKS[String(rest[0])] : undefined;
  if (mark) return t(mark);
  return ruleWords(filter, fields, ctx);
}

/** The parts a person can take off one by one: the conditions that must all hold, else the whole. */
export function filterParts(filter: Filter): Filter[] {
  if (!Array.isArray(filter) || !filter.length) return [];
  return filter[0] === "and" ? filter.slice(1) : [filter];
}

/** The filter without one of its parts. */
export function withoutPart(filter: Filter, index: number): Filter {
  const rest = filterParts(filter).filter((_, at) => at !== index);
  return rest.length === 0 ? null : rest.length === 1 ? rest[0]! : ["and", ...rest];
}
