import { computed, ref, type ComputedRef, type Ref } from "vue";

import { getDraft, saveDraft, type DraftDocument } from "@/api/builder";
import type { Json } from "@/api/types";
import { t } from "@/i18n";
import { useToast } from "@/kit/toast";

import { problemText } from "../../shared/problems";
import { useLoad, type Loader } from "../../shared/useLoad";
import { placeOf, printsOf, withoutPrint, withPrint, type PrintDefinition } from "./definitions";

type Tree = Record<string, Json>;

export interface PrintDraft {
  draft: Loader<DraftDocument>;
  app: ComputedRef<Tree>;
  saving: Ref<boolean>;
  /** Put a template into the draft; what is wrong with it there is said, it is kept all the same. */
  put: (one: PrintDefinition, done: string) => Promise<boolean>;
  /** Take it out of the draft; one press puts it back where it stood. */
  remove: (one: PrintDefinition, name: string) => Promise<boolean>;
}

/** The print templates in the draft of an application. */
export function usePrintDraft(key: () => string): PrintDraft {
  const toast = useToast();
  const draft = useLoad<DraftDocument>((signal) => getDraft(key(), signal));
  const saving = ref(false);
  void draft.reload();

  async function save(change: (app: Tree) => Tree): Promise<DraftDocument | null> {
    const known = draft.data.value;
    if (!known || saving.value) return null;
    saving.value = true;
    try {
      const app = change(known.app);
      const { rev, findings } = await saveDraft(key(), known.rev, app);
      return (draft.data.value = { ...known, rev, app, findings });
    } catch (problem) {
      toast.bad(problemText(problem));
      return null;
    } finally {
      saving.value = false;
    }
  }

  async function put(one: PrintDefinition, done: string, at?: number): Promise<boolean> {
    const saved = await save((app) => withPrint(app, one, at));
    if (!saved) return false;
    const place = `/prints/${placeOf(saved.app, one.id)}/`;
    const wrong = saved.findings.find((finding) => finding.place.startsWith(place));
    if (wrong) toast.info(t("prints.savedWrong", { text: wrong.text }));
    else toast.ok(done);
    return true;
  }

  return {
    draft,
    saving,
    app: computed(() => draft.data.value?.app ?? {}),
    put,
    async remove(one, name) {
      const at = placeOf(draft.data.value?.app ?? {}, one.id);
      const known = printsOf(draft.data.value?.app ?? {}, one.entity).find((other) => other.id === one.id) ?? one;
      if (!(await save((app) => withoutPrint(app, one.id)))) return false;
      toast.undo(t("prints.deleted", { name }), () => void put(known, t("prints.restored", { name }), at));
      return true;
    },
  };
}
