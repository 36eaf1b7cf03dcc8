import { Hash } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { numeric } from "./bases";

export const number: FieldUi<string | null> = {
  ...numeric({ scale: 0 }),
  type: "number",
  label: "fields.type.number",
  icon: Hash,
  group: "basic",
};
