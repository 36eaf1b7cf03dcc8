import { api, pathOf } from "./client";
import { queryOf } from "./records";
import type { Json, Labels, RecordQuery, RecordRow } from "./types";

const at = (app: string, entity: string, ...rest: string[]) => pathOf("apps", app, entity, ...rest);

export interface BoardColumn {
  /** Value of the field the board is made by; null for blank. */
  value: Json;
  /** Null where the filter is decided record by record. */
  count: number | null;
  sum: string | null;
  records: RecordRow[];
  next_cursor: string;
}

export interface BoardData {
  columns: BoardColumn[];
  /** There are more values than columns. */
  more: boolean;
  labels: Labels;
}

/** A board in one call; `closed` columns (an empty text for blank) bring no cards. */
export const fetchBoard = (
  app: string,
  entity: string,
  by: string,
  query: RecordQuery,
  more: { sum?: string | undefined; closed?: readonly string[] | undefined },
  signal?: AbortSignal,
) =>
  api.get<BoardData>(at(app, entity, "board"), {
    query: { ...queryOf(query), by, sum: more.sum, closed: more.closed?.length ? more.closed.join(",") : undefined },
    signal,
  });

export interface SpanData {
  records: RecordRow[];
  /** There are more records than one answer brings. */
  more: boolean;
  labels: Labels;
}

/** Records that touch the days from one to another, both included. */
export const fetchSpan = (
  app: string,
  entity: string,
  query: RecordQuery,
  days: { start: string; end: string; from: string; to: string },
  signal?: AbortSignal,
) => api.get<SpanData>(at(app, entity, "span"), { query: { ...queryOf(query), ...days, end: days.end || undefined }, signal });

export interface ChildrenData {
  records: RecordRow[];
  next_cursor: string;
  labels: Labels;
  /** How many records stand right below each; who is not named has none. */
  below: Record<string, number>;
  totals: Record<string, string | null>;
}

/** One level of a hierarchy: what stands below `of`, or at the top. */
export const fetchChildren = (
  app: string,
  entity: string,
  query: RecordQuery,
  tree: { parent: string; of?: string; sum?: string | undefined },
  signal?: AbortSignal,
) => api.get<ChildrenData>(at(app, entity, "children"), { query: { ...queryOf(query), ...tree }, signal });

export interface SpecialDay {
  day: string;
  worked: boolean;
  label: string;
}

/** Holidays and make-up days of the work calendar. */
export const fetchSpecialDays = (from: string, to: string, signal?: AbortSignal) =>
  api.get<{ days: SpecialDay[]; years: number[] }>(pathOf("calendars", "CN", "days"), { query: { from, to }, signal });
