import { api, pathOf } from "./client";
import { sortText } from "./records";
import type { Filter, Finding, GroupItem, Json, Labels, RecordRow, SortItem, Values } from "./types";

/** What a table asks for: as a list does, and how the rows stand together. */
export interface TableQuery {
  fields: string[];
  filter: Filter;
  sort: SortItem[];
  search: string;
  trashed: boolean;
  groups: GroupItem[];
  /** Conditions each row is told to hold (`RecordRow.marks`). */
  colors: Filter[];
}

/** A stretch of rows: of the group with these values, or of the whole list. */
export interface Stretch {
  within?: Json[];
  offset?: number;
  cursor?: string;
  limit: number;
}

export interface Page {
  records: RecordRow[];
  next_cursor: string;
}

export interface GroupRow {
  values: Json[];
  count: number;
  totals: Record<string, Json>;
}

export interface GroupAnswer {
  groups: GroupRow[];
  count: number;
  totals: Record<string, Json>;
  labels: Labels;
  /** First rows on screen, by the place of their group. */
  parts: (Page & { group: number })[];
}

const body = (query: TableQuery) => ({
  fields: query.fields,
  filter: query.filter ?? undefined,
  sort: sortText(query.sort),
  search: query.search,
  trashed: query.trashed || undefined,
  groups: query.groups.length ? query.groups : undefined,
  colors: query.colors.length ? query.colors : undefined,
});

export const askWindow = (app: string, entity: string, query: TableQuery, parts: Stretch[], signal?: AbortSignal) =>
  api.post<{ parts: Page[]; labels: Labels }>(pathOf("apps", app, entity, "window"), { ...body(query), parts }, { signal });

export const askGroups = (
  app: string,
  entity: string,
  query: TableQuery,
  more: { totals: Record<string, string>; rows: number; closed: Json[][] },
  signal?: AbortSignal,
) => api.post<GroupAnswer>(pathOf("apps", app, entity, "groups"), { ...body(query), ...more }, { signal });

/** A row of pasted cells: texts to be read, and exact values; without an id it is a new record. */
export interface PastedRow {
  id?: string;
  rev?: number;
  cells: string[];
  values?: Values;
}

export interface PasteCheck {
  values: Values;
  findings?: Finding[];
}

export const checkPaste = (app: string, entity: string, columns: string[], rows: PastedRow[]) =>
  api.post<{ rows: PasteCheck[] }>(pathOf("apps", app, entity, "paste"), { columns, rows });
