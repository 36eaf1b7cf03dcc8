import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

import type { EntityModel } from "@/api/metadata";
import { isAbort } from "@/api/problem";
import type { SavedView } from "@/api/types";
import { createView, deleteView, listViews, updateView, type ViewDraft } from "@/api/views";

export interface Views {
  views: ShallowRef<SavedView[]>;
  current: ComputedRef<SavedView | undefined>;
  error: ShallowRef<unknown>;
  busy: Ref<boolean>;
  load: () => Promise<void>;
  create: (draft: ViewDraft) => Promise<SavedView>;
  change: (id: string, change: Partial<ViewDraft>) => Promise<SavedView>;
  remove: (id: string) => Promise<void>;
}

/** The view a list opens with: one's own default, a shared one, the application's, else the first. */
export function defaultView(views: readonly SavedView[]): SavedView | undefined {
  const order = ["mine", "shared", "app"];
  const defaults = views.filter((view) => view.default).sort((a, b) => order.indexOf(a.scope) - order.indexOf(b.scope));
  return defaults[0] ?? views[0];
}

/** Saved views of an entity. Those of the application are there at once, the others follow. */
export function useViews(app: () => string, entity: () => EntityModel, chosen: () => string): Views {
  const views = shallowRef<SavedView[]>(entity().meta.views);
  const error = shallowRef<unknown>(null);
  const busy = ref(false);
  const current = computed(() => views.value.find((view) => view.id === chosen()) ?? defaultView(views.value));

  async function work<T>(action: () => Promise<T>): Promise<T> {
    busy.value = true;
    try {
      return await action();
    } finally {
      busy.value = false;
    }
  }

  function put(view: SavedView): void {
    const others = views.value.filter((item) => item.id !== view.id);
    // A person has one default; the server answers only for the view that was changed.
    const settled = view.default && view.scope === "mine" ? others.map((item) => (item.scope === "mine" ? { ...item, default: false } : item)) : others;
    const at = views.value.findIndex((item) => item.id === view.id);
    views.value = at < 0 ? [...settled, view] : settled.toSpliced(at, 0, view);
  }

  return {
    views,
    current,
    error,
    busy,
    async load() {
      error.value = null;
      try {
        views.value = await listViews(app(), entity().key);
      } catch (problem) {
        if (!isAbort(problem)) error.value = problem;
      }
    },
    create: (draft) =>
      work(async () => {
        const view = await createView(app(), entity().key, draft);
        put(view);
        return view;
      }),
    change: (id, change) =>
      work(async () => {
        const view = await updateView(app(), entity().key, id, change);
        put(view);
        return view;
      }),
    remove: (id) =>
      work(async () => {
        await deleteView(app(), entity().key, id);
        views.value = views.value.filter((view) => view.id !== id);
      }),
  };
}
