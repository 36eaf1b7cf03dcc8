import { Calendar } from "@lucide/vue";

import { t } from "@/i18n";
import { isDate } from "@/kit/dates";

import type { FieldUi } from "../contract";
import { operandOf, textual } from "./bases";

export const date: FieldUi<string | null> = {
  ...textual,
  type: "date",
  label: "fields.type.date",
  icon: Calendar,
  group: "basic",
  check: (_field, value) => (value && !isDate(value) ? t("fields.check.date", { value }) : null),
  operand: operandOf("date", "texts"),
};
