import { Link2 } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { reference } from "./bases";

export const linkOne: FieldUi<string | null> = {
  ...reference,
  type: "link_one",
  label: "fields.type.link_one",
  icon: Link2,
  group: "relation",
};
