import { Percent } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { numeric } from "./bases";

export const percent: FieldUi<string | null> = {
  ...numeric({ scale: 0, percent: true }),
  type: "percent",
  label: "fields.type.percent",
  icon: Percent,
  group: "basic",
};
