import type { FieldMeta, GroupItem, Json } from "@/api/types";
import type { FieldContext } from "@/fields/contract";
import { textOf } from "@/fields/registry";
import { fmt, t } from "@/i18n";

/** Totals a column may have; the key of each is also that of its word. */
export function totalsOf(field: FieldMeta): string[] {
  const known = (field.aggregates ?? []).filter((one) => one !== "count");
  return known.length || field.operators.length ? [...known, "filled", "blank"] : [];
}

const COUNTED = new Set(["count", "distinct", "filled", "blank"]);
const SCALE = 2;

/** A total as people read it: figures like the values of the column, how many as a plain number. */
export function totalText(field: FieldMeta, total: string, value: Json | undefined, ctx: FieldContext): string {
  if (value === null || value === undefined) return "—";
  if (COUNTED.has(total)) return fmt.number(String(value));
  if (total === "avg") return textOf(field, rounded(String(value), Number(field.options?.scale ?? SCALE)), ctx);
  return textOf(field, value, ctx);
}

/** An average has more digits than anybody reads; it is cut at the scale of its column, the rest rounded. */
function rounded(text: string, scale: number): string {
  const [whole = "0", part = ""] = text.split(".");
  if (part.length <= scale) return text;
  const digits = BigInt(`${whole.replace("-", "")}${part.slice(0, scale)}`) + (part.charCodeAt(scale) >= 53 ? 1n : 0n);
  const padded = digits.toString().padStart(scale + 1, "0");
  const cut = padded.length - scale;
  return `${whole.startsWith("-") ? "-" : ""}${padded.slice(0, cut)}${scale ? `.${padded.slice(cut)}` : ""}`;
}

/** Name of a group: its value as a cell shows it, its period in words, or that there is none. */
export function groupText(field: FieldMeta, item: GroupItem, value: Json, ctx: FieldContext): string {
  if (value === null || value === "") return t("grid.blankGroup");
  if (!item.grain || typeof value !== "string") return textOf(field, value, ctx);
  const [year = "", month = ""] = value.split("-");
  switch (item.grain) {
    case "year":
      return t("grid.inYear", { year });
    case "quarter":
      return t("grid.inQuarter", { year, quarter: String(Math.ceil(Number(month) / 3)) });
    case "month":
      return `${year}-${month}`;
    case "week":
      return t("grid.inWeek", { day: value });
  }
  return value;
}
