import { ToggleLeft } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { operandOf } from "./bases";

export const toggle: FieldUi<boolean> = {
  type: "switch",
  label: "fields.type.switch",
  icon: ToggleLeft,
  group: "basic",
  align: "center",
  cell: "check",
  empty: () => false,
  fromApi: (json) => json === true,
  toApi: (value) => value,
  // Off is an answer too: a required switch does not have to be on.
  blank: () => false,
  equal: (a, b) => a === b,
  text: (_field, value) => t(value ? "fields.yes" : "fields.no"),
  check: () => null,
  operand: operandOf("yesno", "yesno"),
};
