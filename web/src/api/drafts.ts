import { api, pathOf } from "./client";
import type { Json, Labels, Text, Values } from "./types";

/** A value of a draft that no longer fits the form, and why. */
export interface LeftValue {
  label: Text;
  value: Json;
  reason: "gone" | "retyped" | "locked" | "unreadable";
}

export interface Device {
  id: string;
  name: string;
}

/** Unsaved work as the server keeps it, judged by the fields and rights of now. */
export interface ServerDraft {
  at: string;
  rev: number;
  device: Device;
  values: Values;
  base: Values;
  labels: Labels;
  left: LeftValue[];
}

const place = (app: string, entity: string, record: string) => pathOf("apps", app, entity, "drafts", record || "new");

export const getDraft = (app: string, entity: string, record: string) => api.get<{ draft: ServerDraft | null }>(place(app, entity, record));

export const putDraft = (app: string, entity: string, record: string, draft: { values: Values; base: Values; rev: number; device: Device }) =>
  api.put<{ at: string }>(place(app, entity, record), draft);

export const deleteDraft = (app: string, entity: string, record: string) => api.del<unknown>(place(app, entity, record));
