import type { RouteLocationRaw } from "vue-router";

import type { Labels, Values } from "@/api/types";

/** Values a new record begins with, carried in the history entry (so they survive a reload and clutter no address). */
export interface Prefill {
  values: Values;
  labels: Labels;
}

export function newRecordWith(app: string, entity: string, prefill: Prefill): RouteLocationRaw {
  return { name: "record-new", params: { app, entity }, state: { prefill: JSON.stringify(prefill) } };
}

export function givenPrefill(): Prefill {
  const text: unknown = history.state?.prefill;
  if (typeof text !== "string") return { values: {}, labels: {} };
  return JSON.parse(text) as Prefill;
}
