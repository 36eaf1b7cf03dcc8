import type { AppModel } from "@/api/metadata";
import type { FieldMeta, Labels } from "@/api/types";

export function mergeLabels(into: Labels, more: Labels | undefined): Labels {
  if (!more) return into;
  const merged: Labels = { ...into };
  for (const [kind, names] of Object.entries(more)) merged[kind] = { ...merged[kind], ...names };
  return merged;
}

export const DEPARTMENTS = "org_department";
/** Names of regions by code; kept by the page, no answer brings them. */
export const REGIONS = "regions";

/** Under which heading of the labels the ids of a field are named; null for fields without ids. */
export function labelKind(app: AppModel, field: FieldMeta): string | null {
  if (field.type === "user" || field.type === "users") return "user";
  if (field.type === "dept" || field.type === "depts") return DEPARTMENTS;
  if (field.type === "address") return REGIONS;
  if (field.type === "link_one" || field.type === "link_many") {
    const target = field.options?.entity;
    return app.target(field)?.key ?? (typeof target === "string" ? target : null);
  }
  return null;
}
