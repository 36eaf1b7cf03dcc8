import { Users } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { references } from "./bases";

export const users: FieldUi<string[]> = {
  ...references,
  type: "users",
  label: "fields.type.users",
  icon: Users,
  group: "relation",
  cell: "people",
};
