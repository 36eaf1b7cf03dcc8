import { SquareCheck } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { multiSelect } from "./multiSelect";

export const checkboxGroup: FieldUi<string[]> = {
  ...multiSelect,
  type: "checkbox_group",
  label: "fields.type.checkbox_group",
  icon: SquareCheck,
  composite: true,
};
