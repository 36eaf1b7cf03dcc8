import type { Json } from "@/api/types";
import { fieldType } from "@/fields/registry";

import type { FormSurface } from "./surface";

/** The value of a field on the screen as the API writes it. */
export function recordValue(form: Pick<FormSurface, "field" | "values">, key: string): Json | undefined {
  const field = form.field(key);
  if (!field || field.level === "hidden") return undefined;
  const value = form.values[field.key];
  return field.level === "masked" ? (value as Json) : fieldType(field.type).toApi(value, field);
}
