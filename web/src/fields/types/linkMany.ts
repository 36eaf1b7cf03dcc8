import { Waypoints } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { references } from "./bases";

export const linkMany: FieldUi<string[]> = {
  ...references,
  type: "link_many",
  label: "fields.type.link_many",
  icon: Waypoints,
  group: "relation",
};
