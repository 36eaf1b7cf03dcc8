import type { GroupRow } from "@/api/windows";
import type { Json, RecordRow } from "@/api/types";

/** Rows asked for at a time. */
export const BLOCK = 60;
/** Rows kept at most; those far from what is seen are let go. */
export const KEPT = 12_000;

/** A run of lines: the heading of a group, or the rows of one. */
export interface Segment {
  start: number;
  /** Set for a heading. */
  group?: GroupRow;
  depth: number;
  leaf: string;
  within: Json[];
  count: number;
}

export const keyOf = (values: readonly Json[]): string => JSON.stringify(values);

/** Headings and rows from top to bottom; what is closed keeps its heading only. */
export function segmentsOf(groups: readonly GroupRow[], levels: number, count: number, closed: ReadonlySet<string>): Segment[] {
  if (!levels) return [{ start: 0, depth: 0, leaf: keyOf([]), within: [], count }];
  const found: Segment[] = [];
  let start = 0;
  let hidden: { depth: number } | null = null;
  for (const group of groups) {
    const depth = group.values.length - 1;
    if (hidden && depth > hidden.depth) continue;
    hidden = null;
    const leaf = keyOf(group.values);
    found.push({ start, group, depth, leaf, within: group.values, count: 1 });
    start += 1;
    if (closed.has(leaf)) hidden = { depth };
    else if (depth === levels - 1) {
      found.push({ start, depth, leaf, within: group.values, count: group.count });
      start += group.count;
    }
  }
  return found;
}

/** The run a line is in. */
export function segmentAt(segments: readonly Segment[], line: number): Segment | undefined {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (segments[middle]!.start <= line) low = middle;
    else high = middle - 1;
  }
  const found = segments[low];
  return found && line < found.start + found.count ? found : undefined;
}

export interface Wanted {
  leaf: string;
  within: Json[];
  offset: number;
  limit: number;
}

/** Rows by group and place, as far as they are here. */
export class RowStore {
  private readonly rows = new Map<string, (RecordRow | undefined)[]>();
  private readonly cursors = new Map<string, string>();

  get(leaf: string, place: number): RecordRow | undefined {
    return this.rows.get(leaf)?.[place];
  }

  length(leaf: string): number {
    return this.rows.get(leaf)?.length ?? 0;
  }

  put(leaf: string, offset: number, records: readonly RecordRow[], cursor: string): void {
    const list = this.rows.get(leaf) ?? [];
    this.rows.set(leaf, list);
    records.forEach((row, index) => (list[offset + index] = row));
    if (cursor) this.cursors.set(`${leaf}:${offset + records.length}`, cursor);
  }

  /** Where the rows before this place ended, when they came one after the other. */
  cursor(leaf: string, offset: number): string | undefined {
    return this.cursors.get(`${leaf}:${offset}`);
  }

  replace(rows: readonly RecordRow[]): void {
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const list of this.rows.values()) {
      list.forEach((row, index) => {
        const next = row && byId.get(row.id);
        if (next) list[index] = next;
      });
    }
  }

  all(): RecordRow[] {
    return [...this.rows.values()].flatMap((list) => list.filter((row): row is RecordRow => row !== undefined));
  }

  clear(): void {
    this.rows.clear();
    this.cursors.clear();
  }

  /** Blocks between two lines that are not here. */
  missing(segments: readonly Segment[], first: number, last: number): Wanted[] {
    const wanted: Wanted[] = [];
    for (const segment of segments) {
      if (segment.group || segment.start >= last || segment.start + segment.count <= first) continue;
      const from = Math.max(0, first - segment.start);
      const to = Math.min(segment.count, last - segment.start);
      for (let offset = Math.floor(from / BLOCK) * BLOCK; offset < to; offset += BLOCK) {
        const limit = Math.min(BLOCK, segment.count - offset);
        const list = this.rows.get(segment.leaf);
        let here = 0;
        while (here < limit && list?.[offset + here]) here += 1;
        if (here < limit) wanted.push({ leaf: segment.leaf, within: segment.within, offset, limit });
      }
    }
    return wanted;
  }

  /** Let go what is far from the lines in sight when there is too much. */
  trim(segments: readonly Segment[], first: number, last: number): void {
    let total = 0;
    for (const list of this.rows.values()) total += list.reduce((sum) => sum + 1, 0);
    if (total <= KEPT) return;
    const near = new Map<string, [number, number]>();
    for (const segment of segments) {
      if (segment.group) continue;
      near.set(segment.leaf, [first - segment.start - KEPT / 4, last - segment.start + KEPT / 4]);
    }
    for (const [leaf, list] of this.rows) {
      const [from, to] = near.get(leaf) ?? [0, 0];
      for (const place of Object.keys(list)) if (Number(place) < from || Number(place) > to) delete list[Number(place)];
    }
  }
}
