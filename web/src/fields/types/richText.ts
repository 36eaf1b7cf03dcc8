import { LetterText } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { numberOption } from "../options";
import { plainText } from "../richText";
import { textual } from "./bases";

const shows = (value: string | null): boolean => !!value && (/<(img|hr)\b/i.test(value) || plainText(value) !== "");

/** Formatted text as HTML; lists and filters read its plain text. */
export const richText: FieldUi<string | null> = {
  ...textual,
  type: "rich_text",
  label: "fields.type.rich_text",
  icon: LetterText,
  group: "advanced",
  wide: true,
  composite: true,
  toApi: (value) => (shows(value) ? value : null),
  blank: (value) => !shows(value),
  text: (_field, value) => (value ? plainText(value) : ""),
  check(field, value) {
    const max = numberOption(field, "max_length") ?? 500_000;
    return value && value.length > max ? t("fields.check.tooLong", { max }) : null;
  },
};
