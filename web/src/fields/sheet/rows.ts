import type { FieldMeta, Json } from "@/api/types";

import type { FieldContext } from "../contract";
import { fieldType, textOf } from "../registry";
import { typedValue } from "../typed";
import type { SubRow } from "../types/subtable";

export const MOST_ROWS = 5_000;

export const writable = (column: FieldMeta): boolean => column.level === "write" && !fieldType(column.type).computed;

/** A row nobody typed into yet: defaults, and blanks. */
export function freshRow(columns: readonly FieldMeta[]): SubRow {
  const row: SubRow = {};
  for (const column of columns) {
    if (!writable(column)) continue;
    const ui = fieldType(column.type);
    row[column.key] = (column.default as Json | undefined) ?? ui.toApi(ui.empty(column), column);
  }
  return row;
}

export interface Pasted {
  rows: SubRow[];
  /** What could not be read: the row, the key of its column, and why. */
  faults: { row: SubRow; key: string; text: string }[];
  /** Rows beyond the most a sub-table may have. */
  cut: number;
  added: number;
}

/** Labels above what was copied say which columns it is for; they are no row themselves. */
function headed(block: readonly string[][], columns: readonly FieldMeta[], labelOf: (column: FieldMeta) => string): (FieldMeta | undefined)[] | null {
  const [first = []] = block;
  const named = first.map((text) => columns.find((column) => labelOf(column).trim() === text.trim()));
  return block.length > 1 && named.filter(Boolean).length >= Math.max(1, Math.ceil(first.length / 2)) ? named : null;
}

/**
 * A block of cells put over the rows from a cell on; rows are added as needed. A name is asked for once, however often
 * it stands in the block.
 */
export async function pasteBlock(
  given: { rows: readonly SubRow[]; columns: readonly FieldMeta[]; block: readonly string[][]; row: number; column: number; labelOf: (column: FieldMeta) => string },
  ctx: FieldContext,
): Promise<Pasted> {
  const { columns, labelOf } = given;
  const named = headed(given.block, columns, labelOf);
  const block = named ? given.block.slice(1) : given.block;
  const targets = named ?? (given.block[0] ?? []).map((_, index) => columns[given.column + index]);
  const known = new Map<string, ReturnType<typeof typedValue>>();
  const rows = [...given.rows];
  const faults: Pasted["faults"] = [];
  const room = Math.max(0, MOST_ROWS - given.row);
  for (const [index, line] of block.slice(0, room).entries()) {
    const at = given.row + index;
    const row: SubRow = { ...(rows[at] ?? freshRow(columns)) };
    for (const [cell, text] of line.entries()) {
      const column = targets[cell];
      if (!column || !writable(column)) continue;
      const name = `${column.key}\n${text}`;
      const typed = known.get(name) ?? typedValue(column, text, ctx);
      known.set(name, typed);
      const found = await typed;
      if ("error" in found) faults.push({ row, key: column.key, text: found.error });
      else row[column.key] = found.json;
    }
    rows[at] = row;
  }
  return { rows, faults, cut: Math.max(0, block.length - room), added: rows.length - given.rows.length };
}

/** The rows as a spreadsheet takes them, names above. */
export function blockOf(rows: readonly SubRow[], columns: readonly FieldMeta[], ctx: FieldContext, labelOf: (column: FieldMeta) => string): string[][] {
  return [columns.map(labelOf), ...rows.map((row) => columns.map((column) => textOf(column, row[column.key], ctx)))];
}
