import { Star } from "@lucide/vue";

import type { FieldMeta } from "@/api/types";
import { t } from "@/i18n";
import { parseDecimal } from "@/kit/decimals";

import type { FieldUi } from "../contract";
import { numberOption } from "../options";
import { numeric } from "./bases";

/** The best mark. */
export const topOf = (field: FieldMeta): number => numberOption(field, "max") ?? 5;
/** What lies between two marks. */
export const markStep = (field: FieldMeta): number => (field.options?.half === true ? 0.5 : 1);

const shortened = (value: string | null): string | null => {
  const number = value === null || value === "" ? null : parseDecimal(value);
  return number === null ? value || null : number.replace(/\.0+$/, "");
};

export const rating: FieldUi<string | null> = {
  ...numeric({ scale: 1 }),
  type: "rating",
  label: "fields.type.rating",
  icon: Star,
  group: "basic",
  align: "start",
  cell: "rating",
  fromApi: (json) => shortened(json === null || json === undefined || json === "" ? null : String(json)),
  text: (_field, value) => shortened(value) ?? "",
  check(field, value) {
    if (value === null || value === "") return null;
    const mark = Number(value);
    const fits = Number.isFinite(mark) && mark >= 0 && mark <= topOf(field) && mark % markStep(field) === 0;
    return fits ? null : t("fields.check.rating", { max: topOf(field) });
  },
};
