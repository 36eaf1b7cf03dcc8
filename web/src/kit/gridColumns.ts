import type { GridColumn, SortItem } from "./types";

export const DEFAULT_WIDTH = 160;
export const MIN_WIDTH = 72;
export const CHECK_WIDTH = 44;

const widthOf = <Row>(column: GridColumn<Row>): number => column.width ?? DEFAULT_WIDTH;

/**
 * Tracks of the grid: a column someone resized is exactly as wide as they made it, the others share what is left. When
 * none is left to share it, an empty track takes it.
 */
export function tracks<Row>(columns: readonly GridColumn<Row>[], widths: Readonly<Record<string, number>>): string {
  let flexible = false;
  const parts = columns.map((column) => {
    const fixed = widths[column.key];
    if (fixed !== undefined) return `${fixed}px`;
    if (column.frozen) return `${widthOf(column)}px`;
    flexible = true;
    return `minmax(${widthOf(column)}px, ${widthOf(column)}fr)`;
  });
  return parts.join(" ") + (flexible ? "" : " minmax(0, 1fr)");
}

/** Narrowest width at which nothing is squeezed; below it the grid scrolls sideways. */
export function minimum<Row>(columns: readonly GridColumn<Row>[], widths: Readonly<Record<string, number>>): number {
  return columns.reduce((sum, column) => sum + (widths[column.key] ?? widthOf(column)), 0);
}

/** Distance from the left edge at which each frozen column sticks; only columns frozen from the left count. */
export function frozenLefts<Row>(
  columns: readonly GridColumn<Row>[],
  widths: Readonly<Record<string, number>>,
  start: number,
): Map<string, number> {
  const lefts = new Map<string, number>();
  let left = start;
  for (const column of columns) {
    if (!column.frozen) break;
    lefts.set(column.key, left);
    left += widths[column.key] ?? widthOf(column);
  }
  return lefts;
}

/** Unsorted → ascending → descending → unsorted; `add` keeps the other columns (Shift). */
export function nextSort(sort: readonly SortItem[], field: string, add: boolean): SortItem[] {
  const now = sort.find((item) => item.field === field);
  const others = add ? sort.filter((item) => item.field !== field) : [];
  if (!now) return [...others, { field, dir: "asc" }];
  if (now.dir === "asc") return add ? sort.map((item) => (item === now ? { field, dir: "desc" } : item)) : [{ field, dir: "desc" }];
  return others;
}

export interface Range {
  first: number;
  last: number;
}

/** Rows worth drawing at a scroll position; `last` is exclusive. */
export function visibleRange(scrollTop: number, height: number, row: number, count: number, spare = 8): Range {
  const first = Math.max(0, Math.floor(scrollTop / row) - spare);
  const last = Math.min(count, Math.ceil((scrollTop + height) / row) + spare);
  return { first: Math.min(first, last), last };
}
