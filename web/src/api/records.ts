import { api, pathOf, urlOf } from "./client";
import type {
  BulkOperation,
  BulkOutcome,
  HistoryEntry,
  Json,
  Labels,
  LookupItem,
  RecordFlows,
  RecordPage,
  RecordQuery,
  RecordRow,
  RecordView,
  SortItem,
  Values,
} from "./types";

const at = (app: string, entity: string, ...rest: string[]) => pathOf("apps", app, entity, ...rest);

export function sortText(sort: SortItem[]): string {
  return sort.map((item) => (item.dir === "desc" ? "-" : "") + item.field).join(",");
}

export function sortOf(text: string): SortItem[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part && part !== "-")
    .map((part) =>
      part.startsWith("-") ? { field: part.slice(1), dir: "desc" as const } : { field: part, dir: "asc" as const },
    );
}

/** The query string of a question; also what an export of the same rows sends. */
export function queryOf(query: RecordQuery): Record<string, string | number | undefined> {
  return {
    fields: query.fields?.length ? query.fields.join(",") : undefined,
    filter: query.filter === null || query.filter === undefined ? undefined : JSON.stringify(query.filter),
    sort: query.sort?.length ? sortText(query.sort) : undefined,
    search: query.search || undefined,
    limit: query.limit,
    cursor: query.cursor || undefined,
    offset: query.offset || undefined,
    count: query.count,
    trashed: query.trashed ? "1" : undefined,
    marks: query.marks?.length ? JSON.stringify(query.marks) : undefined,
  };
}

export const listRecords = (app: string, entity: string, query: RecordQuery, signal?: AbortSignal) =>
  api.get<RecordPage>(at(app, entity, "records"), { query: queryOf(query), signal });

export const getRecord = (app: string, entity: string, id: string, signal?: AbortSignal) =>
  api.get<RecordView>(at(app, entity, "records", id), { query: { levels: 1 }, signal });

/** How a record is written: through which form, and why a person saves over warnings, by the id of the rule. */
export interface Manner {
  form?: string;
  reasons?: Record<string, string>;
}

const mannerOf = (manner: Manner = {}): Manner => ({
  ...(manner.form ? { form: manner.form } : {}),
  ...(manner.reasons && Object.keys(manner.reasons).length ? { reasons: manner.reasons } : {}),
});

export const createRecord = (app: string, entity: string, values: Values, key: string, manner?: Manner) =>
  api.post<RecordView>(at(app, entity, "records"), { values, ...mannerOf(manner) }, { idempotencyKey: key });

export const updateRecord = (app: string, entity: string, id: string, rev: number, values: Values, manner?: Manner) =>
  api.patch<RecordView>(at(app, entity, "records", id), { rev, values, ...mannerOf(manner) });

export const deleteRecord = (app: string, entity: string, id: string, rev?: number) =>
  api.del<void>(at(app, entity, "records", id), { query: { rev } });

export const restoreRecord = (app: string, entity: string, id: string) =>
  api.post<RecordView>(at(app, entity, "records", id, "restore"));

/** Many writes in one call: all or none, or with `atomic` off each for itself. */
export const bulkRecords = (app: string, entity: string, operations: BulkOperation[], key: string, atomic = true) =>
  api.post<{ results: BulkOutcome[] }>(
    at(app, entity, "records", "bulk"),
    { operations, atomic },
    { idempotencyKey: key },
  );

/** What would become of many writes, each for itself; nothing is kept. */
export const previewRecords = (app: string, entity: string, operations: BulkOperation[]) =>
  api.post<{ results: BulkOutcome[] }>(at(app, entity, "records", "bulk"), { operations, preview: true });

export const recordHistory = (app: string, entity: string, id: string, signal?: AbortSignal) =>
  api.get<{ entries: HistoryEntry[]; labels?: Labels }>(at(app, entity, "records", id, "history"), { signal });

/** The text of a secret; the log notes who asked. */
export const revealSecret = (app: string, entity: string, id: string, field: string) =>
  api.post<{ value: string }>(at(app, entity, "records", id, "reveal"), { field });

export const recordFlows = (app: string, entity: string, id: string, signal?: AbortSignal) =>
  api.get<RecordFlows>(at(app, entity, "records", id, "flows"), { signal });

export const lookupRecords = (app: string, entity: string, q: string, limit = 20, signal?: AbortSignal) =>
  api.get<{ items: LookupItem[] }>(at(app, entity, "lookup"), { query: { q, limit }, signal });

export const suggestTags = (app: string, entity: string, field: string, q: string, signal?: AbortSignal) =>
  api.get<{ words: string[] }>(at(app, entity, "suggest"), { query: { field, q }, signal });

export interface AggregateQuery {
  groups?: { id: string; path: string; grain?: string }[];
  measures: { id: string; aggregate: string; path?: string }[];
  filter?: Json;
  search?: string;
}

export const aggregateRecords = (app: string, entity: string, spec: AggregateQuery, signal?: AbortSignal) =>
  api.get<{ rows: Record<string, Json>[] }>(at(app, entity, "aggregate"), {
    query: { spec: JSON.stringify(spec) },
    signal,
  });

export const exportUrl = (app: string, entity: string, format: "csv" | "xlsx", query: RecordQuery) =>
  urlOf(at(app, entity, "records", "export"), { format, ...queryOf(query) });

export const startFlow = (app: string, flow: string, recordId: string, commandId: string) =>
  api.post<{ instance_id: string }>(pathOf("apps", app, "flows", flow, "start"), {
    record_id: recordId,
    command_id: commandId,
  });

/** Withdraw what one started, or remind those it waits for. */
export const commandFlow = (instance: string, command: "withdraw" | "urge", commandId: string) =>
  api.post<unknown>(pathOf("instances", instance, command), { command_id: commandId });

/** Rows of a record page by id. */
export function rowsById(rows: RecordRow[]): Map<string, RecordRow> {
  return new Map(rows.map((row) => [row.id, row]));
}
