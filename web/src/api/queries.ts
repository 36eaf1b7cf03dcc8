import { api, pathOf } from "./client";
import type { Labels, RecordRow, Values } from "./types";

export interface QueryQuestion {
  id?: string;
  form?: string;
  values?: Values;
  /** A row of a sub-table that is sent: its key and the number of the row. */
  row?: [string, number];
  cursor?: string;
}

export interface QueryAnswer {
  /** Key of the entity the records are of. */
  entity: string;
  /** Keys of the columns this person may see. */
  columns: string[];
  /** False where the condition names something this person may not see. */
  asked: boolean;
  records: RecordRow[];
  next_cursor: string;
  count: number | null;
  at_least?: boolean;
  labels: Labels;
}

/** What a query field shows for a record, stored or as it stands in a form. */
export const askQuery = (app: string, entity: string, field: string, question: QueryQuestion, signal?: AbortSignal) =>
  api.post<QueryAnswer>(pathOf("apps", app, entity, "queries", field), question, { signal });
