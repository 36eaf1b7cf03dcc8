import type { FieldMeta } from "@/api/types";
import type { FieldContext } from "@/fields/contract";
import { checkField, fieldType } from "@/fields/registry";
import { say, t } from "@/i18n";
import type { RuleFinding } from "@/rules/types";

/** What a rule found, in words: its own message, or that of the form for what has none. */
export function findingText(finding: RuleFinding, field: FieldMeta | undefined, ctx: FieldContext): string {
  const own = say(finding.message);
  if (own) return own;
  const name = say(field?.label);
  if (finding.code === "R304" && field) return checkField({ ...field, required: true }, fieldType(field.type).empty(field), ctx) ?? "";
  if (finding.code === "R330") return t("form.lockedNow", { name });
  if (finding.code === "R331") return t("form.notAllowedNow", { name });
  if (finding.code === "R333") return t("form.doesNotFit", { name });
  return t("form.ruleBroken", { name });
}
