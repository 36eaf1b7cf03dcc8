import { IdCard } from "@lucide/vue";

import type { FieldMeta } from "@/api/types";
import { t } from "@/i18n";

import type { FieldUi } from "../contract";
import { isPaper, PAPERS, plainNumber, type Paper } from "../idNumbers";
import { textual } from "./bases";

/** Papers the field takes. */
export function papersOf(field: FieldMeta): readonly Paper[] {
  const kinds = field.options?.kinds;
  const known = Array.isArray(kinds) ? PAPERS.filter((paper) => kinds.includes(paper)) : [];
  return known.length ? known : ["resident"];
}

export const paperNames = (field: FieldMeta): string =>
  papersOf(field)
    .map((paper) => t(`fields.paper.${paper}`))
    .join(t("fields.listJoin"));

export const idNumber: FieldUi<string | null> = {
  ...textual,
  type: "id_number",
  label: "fields.type.id_number",
  icon: IdCard,
  group: "advanced",
  toApi: (value) => (value ? plainNumber(value) || null : null),
  equal: (a, b) => plainNumber(a ?? "") === plainNumber(b ?? ""),
  check(field, value) {
    if (!value) return null;
    const number = plainNumber(value);
    return papersOf(field).some((paper) => isPaper(paper, number)) ? null : t("fields.check.paper", { kinds: paperNames(field) });
  },
};
