import { api, pathOf, upload, urlOf } from "./client";
import type { Finding, Json, Text } from "./types";

/** The design side of the API: templates, sample data sets, drafts, publishing. */

export interface TemplateCard {
  key: string;
  name: Text;
  description?: Text;
  icon?: string;
  entities?: number;
  flows?: number;
  dashboards?: number;
  installed?: boolean;
}

export interface DatasetCard {
  key: string;
  name: Text;
  description?: Text;
  rows?: number;
  source?: string;
  licence?: string;
  available?: boolean;
}

export interface Shelf {
  templates: TemplateCard[];
  datasets: DatasetCard[];
}

export interface ChangeLine {
  op: "add" | "change" | "remove" | "conflict" | string;
  kind: string;
  label: Text;
  text?: Text;
}

export interface TemplatePlan {
  app: { key: string; name: Text };
  changes: ChangeLine[];
  findings: Finding[];
}

export interface PublishStep {
  kind: "instant" | "slow" | "trash" | string;
  text: Text;
  rows?: number;
  loss?: boolean;
  /** Id of the field it is about. */
  field?: string | null;
}

/** What a change of type would do to the values of a field. */
export interface Conversion {
  kept: number;
  lossy: number;
  refused: number;
  restored: number;
  samples: { outcome: "lossy" | "refused"; before: string; after: string }[];
  /** False: only the first values were looked at. */
  complete: boolean;
}

export interface PublishPlan {
  steps: PublishStep[];
  /** By field id. */
  conversions?: Record<string, Conversion>;
  changes: ChangeLine[];
  findings: Finding[];
}

export interface DraftDocument {
  rev: number;
  app: Record<string, Json>;
  changed_at?: string | null;
  changed_by?: string | null;
  live_version: number | null;
  findings: Finding[];
}

export interface VersionLine {
  version: number;
  at: string;
  by: { id: string; name: string } | null;
  note: string;
  live: boolean;
}

const BUILDER = "/builder";
const of = (app: string, what: string) => BUILDER + pathOf("apps", app, what);

export const getShelf = (signal?: AbortSignal) => api.get<Shelf>(`${BUILDER}/templates`, { signal });

export const installTemplate = (template: string, demo: boolean) =>
  api.post<{ app: { key: string; name: Text } }>(`${BUILDER}/templates/import`, { template, mode: "apply", demo });

function templateForm(file: File, mode: "plan" | "apply"): FormData {
  const form = new FormData();
  form.set("file", file);
  form.set("mode", mode);
  return form;
}

export const planTemplateFile = (file: File) => upload<TemplatePlan>(`${BUILDER}/templates/import`, templateForm(file, "plan"));

export const applyTemplateFile = (file: File) =>
  upload<{ app: { key: string; name: Text } }>(`${BUILDER}/templates/import`, templateForm(file, "apply"));

export const openDataset = (key: string) =>
  api.post<{ app: { key: string; name: Text }; entity: string; import?: string }>(BUILDER + pathOf("datasets", key, "open"), {});

export const templateUrl = (app: string) => urlOf(BUILDER + pathOf("templates", "export", app));

export const getDraft = (app: string, signal?: AbortSignal) => api.get<DraftDocument>(of(app, "draft"), { signal });

export const saveDraft = (app: string, rev: number, definition: Record<string, Json>) =>
  api.put<{ rev: number; findings: Finding[] }>(of(app, "draft"), { rev, app: definition });

export const planPublish = (app: string) => api.post<PublishPlan>(of(app, "plan"), {});

export const publishDraft = (app: string, rev: number, note: string) =>
  api.post<{ version: number }>(of(app, "publish"), { rev, note });

/** Makes the draft what an earlier version was. */
export const takeBack = (app: string, version: number, rev: number) =>
  api.post<{ rev: number; findings: Finding[] }>(BUILDER + pathOf("apps", app, "versions", String(version), "draft"), { rev });

export const listVersions = (app: string, signal?: AbortSignal) =>
  api.get<{ versions: VersionLine[] }>(of(app, "versions"), { signal });
