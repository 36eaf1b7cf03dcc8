import type { EntityModel } from "@/api/metadata";
import type { FieldMeta, FieldOption } from "@/api/types";

const NAMES = /^(status|state|stage|phase)$/;

const coloured = (field: FieldMeta): boolean =>
  ((field.options?.options ?? []) as FieldOption[]).some((option) => option.color && option.color !== "neutral");

/** The field that says how a record stands: a coloured choice, by preference one called status or stage. */
export function statusField(entity: EntityModel): FieldMeta | undefined {
  const choices = entity.fields.filter((field) => field.type === "select" && coloured(field));
  return choices.find((field) => NAMES.test(field.key)) ?? choices[0];
}
