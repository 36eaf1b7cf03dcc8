import { User } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { reference } from "./bases";

export const user: FieldUi<string | null> = {
  ...reference,
  type: "user",
  label: "fields.type.user",
  icon: User,
  group: "relation",
  cell: "person",
};
