import { CircleDot } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { select } from "./select";

export const radio: FieldUi<string | null> = {
  ...select,
  type: "radio",
  label: "fields.type.radio",
  icon: CircleDot,
  composite: true,
};
