import type { Surroundings } from "@/expr/env";
import type { Settled, SettleRequest } from "@/rules/types";

import { api, pathOf } from "./client";
import type { LookupItem, Values } from "./types";

/** What the server makes of values that are not saved: rules that only it can evaluate. */
export const settleRecord = (app: string, entity: string, question: SettleRequest, signal?: AbortSignal) =>
  api.post<Settled>(pathOf("apps", app, entity, "settle"), question, { signal });

/** Clock, zone, person and calendars as expressions see them. */
export const getSurroundings = (app: string) => api.get<Surroundings>(pathOf("apps", app, "surroundings"));

export interface CandidateQuestion {
  field: string;
  /** Inside a sub-table: its key and the row. */
  row?: [string, number];
  id?: string;
  form?: string;
  values: Values;
  q: string;
  limit: number;
}

/** Records or people that may be picked for a field while the record looks like this. */
export const findCandidates = (app: string, entity: string, question: CandidateQuestion, signal?: AbortSignal) =>
  api.post<{ items: LookupItem[] }>(pathOf("apps", app, entity, "candidates"), question, { signal });
