import { computed, ref, type ComputedRef, type Ref } from "vue";

import type { HandItem } from "@/api/around";
import { isAbort } from "@/api/problem";
import { useToast } from "@/kit/toast";

import { problemText } from "../shared/problems";
import { needHand, star, starred } from "./hand";

export interface Favourite {
  on: ComputedRef<boolean>;
  busy: Ref<boolean>;
  toggle: () => Promise<void>;
}

/** Whether something is a favourite of this person, and the way to change it. */
export function useFavourite(item: () => { kind: HandItem["kind"]; app: string; entity: string; id: string }): Favourite {
  const toast = useToast();
  const busy = ref(false);
  const on = computed(() => starred.value.has(`${item().kind}:${item().id}`));

  needHand().catch((problem: unknown) => {
    if (!isAbort(problem)) toast.bad(problemText(problem));
  });

  async function toggle(): Promise<void> {
    const { kind, app, entity, id } = item();
    busy.value = true;
    try {
      await star(kind, app, entity, id, !on.value);
    } catch (problem) {
      toast.bad(problemText(problem));
    } finally {
      busy.value = false;
    }
  }
  return { on, busy, toggle };
}
