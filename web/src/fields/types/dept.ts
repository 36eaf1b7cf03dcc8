import { Building2 } from "@lucide/vue";

import type { FieldUi } from "../contract";
import { operandOf, reference } from "./bases";

const operand = operandOf("lookup", "lookups");

export const dept: FieldUi<string | null> = {
  ...reference,
  type: "dept",
  label: "fields.type.dept",
  icon: Building2,
  group: "relation",
  operand: (operator) => (operator === "under" ? "lookups" : operand(operator)),
};
