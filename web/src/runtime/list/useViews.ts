import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

import type { EntityModel } from "@/api/metadata";
import { isAbort } from "@/api/problem";
import { session } from "@/api/session";
import type { SavedView } from "@/api/types";
import { chooseViews, createView, deleteView, listViews, updateView, type ViewChoice, type ViewDraft } from "@/api/views";

import { draftOf } from "./viewDraft";

export interface Views {
  /** In the order this person chose. */
  views: ComputedRef<SavedView[]>;
  current: ComputedRef<SavedView | undefined>;
  choice: ShallowRef<ViewChoice>;
  error: ShallowRef<unknown>;
  busy: Ref<boolean>;
  load: () => Promise<void>;
  create: (draft: ViewDraft) => Promise<SavedView>;
  change: (id: string, change: Partial<ViewDraft>) => Promise<SavedView>;
  /** Delete a view; the answer makes it again, where it was and as it was chosen. */
  remove: (view: SavedView) => Promise<() => Promise<SavedView>>;
  /** Open the list with a view from now on, for this person; blank: as the designer says. */
  openWith: (id: string) => Promise<void>;
  /** Put a view so many places on among the others, for this person. */
  move: (id: string, by: number) => Promise<void>;
}

/** The view a list opens with: the one this person chose, a shared one or the application's for everybody, else the first. */
export function defaultView(views: readonly SavedView[], chosen = ""): SavedView | undefined {
  const forAll = (scope: SavedView["scope"]) => views.find((view) => view.default && view.scope === scope);
  return views.find((view) => view.id === chosen) ?? forAll("shared") ?? forAll("app") ?? views[0];
}

/** Views in the order a person chose; those the order does not know follow as they came. */
export function inOrder(views: readonly SavedView[], order: readonly string[]): SavedView[] {
  const place = (view: SavedView): number => (order.includes(view.id) ? order.indexOf(view.id) : order.length);
  return views.toSorted((a, b) => place(a) - place(b));
}

/** Saved views of an entity. Those of the application are there at once, the others follow. */
export function useViews(app: () => string, entity: () => EntityModel, asked: () => string): Views {
  const all = shallowRef<SavedView[]>(entity().meta.views);
  const choice = shallowRef<ViewChoice>({ default: "", order: [] });
  const error = shallowRef<unknown>(null);
  const busy = ref(false);
  const views = computed(() => inOrder(all.value, choice.value.order));
  const current = computed(() => views.value.find((view) => view.id === asked()) ?? defaultView(views.value, choice.value.default));

  async function work<T>(action: () => Promise<T>): Promise<T> {
    busy.value = true;
    try {
      return await action();
    } finally {
      busy.value = false;
    }
  }

  function put(view: SavedView): void {
    const at = all.value.findIndex((item) => item.id === view.id);
    all.value = at < 0 ? [...all.value, view] : all.value.toSpliced(at, 1, view);
  }
  async function choose(change: Partial<ViewChoice>): Promise<void> {
    choice.value = await chooseViews(app(), entity().key, change);
  }
  async function create(draft: ViewDraft): Promise<SavedView> {
    const view = await createView(app(), entity().key, draft);
    put(view);
    return view;
  }

  return {
    views,
    current,
    choice,
    error,
    busy,
    async load() {
      error.value = null;
      try {
        const found = await listViews(app(), entity().key);
        choice.value = found.choice;
        all.value = found.views;
      } catch (problem) {
        if (!isAbort(problem)) error.value = problem;
      }
    },
    create: (draft) => work(() => create(draft)),
    change: (id, change) =>
      work(async () => {
        const view = await updateView(app(), entity().key, id, change);
        put(view);
        return view;
      }),
    remove: (view) =>
      work(async () => {
        const order = views.value.map((one) => one.id);
        const first = choice.value.default === view.id;
        await deleteView(app(), entity().key, view.id);
        all.value = all.value.filter((one) => one.id !== view.id);
        return () =>
          work(async () => {
            const again = await create({ ...draftOf(view), ...(view.default && session.designer ? { default: true } : {}) });
            await choose({ order: order.map((id) => (id === view.id ? again.id : id)), ...(first ? { default: again.id } : {}) });
            return again;
          });
      }),
    openWith: (id) => work(() => choose({ default: id })),
    move: (id, by) =>
      work(async () => {
        const order = views.value.map((one) => one.id);
        const at = order.indexOf(id);
        const to = Math.max(0, Math.min(at + by, order.length - 1));
        if (at >= 0 && to !== at) await choose({ order: order.toSpliced(at, 1).toSpliced(to, 0, id) });
      }),
  };
}
