import type { Json } from "@/api/types";
import { t } from "@/i18n";

export const UNITS = ["day", "week", "month", "quarter", "year"] as const;
export type Unit = (typeof UNITS)[number];

/** `{"last": 30, "unit": "day"}`, `{"next": ..}`, `{"this": "month"}`: spans of the calendar counted from today. */
export interface Relative {
  kind: "last" | "next" | "this";
  count: number;
  unit: Unit;
}

const unitOf = (value: Json | undefined): Unit => UNITS.find((unit) => unit === value) ?? "day";

export function relativeOf(value: Json | undefined): Relative | null {
  if (!value || typeof value !== "object" || Array.isArray(value)) return null;
  if ("this" in value) return { kind: "this", count: 1, unit: unitOf(value.this) };
  for (const kind of ["last", "next"] as const) {
    if (typeof value[kind] === "number") return { kind, count: value[kind], unit: unitOf(value.unit) };
  }
  return null;
}

export function relativeJson({ kind, count, unit }: Relative): Json {
  return kind === "this" ? { this: unit } : { [kind]: count, unit };
}

export function relativeWords(relative: Relative): string {
  if (relative.kind === "this") return t(`fields.this.${relative.unit}`);
  return t(`fields.${relative.kind}.${relative.unit}`, { n: relative.count });
}
