import { formFields } from "@/api/forms";
import type { EntityModel } from "@/api/metadata";
import type { FieldContext } from "@/fields/contract";
import { say, t } from "@/i18n";
import type { FormError } from "@/kit/types";

import { findingText } from "./ruleWords";
import type { RecordEditor } from "./useRecord";
import type { RulesDesk } from "./useRules";

/** Id of a control on the form; findings and summaries lead to it. */
export const controlId = (key: string): string => `f-${key}`;

/** Key of the field a control belongs to (`f-contacts-2-phone` belongs to `contacts`). */
export const keyOfControl = (id: string): string => /^f-(\w+)/.exec(id)?.[1] ?? "";

/** All that is wrong, in the order of the form, so that the list reads down the page. */
export function formErrors(editor: RecordEditor, entity: EntityModel, rules: RulesDesk, ctx: FieldContext): FormError[] {
  const list: FormError[] = [];
  const items = formFields(entity.meta.form).flatMap((key) => editor.field(key) ?? []);
  for (const field of new Set([...items, ...editor.fields.value])) {
    const complaint = editor.complaintOf(field);
    const name = say(field.label);
    if (complaint) list.push({ id: controlId(field.key), text: complaint.includes(name) ? complaint : t("record.errorAt", { at: name, text: complaint }) });
  }
  for (const [where, texts] of Object.entries(editor.messages.value)) {
    const [key = "", row, column] = where.split("/");
    if (!key) {
      list.push(...texts.map((text) => ({ id: "record-form", text })));
      continue;
    }
    const name = say(editor.field(key)?.label) || key;
    const at = row === undefined ? name : t("record.rowOf", { name, row: Number(row) + 1 });
    for (const text of texts) list.push({ id: column ? `f-${key}-${row}-${column}` : controlId(key), text: t("record.errorAt", { at, text }) });
  }
  for (const finding of editor.general.value) list.push({ id: "record-form", text: finding.text });
  for (const finding of [...rules.warnings.value, ...editor.wanted.value]) {
    const id = `reason-${finding.rule}`;
    if (!finding.rule || rules.reasons[finding.rule]?.trim() || list.some((error) => error.id === id)) continue;
    const text = "text" in finding ? finding.text : findingText(finding, editor.field(finding.fields[0] ?? ""), ctx);
    list.push({ id, text: t("form.reasonNeeded", { text }) });
  }
  return list;
}
