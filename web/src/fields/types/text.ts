import { Type } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { textOption } from "../options";
import TextWidget from "../widgets/TextWidget.vue";
import { textual } from "./bases";

export const text: FieldUi<string | null> = {
  ...textual,
  type: "text",
  label: "fields.type.text",
  icon: Type,
  group: "basic",
  Widget: TextWidget,
  check(field, value, ctx) {
    const wrong = textual.check(field, value, ctx);
    if (wrong || !value) return wrong;
    return /[\r\n]/.test(value) ? t("fields.check.oneLine", { hint: textOption(field, "pattern_message") }) : null;
  },
};
