import type { RecordRow } from "@/api/types";

/** One level of a hierarchy as far as it is known. */
export interface Branch {
  rows: RecordRow[];
  cursor: string;
  below: Record<string, number>;
  totals: Record<string, string | null>;
  loading: boolean;
}

export interface Line {
  row: RecordRow;
  depth: number;
  /** Id of the record above it; empty at the top. */
  parent: string;
  below: number;
  open: boolean;
  /** Null: there are too many below to add up. */
  total: string | null | undefined;
}

/** The lines that show: every level that is open, below the record it belongs to. */
export function visible(branches: ReadonlyMap<string, Branch>, opened: ReadonlySet<string>): Line[] {
  const lines: Line[] = [];
  const shown = new Set<string>();
  const walk = (parent: string, depth: number): void => {
    const branch = branches.get(parent);
    for (const row of branch?.rows ?? []) {
      // a record whose parent is hidden stands at the top, and nowhere else
      if (shown.has(row.id)) continue;
      shown.add(row.id);
      const below = branch!.below[row.id] ?? 0;
      const open = below > 0 && opened.has(row.id);
      lines.push({ row, depth, parent, below, open, total: branch!.totals[row.id] });
      if (open) walk(row.id, depth + 1);
    }
  };
  walk("", 0);
  return lines;
}

/** Whether a record stands below another one, as far as the lines show. */
export function isBelow(lines: readonly Line[], id: string, above: string): boolean {
  const parents = new Map(lines.map((line) => [line.row.id, line.parent]));
  for (let at: string | undefined = id; at; at = parents.get(at)) if (at === above) return true;
  return false;
}
