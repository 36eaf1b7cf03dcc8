import { Table2 } from "@lucide/vue";

import type { FieldMeta, Json } from "@/api/types";
import { t } from "@/i18n";

import type { FieldContext, FieldUi } from "../contract";
import { same } from "../rows";
import { operandOf } from "./bases";

/** A row of a sub-table as it travels; the widget edits its cells through their own types. */
export type SubRow = { id?: string } & Record<string, Json | undefined>;

const isRow = (json: Json): json is Record<string, Json> => json !== null && typeof json === "object" && !Array.isArray(json);

export const subtable: FieldUi<SubRow[]> = {
  type: "subtable",
  label: "fields.type.subtable",
  icon: Table2,
  group: "relation",
  align: "start",
  cell: "text",
  wide: true,
  composite: true,
  empty: () => [],
  fromApi: (json) => (Array.isArray(json) ? (json.filter(isRow) as SubRow[]) : []),
  toApi: (value) => value as Json,
  blank: (value) => value.length === 0,
  equal: (a, b) => a.length === b.length && a.every((row, index) => same(row, b[index])),
  text: (_field: FieldMeta, value: SubRow[], _ctx: FieldContext) => (value.length ? t("fields.rows", { n: value.length }) : ""),
  check: () => null,
  operand: operandOf("none", "none"),
};
