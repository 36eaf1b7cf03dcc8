import { Clock } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { operandOf, textual } from "./bases";

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;

export const time: FieldUi<string | null> = {
  ...textual,
  type: "time",
  label: "fields.type.time",
  icon: Clock,
  group: "basic",
  equal: (a, b) => (a ?? "").replace(/^(\d\d:\d\d):00$/, "$1") === (b ?? "").replace(/^(\d\d:\d\d):00$/, "$1"),
  check: (_field, value) => (value && !CLOCK.test(value) ? t("fields.check.time", { value }) : null),
  operand: operandOf("time", "texts"),
};
