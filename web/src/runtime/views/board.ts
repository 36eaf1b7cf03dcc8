import type { Json, RecordRow } from "@/api/types";

/** Heights of the parts of a card in a board; the style sheet has the same. */
export const CARD = { pad: 22, gap: 8, title: 24, line: 24, cover: 110 } as const;

export interface CardShape {
  /** Lines below the title. */
  lines: number;
  cover: boolean;
}

export const cardHeight = (shape: CardShape): number => CARD.pad + CARD.title + shape.lines * CARD.line + (shape.cover ? CARD.cover : 0);

/** Where cards of different heights stand below each other: the top of each, and the length of all. */
export function stack(shapes: readonly CardShape[]): { tops: number[]; length: number } {
  const tops: number[] = [];
  let at: number = CARD.gap;
  for (const shape of shapes) {
    tops.push(at);
    at += cardHeight(shape) + CARD.gap;
  }
  return { tops, length: at };
}

/** The cards that show between two heights, with some beyond each end: first and one past the last. */
export function shownBetween(tops: readonly number[], from: number, to: number, beyond = 4): [number, number] {
  const before = (limit: number): number => {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tops[middle]! <= limit) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return [Math.max(0, before(from) - 1 - beyond), Math.min(tops.length, before(to) + beyond)];
}

/** One column of one lane. */
export interface Cell {
  value: Json;
  count: number | null;
  sum: string | null;
  rows: RecordRow[];
  cursor: string;
  loading: boolean;
}

/** Values of columns and lanes as names of slots: blank is the empty text. */
export const slotOf = (value: Json): string => (value === null ? "" : String(value));

/** Lanes with the same columns below each other: what only one lane knows stands empty in the others. */
export function aligned(lanes: readonly (readonly Cell[])[]): Cell[][] {
  const values = new Map<string, Json>();
  for (const cells of lanes) for (const cell of cells) values.set(slotOf(cell.value), cell.value);
  const order = [...values.entries()].sort(([a], [b]) => Number(b === "") - Number(a === ""));
  return lanes.map((cells) => {
    const known = new Map(cells.map((cell) => [slotOf(cell.value), cell]));
    return order.map(([slot, value]) => known.get(slot) ?? { value, count: 0, sum: null, rows: [], cursor: "", loading: false });
  });
}

/** Take a card out of where it stands and put it first where it goes; counts follow. */
export function moved(cells: readonly Cell[], from: string, to: string, row: RecordRow): Cell[] {
  return cells.map((cell) => {
    const here = slotOf(cell.value);
    if (here === from && here === to) return { ...cell, rows: cell.rows.map((one) => (one.id === row.id ? row : one)) };
    const count = (by: number): number | null => (cell.count === null ? null : cell.count + by);
    if (here === from) return { ...cell, rows: cell.rows.filter((one) => one.id !== row.id), count: count(-1) };
    if (here === to) return { ...cell, rows: [row, ...cell.rows.filter((one) => one.id !== row.id)], count: count(1) };
    return cell;
  });
}

/** How full a column is against its limit of work in progress. */
export function fullness(count: number | null, limit: number | undefined): "" | "full" | "over" {
  if (limit === undefined || count === null) return "";
  return count > limit ? "over" : count === limit ? "full" : "";
}
