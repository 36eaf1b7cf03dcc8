import { shallowRef, watch, type Ref } from "vue";

export interface Trigger {
  /** Template ref of the element around the trigger, which has no box of its own. */
  bind: (element: unknown) => void;
  /** The trigger: the first element in the wrap. */
  anchor: () => HTMLElement | null;
  focus: () => void;
}

/** Makes the element a caller put into a slot the trigger of a popup: says what it opens and whether it is open. */
export function useTrigger(open: Ref<boolean>, popup: "menu" | "dialog", id: string): Trigger {
  const wrap = shallowRef<HTMLElement>();
  const bind = (element: unknown): void => {
    wrap.value = element instanceof HTMLElement ? element : undefined;
  };
  const anchor = (): HTMLElement | null => (wrap.value?.firstElementChild as HTMLElement | null) ?? null;
  watch(
    [wrap, open],
    () => {
      const element = anchor();
      element?.setAttribute("aria-haspopup", popup);
      element?.setAttribute("aria-expanded", String(open.value));
      if (open.value) element?.setAttribute("aria-controls", id);
      else element?.removeAttribute("aria-controls");
    },
    { flush: "post" },
  );
  return { bind, anchor, focus: () => anchor()?.focus() };
}

const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), select:not(:disabled), [tabindex='0']";

export const firstFocusable = (root: ParentNode | null | undefined): HTMLElement | null =>
  root?.querySelector<HTMLElement>(FOCUSABLE) ?? null;
