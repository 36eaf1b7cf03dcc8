import { ListChecks } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { numberOption, optionOf } from "../options";
import { operandOf, references } from "./bases";

export const multiSelect: FieldUi<string[]> = {
  ...references,
  type: "multi_select",
  label: "fields.type.multi_select",
  icon: ListChecks,
  group: "basic",
  cell: "tags",
  equal: (a, b) => a.length === b.length && [...a].sort().join() === [...b].sort().join(),
  text: (field, value) => value.map((id) => optionOf(field, id).label).join(", "),
  check(field, value) {
    const max = numberOption(field, "max");
    return max !== undefined && value.length > max ? t("fields.check.maxItems", { n: max }) : null;
  },
  operand: operandOf("choices", "choices"),
};
