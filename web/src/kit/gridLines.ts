/** Lines of the big table from top to bottom: rows, headings of groups, and rows that are still on their way. */

export interface RowLine<Row> {
  kind: "row";
  key: string;
  row: Row;
}

export interface GroupLine {
  kind: "group";
  key: string;
  /** 0 for the outermost. */
  depth: number;
  label: string;
  /** What the groups of this level are by. */
  by: string;
  count: number;
  closed: boolean;
  /** Totals by column key, ready to read. */
  totals: Record<string, string>;
}

export interface WaitLine {
  kind: "wait";
  key: string;
}

export type GridLine<Row> = RowLine<Row> | GroupLine | WaitLine;

export interface GridLines<Row> {
  count: number;
  at: (index: number) => GridLine<Row>;
}

/** A plain list as lines; `waiting` more are drawn as being on their way. */
export function arrayLines<Row>(rows: readonly Row[], keyOf: (row: Row) => string, waiting = 0): GridLines<Row> {
  return {
    count: rows.length + waiting,
    at: (index) => (index < rows.length ? { kind: "row", key: keyOf(rows[index]!), row: rows[index]! } : { kind: "wait", key: `wait${index}` }),
  };
}

export interface Cell {
  line: number;
  column: number;
}

/** A rectangle of cells; both corners belong to it. */
export interface CellRange {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export const rangeOf = (a: Cell, b: Cell): CellRange => ({
  top: Math.min(a.line, b.line),
  bottom: Math.max(a.line, b.line),
  left: Math.min(a.column, b.column),
  right: Math.max(a.column, b.column),
});

export const holds = (range: CellRange | null, line: number, column: number): boolean =>
  range !== null && line >= range.top && line <= range.bottom && column >= range.left && column <= range.right;

/** The rectangle a fill reaches when its handle is dragged to a cell: down, up, right or left, the longer way. */
export function filled(from: CellRange, to: Cell): CellRange {
  const down = Math.max(to.line - from.bottom, from.top - to.line, 0);
  const right = Math.max(to.column - from.right, from.left - to.column, 0);
  return down >= right
    ? { ...from, top: Math.min(from.top, to.line), bottom: Math.max(from.bottom, to.line) }
    : { ...from, left: Math.min(from.left, to.column), right: Math.max(from.right, to.column) };
}
