import { api, pathOf, upload, urlOf, type UploadOptions } from "./client";
import type { Finding, Json, Text } from "./types";

export interface ColumnGuess {
  /** Field of an existing entity the heading matches. */
  field?: string;
  key: string;
  type: string;
  /** Share of the values that read as this type, 0 to 1. */
  confidence: number;
  options?: Record<string, Json>;
}

export interface ImportColumn {
  name: string;
  samples: string[];
  blanks?: number;
  distinct?: number;
  guess: ColumnGuess;
}

export interface ImportUpload {
  id: string;
  name: string;
  sheets: (string | { name: string; rows?: number })[];
  columns: ImportColumn[];
  total: number;
  entity?: string;
}

export type ImportState = "uploaded" | "planned" | "running" | "done" | "failed" | "undoing" | "undone";

export interface ImportRun {
  id: string;
  name: string;
  entity: string;
  state: ImportState;
  error: string;
  total: number;
  done: number;
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
  undone: number;
  kept: number;
}

export type ImportMode = "create" | "upsert" | "update";

export interface ImportMapping {
  mapping: Record<string, string | null>;
  mode: ImportMode;
  key?: string;
  /** Words that mean "nothing" in a table. */
  blank_words?: readonly string[];
}

export const BLANK_WORDS = ["NA", "N/A", "#N/A", "NULL", "null", "None", "nan", "NaN", "-", "--"] as const;

export interface ImportPlan {
  total: number;
  create: number;
  update: number;
  unchanged: number;
  errors: number;
  rows: { row: number; findings: Finding[] }[];
}

const at = (app: string, ...rest: string[]) => pathOf("apps", app, "imports", ...rest);

function fileForm(file: File, more: Record<string, string>): FormData {
  const form = new FormData();
  form.set("file", file, file.name);
  for (const [name, value] of Object.entries(more)) if (value) form.set(name, value);
  return form;
}

export const uploadImport = (app: string, entity: string, file: File, sheet: string, options: UploadOptions = {}) =>
  upload<ImportUpload>(at(app), fileForm(file, { entity, sheet }), options);

export const getImport = (app: string, id: string, signal?: AbortSignal) => api.get<ImportRun>(at(app, id), { signal });

export const planImport = (app: string, id: string, mapping: ImportMapping) =>
  api.post<ImportPlan>(at(app, id, "plan"), mapping);

export const runImport = (app: string, id: string) => api.post<ImportRun>(at(app, id, "run"));

export const undoImport = (app: string, id: string) => api.post<ImportRun>(at(app, id, "undo"));

export const rejectsUrl = (app: string, id: string) => urlOf(at(app, id, "rejects"));

export interface NewAppColumn {
  name: string;
  key: string;
  type: string;
  include: boolean;
}

/** A table that becomes an application of its own. */
export const uploadNewApp = (file: File, sheet: string, options: UploadOptions = {}) =>
  upload<ImportUpload>("/builder/imports", fileForm(file, { sheet }), options);

export const createAppFrom = (id: string, name: string, columns: NewAppColumn[]) =>
  api.post<{ app: { key: string; name: Text }; entity: string; import: string }>(`/builder${pathOf("imports", id, "app")}`, {
    name,
    columns,
  });
