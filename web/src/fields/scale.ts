import type { FieldMeta, Text } from "@/api/types";
import { say } from "@/i18n";

/** The rows and columns of a matrix field. */
export interface Part {
  id: string;
  label: string;
}

export type MatrixKind = "single" | "multi" | "score" | "nps" | "csat";

interface RawPart {
  id: string;
  label?: Text;
  score?: number;
}

const partsOf = (raw: unknown): RawPart[] => (Array.isArray(raw) ? (raw as RawPart[]) : []);

export const kindOf = (field: FieldMeta): MatrixKind => (field.options?.kind as MatrixKind | undefined) ?? "single";

export const matrixRows = (field: FieldMeta): Part[] =>
  partsOf(field.options?.rows).map((row) => ({ id: row.id, label: say(row.label) || row.id }));

/** NPS runs from 0 to 10 and CSAT from 1 to 5, whatever the options say. */
export function matrixColumns(field: FieldMeta): (Part & { score: number })[] {
  const kind = kindOf(field);
  if (kind === "nps" || kind === "csat") {
    const [first, last] = kind === "nps" ? [0, 10] : [1, 5];
    return Array.from({ length: last - first + 1 }, (_, index) => ({ id: String(first + index), label: String(first + index), score: first + index }));
  }
  return partsOf(field.options?.columns).map((column) => ({ id: column.id, label: say(column.label) || column.id, score: column.score ?? 0 }));
}
