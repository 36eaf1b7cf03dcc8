import { Hash } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { textual } from "./bases";

export const serial: FieldUi<string | null> = {
  ...textual,
  type: "serial",
  label: "fields.type.serial",
  icon: Hash,
  group: "advanced",
  computed: true,
  check: () => null,
};
