import { ref, shallowRef, type Ref, type ShallowRef } from "vue";

import { planPublish, publishDraft, type PublishPlan } from "@/api/builder";
import { loadApp } from "@/api/metadata";
import { t } from "@/i18n";
import { useToast } from "@/kit/toast";

import { problemText } from "../shared/problems";

export interface Publishing {
  plan: ShallowRef<PublishPlan | null>;
  planning: Ref<boolean>;
  publishing: Ref<boolean>;
  show: () => Promise<void>;
  publish: (note: string) => Promise<void>;
}

/** Show what publishing the draft would do, and publish it; `done` reads again what changed by it. */
export function usePublish(app: () => string, rev: () => number | undefined, done: () => Promise<unknown>): Publishing {
  const toast = useToast();
  const plan = shallowRef<PublishPlan | null>(null);
  const planning = ref(false);
  const publishing = ref(false);

  async function attempt(busy: Ref<boolean>, work: () => Promise<void>): Promise<void> {
    busy.value = true;
    try {
      await work();
    } catch (problem) {
      toast.bad(problemText(problem));
    } finally {
      busy.value = false;
    }
  }

  return {
    plan,
    planning,
    publishing,
    show: () =>
      attempt(planning, async () => {
        plan.value = await planPublish(app());
      }),
    publish: (note) =>
      attempt(publishing, async () => {
        const known = rev();
        if (known === undefined) return;
        const { version } = await publishDraft(app(), known, note);
        plan.value = null;
        toast.ok(t("design.published", { version }));
        await Promise.all([done(), loadApp(app(), true)]);
      }),
  };
}
