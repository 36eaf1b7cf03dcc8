import type { EntityModel } from "@/api/metadata";
import type { FieldMeta, Json, RecordRow, Values } from "@/api/types";
import type { PastedRow } from "@/api/windows";
import { fieldType } from "@/fields/registry";
import type { CellRange } from "@/kit/gridLines";

/** Types whose values are more than a cell: they are edited in the record's form. */
const IN_FORM = new Set(["subtable", "file", "image", "signature", "rich_text", "attachment"]);

/** Whether a field is changed in place by this person; single rows may still refuse. */
export function inPlace(field: FieldMeta): boolean {
  return field.level === "write" && !fieldType(field.type).computed && !IN_FORM.has(field.type) && (!field.system || field.key === "owner");
}

/** A block of cells as it was copied; `exact` values stand where they came from the product itself. */
export interface CellBlock {
  texts: string[][];
  exact: { columns: string[]; cells: Json[][] } | null;
}

export function blockOf(texts: string[][], exact: string): CellBlock {
  if (!exact) return { texts, exact: null };
  const found = JSON.parse(exact) as { columns: string[]; cells: Json[][] };
  // The text decides: when it was changed on the way, the exact values are of another block.
  return { texts, exact: found.cells.length === texts.length && found.columns.length === texts[0]?.length ? found : null };
}

/** How far a block reaches from where it is put: one cell or a repeating block fills the rectangle, else it is as it is. */
export function reachOf(block: CellBlock, at: CellRange): { rows: number; columns: number } {
  const [rows, columns] = [block.texts.length, block.texts[0]?.length ?? 0];
  const tall = at.bottom - at.top + 1;
  const wide = at.right - at.left + 1;
  return {
    rows: tall > rows && tall % rows === 0 ? tall : rows,
    columns: wide > columns && wide % columns === 0 ? wide : columns,
  };
}

const sameKind = (from: FieldMeta | undefined, to: FieldMeta): boolean =>
  from !== undefined && (from.key === to.key || (from.type === to.type && from.options?.entity === to.options?.entity && !["select", "multi_select", "radio", "cascader"].includes(from.type)));

export interface Target {
  /** Undefined: a new record. */
  row?: RecordRow;
}

/** What is sent to be read: a row for each target, texts under the fields, exact values where the kinds agree. */
export function pastedRows(entity: EntityModel, block: CellBlock, fields: readonly FieldMeta[], targets: readonly Target[]): PastedRow[] {
  const height = block.texts.length;
  const width = block.texts[0]?.length ?? 0;
  return targets.map((target, line) => {
    const values: Values = {};
    const cells = fields.map((field, column) => {
      const from = block.exact && entity.field(block.exact.columns[column % width]!);
      const exact = block.exact?.cells[line % height]?.[column % width];
      if (from && exact !== undefined && sameKind(from, field) && inPlace(field)) values[field.key] = exact;
      return block.texts[line % height]![column % width]!;
    });
    return { ...(target.row ? { id: target.row.id, rev: target.row.rev } : {}), cells, values };
  });
}
