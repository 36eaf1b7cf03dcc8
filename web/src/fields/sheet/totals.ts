import type { FieldMeta } from "@/api/types";
import { t } from "@/i18n";
import { addDecimals, compareDecimals, parseDecimal } from "@/kit/decimals";

import type { FieldContext } from "../contract";
import { textOf } from "../registry";
import { isResult } from "../results";

export type Total = "sum" | "avg" | "min" | "max" | "count" | "none";
const TOTALS: readonly string[] = ["sum", "avg", "min", "max", "count", "none"];

const counts = (column: FieldMeta): boolean =>
  ["number", "currency"].includes(column.type) || (isResult(column) && column.options?.result === "number");

/** What stands below a column: as designed, else the sum of numbers and amounts. */
export function totalOf(subtable: FieldMeta, column: FieldMeta): Total {
  const designed = (subtable.options?.totals as Record<string, string> | undefined)?.[column.id];
  if (designed && TOTALS.includes(designed)) return designed as Total;
  return counts(column) && column.level !== "masked" ? "sum" : "none";
}

const DIGITS = 12;

/** A quotient of a decimal and a count, to the scale of the column and two digits more. */
function quotient(sum: string, n: number, scale: number): string {
  const digits = Math.min(DIGITS, scale + 2);
  const [whole = "0", fraction = ""] = sum.replace("-", "").split(".");
  const scaled = BigInt(whole + fraction.padEnd(digits, "0").slice(0, digits));
  const [count, ten] = [BigInt(n), 10n ** BigInt(digits)];
  const result = (scaled * 2n + count) / (count * 2n);
  const text = `${result / ten}.${String(result % ten).padStart(digits, "0")}`.replace(/\.?0+$/, "");
  return sum.startsWith("-") && result ? `-${text}` : text;
}

/** The figure below a column, written like its values; empty where there is nothing to say. */
export function totalText(total: Total, column: FieldMeta, values: Iterable<unknown>, ctx: FieldContext): string {
  if (total === "none") return "";
  let [n, sum] = [0, "0"];
  let least: string | null = null;
  let most: string | null = null;
  for (const value of values) {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) continue;
    if (total === "count") {
      n += 1;
      continue;
    }
    const number = parseDecimal(String(value));
    if (number === null) continue;
    n += 1;
    if (total === "sum" || total === "avg") sum = addDecimals(sum, number);
    if (least === null || compareDecimals(number, least) < 0) least = number;
    if (most === null || compareDecimals(number, most) > 0) most = number;
  }
  if (total === "count") return t("fields.total.count", { n });
  if (!n) return "";
  if (total === "sum") return textOf(column, sum, ctx);
  if (total === "avg") return t("fields.total.avg", { value: textOf(column, quotient(sum, n, Number(column.options?.scale ?? 2)), ctx) });
  return t(total === "min" ? "fields.total.min" : "fields.total.max", { value: textOf(column, (total === "min" ? least : most) ?? "", ctx) });
}
