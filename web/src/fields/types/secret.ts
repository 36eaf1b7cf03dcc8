import { KeyRound } from "@lucide/vue";

import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { numberOption } from "../options";
import { operandOf, textual } from "./bases";

/** What stands for a secret wherever it is not revealed on purpose. */
export const DOTS = "••••••";
/** A value the server has sealed; everything else is what a person is typing. */
export const isSealed = (value: string | null): boolean => !!value && value.startsWith("sealed:");

export const secret: FieldUi<string | null> = {
  ...textual,
  type: "secret",
  label: "fields.type.secret",
  icon: KeyRound,
  group: "advanced",
  text: (_field, value) => (value ? DOTS : ""),
  check(field, value) {
    const max = numberOption(field, "max_length") ?? 500;
    return value && !isSealed(value) && [...value].length > max ? t("fields.check.tooLong", { max }) : null;
  },
  operand: operandOf("none", "none"),
};
