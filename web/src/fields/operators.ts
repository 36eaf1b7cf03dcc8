import type { FieldMeta } from "@/api/types";
import { t, type Key } from "@/i18n";

const WORDS: Record<string, Key> = {
  "=": "fields.op.eq",
  "<>": "fields.op.ne",
  "<": "fields.op.lt",
  "<=": "fields.op.le",
  ">": "fields.op.gt",
  ">=": "fields.op.ge",
  between: "fields.op.between",
  in: "fields.op.in",
  not_in: "fields.op.notIn",
  contains: "fields.op.contains",
  not_contains: "fields.op.notContains",
  starts_with: "fields.op.startsWith",
  ends_with: "fields.op.endsWith",
  has_any: "fields.op.hasAny",
  has_all: "fields.op.hasAll",
  has_none: "fields.op.hasNone",
  blank: "fields.op.blank",
  not_blank: "fields.op.notBlank",
};

const DATE_WORDS: Record<string, Key> = {
  "=": "fields.op.on",
  "<>": "fields.op.notOn",
  "<": "fields.op.before",
  "<=": "fields.op.until",
  ">": "fields.op.after",
  ">=": "fields.op.since",
};

/** A comparison in words that fit the type. */
export function operatorLabel(operator: string, type: string): string {
  const key = (type === "date" || type === "datetime" ? DATE_WORDS[operator] : undefined) ?? WORDS[operator];
  return key ? t(key) : operator;
}

/** Type whose controls and words serve the field in a filter: a formula behaves like its result. */
export function comparedAs(field: FieldMeta): FieldMeta {
  if (field.type !== "formula") return field;
  const result = String(field.options?.result ?? "text");
  return { ...field, type: result === "boolean" ? "switch" : result };
}
