import { Phone } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { textual } from "./bases";

export const phone: FieldUi<string | null> = {
  ...textual,
  type: "phone",
  label: "fields.type.phone",
  icon: Phone,
  group: "basic",
  cell: "phone",
  check(_field, value) {
    if (!value) return null;
    const digits = value.replace(/\D/g, "").length;
    return digits >= 5 && digits <= 20 ? null : t("fields.check.phone", { value });
  },
};
