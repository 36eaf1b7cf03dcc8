import { Calculator } from "@lucide/vue";

import { formula } from "./formula";

/** A total over linked records, kept up by the server like a formula. */
export const rollup: typeof formula = {
  ...formula,
  type: "rollup",
  label: "fields.type.rollup",
  icon: Calculator,
  group: "relation",
  computed: true,
};
