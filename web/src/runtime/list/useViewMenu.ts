import { ArrowLeft, ArrowRight, Bookmark, CopyPlus, House, Pencil, Pin, Plus, Star, Trash2, Users } from "@lucide/vue";
import { computed, type ComputedRef } from "vue";

import { session } from "@/api/session";
import type { SavedView } from "@/api/types";
import { say, t } from "@/i18n";
import { useToast } from "@/kit/toast";
import type { MenuEntry } from "@/kit/types";

import { useFavourite } from "../around/useFavourite";
import { problemText } from "../shared/problems";
import type { Views } from "./useViews";
import { draftOf } from "./viewDraft";

export interface ViewMenu {
  entries: ComputedRef<MenuEntry[]>;
  /** Do something to the views, and say that it is done or why it is not. */
  attempt: (work: () => Promise<unknown>, done?: string) => Promise<void>;
}

/** What can be done with the view that is open: for everybody, and where it is one's own or one designs, more. */
export function useViewMenu(
  place: () => { app: string; entity: string },
  store: Views,
  choose: (id: string) => void,
  ask: (what: "new" | "save" | "change") => void,
): ViewMenu {
  const toast = useToast();
  const current = store.current;
  const star = useFavourite(() => ({ kind: "view", ...place(), id: current.value?.id ?? "" }));

  async function attempt(work: () => Promise<unknown>, done = ""): Promise<void> {
    try {
      await work();
      if (done) toast.ok(done);
    } catch (problem) {
      toast.bad(problemText(problem));
    }
  }

  const duplicate = (view: SavedView) =>
    attempt(async () => {
      const label = t("view.copyOf", { name: say(view.label) }).slice(0, 60);
      const copy = await store.create({ ...draftOf(view), label, shared: false });
      choose(copy.id);
    }, t("view.copied"));

  const remove = (view: SavedView) =>
    attempt(async () => {
      const back = await store.remove(view);
      choose("");
      toast.undo(t("view.deletedName", { name: say(view.label) }), () => void attempt(async () => choose((await back()).id), t("view.restored")));
    });

  const change = (view: SavedView, what: Parameters<Views["change"]>[1]) => void attempt(() => store.change(view.id, what), t("view.saved"));

  function ofEverybody(view: SavedView): MenuEntry[] {
    const first = store.choice.value.default === view.id;
    const at = store.views.value.findIndex((one) => one.id === view.id);
    return [
      { label: t("view.setDefault"), icon: House, checked: first, separator: true, run: () => void attempt(() => store.openWith(first ? "" : view.id), t("view.saved")) },
      { label: t("favourite.keepThis"), icon: Star, checked: star.on.value, run: () => void star.toggle() },
      { label: t("view.moveLeft"), icon: ArrowLeft, disabled: at <= 0, run: () => void attempt(() => store.move(view.id, -1)) },
      { label: t("view.moveRight"), icon: ArrowRight, disabled: at >= store.views.value.length - 1, run: () => void attempt(() => store.move(view.id, 1)) },
    ];
  }

  function ofItsMaker(view: SavedView): MenuEntry[] {
    const shared = view.scope === "shared";
    return [
      { label: t("view.rename"), icon: Pencil, separator: true, run: () => ask("change") },
      { label: t(shared ? "view.unshare" : "view.shareNow"), icon: Users, run: () => change(view, shared ? { shared: false, default: false } : { shared: true }) },
      ...(shared && session.designer ? [{ label: t("view.forAll"), icon: Pin, checked: view.default, run: () => change(view, { default: !view.default }) }] : []),
      { label: t("view.delete"), icon: Trash2, danger: true, separator: true, run: () => void remove(view) },
    ];
  }

  return {
    attempt,
    entries: computed(() => {
      const view = current.value;
      return [
        { label: t("view.new"), icon: Plus, run: () => ask("new") },
        { label: t("view.saveAs"), icon: Bookmark, run: () => ask("save") },
        ...(view ? [{ label: t("view.duplicate"), icon: CopyPlus, run: () => void duplicate(view) }, ...ofEverybody(view)] : []),
        ...(view?.editable ? ofItsMaker(view) : []),
      ];
    }),
  };
}
