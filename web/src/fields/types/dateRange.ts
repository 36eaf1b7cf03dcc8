import { CalendarRange } from "@lucide/vue";

import { fmt, t } from "@/i18n";
import { isDate } from "@/kit/dates";

import type { FieldUi } from "../contract";

/** Start and end, either of them null while it is being filled in; empty when there is nothing. */
export type Ends = (string | null)[];

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const filled = (value: Ends): boolean => value.some(Boolean);

export const dateRange: FieldUi<Ends> = {
  type: "date_range",
  label: "fields.type.date_range",
  icon: CalendarRange,
  group: "basic",
  align: "start",
  cell: "text",
  empty: () => [],
  fromApi: (json) => (Array.isArray(json) && json.length === 2 ? json.map((one) => (typeof one === "string" ? one : null)) : []),
  toApi: (value) => (filled(value) ? value : []),
  blank: (value) => !filled(value),
  equal: (a, b) => (filled(a) ? a : []).join("|") === (filled(b) ? b : []).join("|"),
  text(field, value, ctx) {
    const shown = value.map((one) => (one && field.options?.time === true ? fmt.dateTime(one, ctx.zone) : (one ?? "")));
    return shown[0] === shown[1] ? (shown[0] ?? "") : shown.join(" ~ ");
  },
  check(field, value) {
    const [first, last] = value;
    if (!first || !last) return t("fields.check.bothEnds");
    const timed = field.options?.time === true;
    for (const one of [first, last])
      if (timed ? !INSTANT.test(one) || Number.isNaN(Date.parse(one)) : !isDate(one)) return t(timed ? "fields.check.datetime" : "fields.check.date", { value: one });
    return (timed ? Date.parse(last) < Date.parse(first) : last < first) ? t("fields.check.endFirst") : null;
  },
  operand: (operator) => (operator === "blank" || operator === "not_blank" ? "none" : operator === "=" || operator === "<>" ? "period" : "span"),
};
