import { Mail } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { textual } from "./bases";

export const email: FieldUi<string | null> = {
  ...textual,
  type: "email",
  label: "fields.type.email",
  icon: Mail,
  group: "basic",
  cell: "mail",
  check: (_field, value) =>
    value && !/^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(value.trim()) ? t("fields.check.email", { value }) : null,
};
