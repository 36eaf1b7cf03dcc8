import { ListTree } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { optionOf } from "../options";
import { operandOf, textual } from "./bases";

export const cascader: FieldUi<string | null> = {
  ...textual,
  type: "cascader",
  label: "fields.type.cascader",
  icon: ListTree,
  group: "basic",
  text: (field, value) => (value ? optionOf(field, value).label : ""),
  check: () => null,
  operand: operandOf("choice", "choices"),
};
