import { Tags } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { numberOption } from "../options";
import { operandOf, references } from "./bases";

/** Signs that stand between tags, and those no tag may hold. */
export const TAG_SIGNS = /[,;，；、\n|"\\]/;
const MAX_WORD = 40;

export const tags: FieldUi<string[]> = {
  ...references,
  type: "tags",
  label: "fields.type.tags",
  icon: Tags,
  group: "basic",
  cell: "tags",
  text: (_field, value) => value.join(", "),
  check(field, value) {
    const max = numberOption(field, "max");
    if (max !== undefined && value.length > max) return t("fields.check.maxItems", { n: max });
    const wrong = value.find((word) => TAG_SIGNS.test(word) || [...word].length > MAX_WORD);
    return wrong === undefined ? null : t("fields.check.tag", { value: wrong, max: MAX_WORD });
  },
  operand: operandOf("lookups", "lookups"),
};
