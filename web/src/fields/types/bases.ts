import type { FieldMeta, Json } from "@/api/types";
import { fmt, t } from "@/i18n";
import { compareDecimals, parseDecimal, scaleOf, shift } from "@/kit/decimals";

import type { FieldUi, OperandKind } from "../contract";
import { boundOption, numberOption, textOption } from "../options";

const BLANK = new Set(["blank", "not_blank"]);
const LISTS = new Set(["in", "not_in", "has_any", "has_all", "has_none"]);

export const isList = (operator: string): boolean => LISTS.has(operator);

/** Operand of a type whose single value is edited as `one` and a list of them as `many`. */
export function operandOf(one: OperandKind, many: OperandKind): (operator: string) => OperandKind {
  return (operator) => (BLANK.has(operator) ? "none" : LISTS.has(operator) ? many : one);
}

type Traits<V> = Omit<FieldUi<V>, "type" | "label" | "icon" | "group">;

const asText = (json: Json | undefined): string | null =>
  json === null || json === undefined || json === "" ? null : typeof json === "string" ? json : String(json);

/** Single-line and longer text; also whatever is kept as one text. */
export const textual: Traits<string | null> = {
  align: "start",
  cell: "text",
  empty: () => null,
  fromApi: asText,
  toApi: (value) => (value === null || value === "" ? null : value),
  blank: (value) => value === null || value.trim() === "",
  equal: (a, b) => (a ?? "") === (b ?? ""),
  text: (_field, value) => value ?? "",
  check(field, value) {
    const max = numberOption(field, "max_length");
    if (value && max !== undefined && [...value].length > max) return t("fields.check.tooLong", { max });
    return null;
  },
  operand: operandOf("text", "texts"),
};

/** Bounds are texts of exact decimals; `outward` turns them into what the person types. */
function checkNumber(field: FieldMeta, value: string | null, scale: number, percent: boolean): string | null {
  if (value === null || value === "") return null;
  const shown = (text: string): string => (percent ? `${fmt.number(shift(text, 2))}%` : fmt.number(text));
  if (parseDecimal(value) !== value) return t("fields.check.number", { value });
  const decimals = scaleOf(percent ? shift(value, 2) : value);
  if (decimals > scale) return scale ? t("fields.check.scale", { n: scale }) : t("fields.check.whole");
  const min = boundOption(field, "min");
  const max = boundOption(field, "max");
  if (min !== undefined && compareDecimals(value, min) < 0) return t("fields.check.min", { min: shown(min) });
  if (max !== undefined && compareDecimals(value, max) > 0) return t("fields.check.max", { max: shown(max) });
  return null;
}

export const scaleOption = (field: FieldMeta, otherwise: number): number => numberOption(field, "scale") ?? otherwise;

/** Decimals: kept as texts, so that every digit survives. */
export function numeric(defaults: { scale: number; percent?: boolean }): Traits<string | null> {
  return {
    align: "end",
    cell: "text",
    empty: () => null,
    fromApi(json) {
      const text = asText(json);
      return text === null ? null : (parseDecimal(text) ?? text);
    },
    toApi: (value) => (value === null || value === "" ? null : value),
    blank: (value) => value === null || value === "",
    equal(a, b) {
      if (a === null || b === null || a === "" || b === "") return (a || null) === (b || null);
      const [left, right] = [parseDecimal(a), parseDecimal(b)];
      return left !== null && right !== null ? compareDecimals(left, right) === 0 : a === b;
    },
    text(field, value) {
      if (value === null || value === "" || parseDecimal(value) === null) return value ?? "";
      const scale = scaleOption(field, defaults.scale);
      if (defaults.percent) return `${fmt.number(shift(value, 2), { minimumFractionDigits: 0, maximumFractionDigits: scale })}%`;
      const digits = { minimumFractionDigits: scale, maximumFractionDigits: Math.max(scale, scaleOf(value)) };
      const currency = textOption(field, "currency");
      if (field.type === "currency" || currency)
        return fmt.number(value, { ...digits, style: "currency", currency: currency || "CNY", currencyDisplay: "narrowSymbol" });
      const unit = textOption(field, "unit");
      const number = fmt.number(value, { ...digits, useGrouping: field.options?.grouping !== false });
      return unit ? `${number} ${unit}` : number;
    },
    check: (field, value) => checkNumber(field, value, scaleOption(field, defaults.scale), defaults.percent ?? false),
    operand: operandOf("number", "texts"),
  };
}

/** One id: a person or a record. */
export const reference: Traits<string | null> = {
  align: "start",
  cell: "link",
  empty: () => null,
  fromApi(json) {
    if (json && typeof json === "object" && !Array.isArray(json)) return typeof json.id === "string" ? json.id : null;
    return asText(json);
  },
  toApi: (value) => value || null,
  blank: (value) => !value,
  equal: (a, b) => (a || null) === (b || null),
  text: (field, value, ctx) => (value ? (ctx.label(field, value) ?? value) : ""),
  check: () => null,
  operand: operandOf("lookup", "lookups"),
};

const idsOf = (json: Json | undefined): string[] =>
  Array.isArray(json)
    ? json.flatMap((item) => {
        if (typeof item === "string") return [item];
        return item && typeof item === "object" && !Array.isArray(item) && typeof item.id === "string" ? [item.id] : [];
      })
    : [];

/** Several ids, in order. */
export const references: Traits<string[]> = {
  align: "start",
  cell: "links",
  empty: () => [],
  fromApi: idsOf,
  toApi: (value) => value,
  blank: (value) => value.length === 0,
  equal: (a, b) => a.length === b.length && a.every((item, index) => item === b[index]),
  text: (field, value, ctx) => value.map((id) => ctx.label(field, id) ?? id).join(", "),
  check: () => null,
  operand: operandOf("lookups", "lookups"),
};
