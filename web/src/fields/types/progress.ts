import { Gauge } from "@lucide/vue";

import type { FieldMeta } from "@/api/types";
import { t } from "@/i18n";
import { compareDecimals, parseDecimal, shift } from "@/kit/decimals";

import type { FieldUi } from "../contract";
import { numberOption } from "../options";
import { numeric } from "./bases";

/** Points between two values that may be set. */
export const stepOf = (field: FieldMeta): number => numberOption(field, "step") ?? 1;

/** Percent, from 0 to 100, of a share; 0 for what is no share. */
export function points(value: string | null): number {
  const share = value === null ? null : parseDecimal(value);
  return share === null ? 0 : Math.min(100, Math.max(0, Number(shift(share, 2))));
}

export const progress: FieldUi<string | null> = {
  ...numeric({ scale: 0, percent: true }),
  type: "progress",
  label: "fields.type.progress",
  icon: Gauge,
  group: "basic",
  align: "start",
  cell: "progress",
  check(field, value) {
    if (value === null || value === "") return null;
    if (parseDecimal(value) !== value) return t("fields.check.number", { value });
    if (compareDecimals(value, "0") < 0 || compareDecimals(value, "1") > 0) return t("fields.check.progress");
    const percent = Number(shift(value, 2));
    return percent === 100 || percent % stepOf(field) === 0 ? null : t("fields.check.progressStep", { step: stepOf(field) });
  },
};
