import { Sigma } from "@lucide/vue";

import type { FieldMeta, Json } from "@/api/types";
import { fmt, t } from "@/i18n";

import type { FieldContext, FieldUi } from "../contract";
import { durationWords, unitsOf } from "../durations";
import { optionOf } from "../options";
import { operandOf, numeric } from "./bases";

type Value = string | number | boolean | null;

const numbers = numeric({ scale: 2 });
/** A text formula may give its results words and colours. */
const worded = (field: FieldMeta): boolean => Array.isArray(field.options?.options);
const resultOf = (field: FieldMeta): unknown => field.options?.result;

/** How a list shows a result: words as tags, yes and no as marks. */
export const resultCell = (field: FieldMeta): FieldUi["cell"] =>
  worded(field) ? "tag" : resultOf(field) === "boolean" ? "check" : "text";

function written(field: FieldMeta, value: Value, ctx: FieldContext): string {
  if (value === null || value === "") return "";
  if (typeof value === "boolean") return t(value ? "fields.yes" : "fields.no");
  if (resultOf(field) === "duration") return durationWords(Number(value), unitsOf(field.options?.units));
  if (typeof value === "number") return String(value);
  if (worded(field)) return optionOf(field, value).label;
  if (resultOf(field) === "number") return numbers.text(field, value, ctx);
  return resultOf(field) === "datetime" ? fmt.dateTime(value, ctx.zone) : value;
}

/** A computed value: its looks follow the type of its result. */
export const formula: FieldUi<Value> = {
  type: "formula",
  label: "fields.type.formula",
  icon: Sigma,
  group: "advanced",
  align: "start",
  cell: "text",
  computed: true,
  empty: () => null,
  fromApi: (json: Json | undefined) =>
    json === null || json === undefined || typeof json === "object" ? null : json,
  toApi: (value) => value,
  blank: (value) => value === null || value === "",
  equal: (a, b) => a === b,
  text: written,
  check: () => null,
  operand: operandOf("text", "texts"),
};
