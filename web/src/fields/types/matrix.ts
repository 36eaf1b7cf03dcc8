import { Grid3x3 } from "@lucide/vue";

import type { FieldMeta, Json } from "@/api/types";
import { fmt, t } from "@/i18n";

import type { FieldUi } from "../contract";
import { kindOf, matrixColumns, matrixRows } from "../scale";

/** Chosen columns by row. */
export type Answers = Record<string, string[]>;

const answered = (value: Answers): string[] => Object.keys(value).filter((row) => value[row]?.length);

/** The average score of the answers, as the server keeps it; null where nothing counts. */
export function averageScore(field: FieldMeta, value: Answers): number | null {
  const kind = kindOf(field);
  if (kind === "single" || kind === "multi") return null;
  const scores = new Map(matrixColumns(field).map((column) => [column.id, column.score]));
  const given = answered(value).flatMap((row) => value[row]!.map((column) => scores.get(column) ?? 0));
  return given.length ? Math.round((given.reduce((sum, one) => sum + one, 0) / given.length) * 100) / 100 : null;
}

function listed(json: Json | undefined): string[] {
  const items = Array.isArray(json) ? json : [json];
  return items.flatMap((item) => (typeof item === "string" || typeof item === "number" ? [String(item)] : []));
}

export const matrix: FieldUi<Answers> = {
  type: "matrix",
  label: "fields.type.matrix",
  icon: Grid3x3,
  group: "advanced",
  align: "start",
  cell: "text",
  wide: true,
  composite: true,
  empty: () => ({}),
  fromApi(json, field) {
    if (!json || typeof json !== "object" || Array.isArray(json)) return {};
    const found: Answers = {};
    for (const { id } of matrixRows(field)) {
      const given = listed(json[id]);
      if (given.length) found[id] = given;
    }
    return found;
  },
  toApi(value, field) {
    const rows = answered(value);
    if (!rows.length) return null;
    const kind = kindOf(field);
    const one = (row: string): Json => (kind === "multi" ? value[row]! : kind === "nps" || kind === "csat" ? Number(value[row]![0]) : value[row]![0]!);
    return Object.fromEntries(rows.map((row) => [row, one(row)]));
  },
  blank: (value) => answered(value).length === 0,
  equal(a, b) {
    const rows = new Set([...answered(a), ...answered(b)]);
    return [...rows].every((row) => [...(a[row] ?? [])].sort().join() === [...(b[row] ?? [])].sort().join());
  },
  text(field, value) {
    const average = averageScore(field, value);
    const columns = new Map(matrixColumns(field).map((column) => [column.id, column.label]));
    const parts = matrixRows(field)
      .filter((row) => value[row.id]?.length)
      .map((row) => t("fields.matrix.answer", { row: row.label, answer: value[row.id]!.map((id) => columns.get(id) ?? id).join(t("fields.listJoin")) }));
    if (average !== null && parts.length > 1) parts.unshift(t("fields.matrix.average", { score: fmt.number(String(average)) }));
    return parts.join(" · ");
  },
  check(field, value) {
    const missing = field.options?.all_rows && answered(value).length ? matrixRows(field).find((row) => !value[row.id]?.length) : undefined;
    return missing ? t("fields.matrix.missing", { row: missing.label }) : null;
  },
  operand: (operator) => (operator.startsWith("has_") ? "choices" : operator === "blank" || operator === "not_blank" ? "none" : "number"),
  words: (_field, _operator, value) => (typeof value === "object" ? null : String(value)),
};
