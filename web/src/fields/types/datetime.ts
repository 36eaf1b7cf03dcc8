import { CalendarClock } from "@lucide/vue";

import { fmt, t } from "@/i18n";

import type { FieldUi } from "../contract";
import { operandOf, textual } from "./bases";

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

export const datetime: FieldUi<string | null> = {
  ...textual,
  type: "datetime",
  label: "fields.type.datetime",
  icon: CalendarClock,
  group: "basic",
  equal(a, b) {
    if (!a || !b) return (a || null) === (b || null);
    return a === b || Date.parse(a) === Date.parse(b);
  },
  text: (_field, value, ctx) => (value ? fmt.dateTime(value, ctx.zone) : ""),
  check: (_field, value) =>
    value && (!INSTANT.test(value) || Number.isNaN(Date.parse(value))) ? t("fields.check.datetime", { value }) : null,
  operand: operandOf("date", "texts"),
};
