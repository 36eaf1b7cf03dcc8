import { ListFilter } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { optionOf } from "../options";
import { operandOf, textual } from "./bases";

export const select: FieldUi<string | null> = {
  ...textual,
  type: "select",
  label: "fields.type.select",
  icon: ListFilter,
  group: "basic",
  cell: "tag",
  text: (field, value) => (value ? optionOf(field, value).label : ""),
  check: () => null,
  operand: operandOf("choice", "choices"),
};
