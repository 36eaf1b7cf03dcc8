import type { FieldMeta, Filter } from "@/api/types";
import { t, type Key } from "@/i18n";

import { isResult } from "./results";

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
  under: "fields.op.under",
  near: "fields.op.near",
  overlaps: "fields.op.overlaps",
  inside: "fields.op.inside",
  covers: "fields.op.covers",
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
  within: "fields.op.on",
};

/** What people choose from: the likeliest first; a date "is" also a span, so its own operator for spans is not asked. */
export function offeredOperators(operators: readonly string[]): string[] {
  const offered = operators.filter((operator) => operator !== "within");
  return offered.includes("contains") ? ["contains", ...offered.filter((operator) => operator !== "contains")] : offered;
}

/** The filter with a date's operator for spans written as the one people choose; it means the same. */
export function asOffered(filter: Filter): Filter {
  if (!Array.isArray(filter)) return filter;
  const [head, ...rest] = filter;
  if (head === "and" || head === "or" || head === "not") return [head, ...rest.map(asOffered)];
  return head === "within" ? ["=", ...rest] : filter;
}

/** A person, a choice, a yes or no "is" or "is not" something; only figures and texts are equal to it. */
const THING_WORDS: Record<string, Key> = { "=": "fields.op.on", "<>": "fields.op.notOn" };
const THINGS = new Set(["select", "radio", "cascader", "user", "dept", "department", "link_one", "switch"]);

const wordsOf = (type: string): Record<string, Key> =>
  type === "date" || type === "datetime" || type === "time" ? DATE_WORDS : THINGS.has(type) ? THING_WORDS : WORDS;

/** A comparison in words that fit the type. */
export function operatorLabel(operator: string, type: string): string {
  const key = wordsOf(type)[operator] ?? WORDS[operator];
  return key ? t(key) : operator;
}

/** Type whose controls and words serve the field in a filter: a formula behaves like its result. */
export function comparedAs(field: FieldMeta): FieldMeta {
  if (!isResult(field)) return field;
  const options = field.options ?? {};
  const result = options.options ? "select" : options.currency ? "currency" : String(options.result ?? "text");
  return { ...field, type: result === "boolean" ? "switch" : result };
}
