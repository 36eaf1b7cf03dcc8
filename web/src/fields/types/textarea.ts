import { AlignLeft } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { textual } from "./bases";

export const textarea: FieldUi<string | null> = {
  ...textual,
  type: "textarea",
  label: "fields.type.textarea",
  icon: AlignLeft,
  group: "basic",
  wide: true,
};
