import { Timer } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { durationWords, unitsOf } from "../durations";
import { operandOf } from "./bases";

/** Whole seconds; a text is what a person wrote and nobody could read. */
export const duration: FieldUi<number | string | null> = {
  type: "duration",
  label: "fields.type.duration",
  icon: Timer,
  group: "basic",
  align: "end",
  cell: "text",
  empty: () => null,
  fromApi: (json) => (typeof json === "number" ? json : typeof json === "string" && /^-?\d+$/.test(json) ? Number(json) : null),
  toApi: (value) => (value === "" ? null : value),
  blank: (value) => value === null || value === "",
  equal: (a, b) => (a === "" ? null : a) === (b === "" ? null : b),
  text: (field, value) => (typeof value === "number" ? durationWords(value, unitsOf(field.options?.units)) : (value ?? "")),
  check: (_field, value) => (typeof value === "string" && value !== "" ? t("fields.check.duration", { value }) : null),
  operand: operandOf("duration", "durations"),
};
