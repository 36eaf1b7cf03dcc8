import { api, pathOf } from "./client";
import type { SavedView } from "./types";

/** What is saved of a view; anything left out stays as it is, or empty in a new one. */
export type ViewDraft = Partial<
  Pick<SavedView, "kind" | "columns" | "card" | "filter" | "sort" | "group" | "totals" | "colors" | "quick" | "freeze" | "parts" | "options" | "default">
> & { label: string; shared?: boolean };

const at = (app: string, entity: string, ...rest: string[]) => pathOf("apps", app, entity, "views", ...rest);

/** Fill what a view document leaves out. */
export function viewOf(raw: Partial<SavedView> & { id: string; label: SavedView["label"]; shared?: boolean }): SavedView {
  const scope = raw.scope ?? (raw.shared ? "shared" : "app");
  return {
    id: raw.id,
    label: raw.label,
    scope,
    kind: raw.kind ?? "table",
    columns: raw.columns ?? [],
    card: raw.card ?? [],
    filter: raw.filter ?? null,
    sort: raw.sort ?? [],
    group: raw.group ?? [],
    totals: raw.totals ?? {},
    colors: raw.colors ?? [],
    quick: raw.quick ?? [],
    freeze: raw.freeze ?? 1,
    parts: raw.parts ?? {},
    options: raw.options ?? {},
    default: raw.default ?? false,
    editable: raw.editable ?? scope === "mine",
  };
}

/** What a person chose about the views of a list; ids of views that are gone may still be in it. */
export interface ViewChoice {
  /** The view the list opens with; blank: as the designer says. */
  default: string;
  order: string[];
}

export interface ViewList {
  views: SavedView[];
  choice: ViewChoice;
}

export async function listViews(app: string, entity: string, signal?: AbortSignal): Promise<ViewList> {
  const found = await api.get<{ views: Parameters<typeof viewOf>[0][]; choice: ViewChoice }>(at(app, entity), { signal });
  return { views: found.views.map(viewOf), choice: found.choice };
}

/** Keep a personal choice; what is left out stays. */
export const chooseViews = async (app: string, entity: string, choice: Partial<ViewChoice>): Promise<ViewChoice> =>
  (await api.put<{ choice: ViewChoice }>(at(app, entity, "choice"), choice)).choice;

export const createView = async (app: string, entity: string, draft: ViewDraft): Promise<SavedView> =>
  viewOf((await api.post<{ view: Parameters<typeof viewOf>[0] }>(at(app, entity), draft)).view);

export const updateView = async (
  app: string,
  entity: string,
  id: string,
  change: Partial<ViewDraft>,
): Promise<SavedView> =>
  viewOf((await api.patch<{ view: Parameters<typeof viewOf>[0] }>(at(app, entity, id), change)).view);

export const deleteView = (app: string, entity: string, id: string) => api.del<void>(at(app, entity, id));
