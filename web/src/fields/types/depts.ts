import { Network } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { references } from "./bases";

export const depts: FieldUi<string[]> = {
  ...references,
  type: "depts",
  label: "fields.type.depts",
  icon: Network,
  group: "relation",
};
