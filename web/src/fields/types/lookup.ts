import { Waypoints } from "@lucide/vue";

import { formula } from "./formula";

/** A field of a linked record, kept up by the server like a formula. */
export const lookup: typeof formula = {
  ...formula,
  type: "lookup",
  label: "fields.type.lookup",
  icon: Waypoints,
  group: "relation",
  computed: true,
};
