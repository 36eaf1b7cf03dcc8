import { Type } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { textOption } from "../options";
import { textual } from "./bases";

export const text: FieldUi<string | null> = {
  ...textual,
  type: "text",
  label: "fields.type.text",
  icon: Type,
  group: "basic",
  check(field, value, ctx) {
    const wrong = textual.check(field, value, ctx);
    if (wrong || !value) return wrong;
    return /[\r\n]/.test(value) ? t("fields.check.oneLine", { hint: textOption(field, "pattern_message") }) : null;
  },
};
