import type { EntityModel } from "@/api/metadata";
import type { FieldMeta, FieldOption, Text } from "@/api/types";

const NAMES = /(^|_)(status|state|stage|phase|progress)$/i;
const WORDS = /状态|阶段|进度|\b(status|state|stage|phase|progress)\b/i;

const coloured = (field: FieldMeta): boolean =>
  ((field.options?.options ?? []) as FieldOption[]).some((option) => option.color && option.color !== "neutral");

const words = (label: Text): string => (typeof label === "string" ? label : Object.values(label).join(" "));

/** The field that says how a record stands: a coloured choice called so, by its key or by its label. */
export function statusField(entity: EntityModel): FieldMeta | undefined {
  const choices = entity.fields.filter((field) => field.type === "select" && coloured(field));
  return choices.find((field) => NAMES.test(field.key)) ?? choices.find((field) => WORDS.test(words(field.label)));
}
