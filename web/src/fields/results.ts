import type { FieldMeta } from "@/api/types";

/** Types whose looks follow the type of their result. */
const RESULTS: ReadonlySet<string> = new Set(["formula", "lookup", "rollup"]);

export const isResult = (field: { type: string }): boolean => RESULTS.has(field.type);

/** Type a computed value behaves like; every other field behaves like its own. */
export const resultType = (field: { type: string; options?: FieldMeta["options"] }): string =>
  isResult(field) ? String(field.options?.result ?? "text") : field.type;
