import type { FieldMeta, Json, Values } from "@/api/types";
import { fieldType } from "@/fields/registry";
import { same } from "@/fields/rows";
import type { SubRow } from "@/fields/types/subtable";

/** One place where both sides changed something, and cannot both be right. */
export interface ClashItem {
  id: string;
  field: FieldMeta;
  /** Inside a sub-table: the row (its number among mine, else among theirs) and the column; no column is the whole row. */
  row?: number;
  column?: FieldMeta;
  mine: Json;
  theirs: Json;
  base: Json | undefined;
  /** Both values in one, where a field can hold that. */
  both?: Json;
  /** Write the chosen value into the merged values. */
  settle: (values: Values, chosen: Json) => void;
}

export interface Merged {
  /** What to save: my changes, with theirs worked in. */
  values: Values;
  /** Fields that only the others changed. */
  taken: FieldMeta[];
  clashes: ClashItem[];
}

export interface Sides {
  fields: readonly FieldMeta[];
  /** Columns of a sub-table's rows. */
  columns: (field: FieldMeta) => readonly FieldMeta[];
  base: Values;
  /** Only what I changed. */
  mine: Values;
  theirs: Values;
}

const equal = (field: FieldMeta, a: Json | undefined, b: Json | undefined): boolean => {
  if (same(a, b)) return true;
  const ui = fieldType(field.type);
  return ui.equal(ui.fromApi(a, field), ui.fromApi(b, field));
};

const texts = (json: Json | undefined): string[] => (Array.isArray(json) ? json.filter((one): one is string => typeof one === "string") : []);

/** Both sides in one: of lists what either added and neither took away, of long texts one below the other. */
function bothOf(field: FieldMeta, base: Json | undefined, mine: Json, theirs: Json): Json | undefined {
  if (Array.isArray(mine) && Array.isArray(theirs) && [...mine, ...theirs].every((one) => typeof one === "string")) {
    const [was, a, b] = [new Set(texts(base)), new Set(texts(mine)), new Set(texts(theirs))];
    const all = [...new Set([...texts(mine), ...texts(theirs)])];
    return all.filter((one) => (was.has(one) ? a.has(one) && b.has(one) : true));
  }
  if (field.type === "textarea" && typeof mine === "string" && typeof theirs === "string") return `${theirs}\n${mine}`;
  return undefined;
}

const rowsOf = (json: Json | undefined): SubRow[] => (Array.isArray(json) ? (json as SubRow[]) : []);
const byId = (rows: SubRow[]): Map<string, SubRow> => new Map(rows.flatMap((row) => (row.id ? [[row.id, row] as const] : [])));

/** Rows are the same when every cell people can write is; what is worked out follows by itself. */
const sameRow = (columns: readonly FieldMeta[], a: SubRow | undefined, b: SubRow | undefined): boolean =>
  !!a && !!b && columns.every((column) => fieldType(column.type).computed || equal(column, a[column.key], b[column.key]));

/**
 * The rows of both sides: mine in my order, then what they added. A row is followed by its id; cells changed by one side
 * only take that side.
 */
function mergeRows(field: FieldMeta, sides: Sides): { rows: SubRow[]; clashes: ClashItem[] } {
  const columns = sides.columns(field);
  const [base, mine, theirs] = [rowsOf(sides.base[field.key]), rowsOf(sides.mine[field.key]), rowsOf(sides.theirs[field.key])];
  const [was, now, ours] = [byId(base), byId(theirs), byId(mine)];
  const rows: SubRow[] = [];
  const clashes: ClashItem[] = [];
  const settleCell = (id: string, key: string) => (values: Values, chosen: Json) => {
    values[field.key] = rowsOf(values[field.key]).map((row) => (row.id === id ? { ...row, [key]: chosen } : row)) as Json;
  };
  const settleRow = (id: string) => (values: Values, chosen: Json) => {
    const others = rowsOf(values[field.key]).filter((row) => row.id !== id);
    values[field.key] = (chosen ? [...others, chosen] : others) as Json;
  };

  mine.forEach((row, index) => {
    const before = row.id ? was.get(row.id) : undefined;
    const after = row.id ? now.get(row.id) : undefined;
    if (!row.id || !before) return void rows.push(row);
    if (!after) {
      // They deleted it: gone, unless I changed it.
      if (!sameRow(columns, before, row))
        clashes.push({ id: `${field.key}/${row.id}`, field, row: index, mine: row as Json, theirs: null, base: before as Json, settle: settleRow(row.id) });
      return;
    }
    const merged: SubRow = { ...after };
    for (const column of columns) {
      const [b, m, t] = [before[column.key], row[column.key], after[column.key]];
      if (equal(column, b, m) || equal(column, m, t)) continue;
      merged[column.key] = m;
      if (!equal(column, b, t)) {
        const [my, their] = [m ?? null, t ?? null];
        const id = `${field.key}/${row.id}/${column.key}`;
        clashes.push({ id, field, row: index, column, mine: my, theirs: their, base: b, both: bothOf(column, b, my, their), settle: settleCell(row.id, column.key) });
      }
    }
    rows.push(merged);
  });
  theirs.forEach((row, index) => {
    if (!row.id || ours.has(row.id)) return;
    const before = was.get(row.id);
    if (!before) rows.push(row);
    else if (!sameRow(columns, before, row))
      clashes.push({ id: `${field.key}/${row.id}`, field, row: index, mine: null, theirs: row as Json, base: before as Json, settle: settleRow(row.id) });
  });
  return { rows, clashes };
}

/** Three-way merge of a record: what only one side changed is taken, the rest is for a person to decide. */
export function mergeRecord(sides: Sides): Merged {
  const values: Values = {};
  const clashes: ClashItem[] = [];
  const taken: FieldMeta[] = [];
  for (const field of sides.fields) {
    const { key } = field;
    const [base, theirs] = [sides.base[key], sides.theirs[key]];
    if (!(key in sides.mine)) {
      if (field.level === "write" && !fieldType(field.type).computed && key in sides.theirs && !equal(field, base, theirs)) taken.push(field);
      continue;
    }
    const mine = sides.mine[key] ?? null;
    if (equal(field, mine, theirs)) continue;
    if (field.type === "subtable") {
      const merged = mergeRows(field, sides);
      values[key] = merged.rows as Json;
      clashes.push(...merged.clashes);
      continue;
    }
    values[key] = mine;
    if (!equal(field, base, theirs)) {
      const both = bothOf(field, base, mine, theirs ?? null);
      clashes.push({ id: key, field, mine, theirs: theirs ?? null, base, both, settle: (into, chosen) => void (into[key] = chosen) });
    }
  }
  return { values, taken, clashes };
}
