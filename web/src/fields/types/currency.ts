import { CircleDollarSign } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { numeric } from "./bases";

export const currency: FieldUi<string | null> = {
  ...numeric({ scale: 2 }),
  type: "currency",
  label: "fields.type.currency",
  icon: CircleDollarSign,
  group: "basic",
};
