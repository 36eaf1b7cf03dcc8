import { onBeforeUnmount, onMounted, ref, type Ref } from "vue";
import { onBeforeRouteLeave, onBeforeRouteUpdate } from "vue-router";

export type LeaveAnswer = "stay" | "keep" | "discard";

export interface LeaveGuard {
  /** The question is on the screen. */
  asking: Ref<boolean>;
  answer: (choice: LeaveAnswer) => void;
}

interface Work {
  dirty: () => boolean;
  keep: () => Promise<void>;
  discard: () => Promise<void>;
}

/** Before unsaved work is left behind, ask: stay, keep it as a draft of this browser, or throw it away. */
export function useLeaveGuard(work: Work): LeaveGuard {
  const asking = ref(false);
  let resolve: ((choice: LeaveAnswer) => void) | null = null;

  async function guard(): Promise<boolean> {
    if (!work.dirty()) return true;
    asking.value = true;
    const choice = await new Promise<LeaveAnswer>((done) => {
      resolve?.("stay");
      resolve = done;
    });
    asking.value = false;
    if (choice === "keep") await work.keep();
    if (choice === "discard") await work.discard();
    return choice !== "stay";
  }

  onBeforeRouteLeave(guard);
  onBeforeRouteUpdate(guard);

  const onUnload = (event: BeforeUnloadEvent) => {
    if (!work.dirty()) return;
    void work.keep();
    event.preventDefault();
  };
  onMounted(() => window.addEventListener("beforeunload", onUnload));
  onBeforeUnmount(() => window.removeEventListener("beforeunload", onUnload));

  return {
    asking,
    answer(choice) {
      resolve?.(choice);
      resolve = null;
    },
  };
}
