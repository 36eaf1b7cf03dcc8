import type { EntityModel } from "@/api/metadata";
import type { FieldMeta, Filter, RecordRow, SavedView } from "@/api/types";
import type { FieldContext } from "@/fields/contract";
import { alignOf, fieldType, textOf } from "@/fields/registry";
import { say } from "@/i18n";
import type { GridColumn } from "@/kit/types";

const WIDTHS: Record<string, number> = {
  text: 180,
  textarea: 260,
  email: 200,
  phone: 150,
  number: 110,
  currency: 140,
  percent: 100,
  date: 120,
  datetime: 160,
  switch: 90,
  select: 120,
  multi_select: 180,
  user: 130,
  link_one: 180,
  file: 130,
  serial: 150,
};
const SHOWN_AT_FIRST = 8;

/** Fields that may be a column: readable, and not a table of their own. */
export function columnFields(entity: EntityModel): FieldMeta[] {
  return entity.fields.filter((field) => !["subtable", "query"].includes(field.type) && !["id", "rev"].includes(field.key));
}

/** Keys a view shows, readable ones only; the title always comes first. */
export function columnKeys(entity: EntityModel, wanted: readonly string[]): string[] {
  const offered = new Map(columnFields(entity).map((field) => [field.key, field]));
  const keys = wanted.flatMap((key) => entity.field(key)?.key ?? []).filter((key) => offered.has(key));
  const chosen = keys.length ? keys : [...offered.values()].filter((field) => !field.system && !fieldType(field.type).wide).slice(0, SHOWN_AT_FIRST).map((field) => field.key);
  const title = entity.titleKey;
  return [...new Set(title && offered.has(title) ? [title, ...chosen] : chosen)];
}

/** `freeze` columns from the left stay in sight on scrolling sideways. */
export function gridColumns(entity: EntityModel, keys: readonly string[], ctx: FieldContext, freeze = 1): GridColumn<RecordRow>[] {
  return keys.flatMap((key, index) => {
    const field = entity.field(key);
    if (!field) return [];
    const title = key === entity.titleKey || (!entity.titleKey && index === 0);
    return [
      {
        key,
        label: say(field.label),
        width: title ? 240 : (WIDTHS[field.type] ?? 140),
        align: alignOf(field),
        sortable: field.sortable,
        frozen: index < freeze,
        title,
        icon: fieldType(field.type).icon,
        text: (row: RecordRow) => textOf(field, row.values[key], ctx),
      },
    ];
  });
}

/** What a view shows on a phone: its card fields, else the first columns. */
export function cardKeys(entity: EntityModel, view: SavedView | undefined, columns: readonly string[]): string[] {
  return columnKeys(entity, view?.card.length ? view.card : columns.slice(0, 5));
}

/**
 * The same filter with field keys where it has ids, so that chips and rows find their fields; an "and" inside an "and"
 * becomes one.
 */
export function withKeys(entity: EntityModel, filter: Filter): Filter {
  if (!Array.isArray(filter)) return filter;
  const [head, ...rest] = filter;
  if (head === "and" || head === "or") {
    const parts = rest.map((part) => withKeys(entity, part));
    return [head, ...parts.flatMap((part) => (Array.isArray(part) && part[0] === head ? part.slice(1) : [part]))];
  }
  if (head === "not") return [head, ...rest.map((part) => withKeys(entity, part))];
  if (head === "expr" || typeof rest[0] !== "string") return filter;
  return [head as Filter, entity.field(rest[0])?.key ?? rest[0], ...rest.slice(1)];
}
