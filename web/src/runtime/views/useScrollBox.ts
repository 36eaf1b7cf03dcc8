import { onBeforeUnmount, ref, watch, type Ref } from "vue";

export interface ScrollBox {
  box: Ref<HTMLElement | undefined>;
  /** The part of the content that shows. */
  seen: Ref<{ top: number; height: number }>;
  measure: () => void;
}

/** An element that scrolls and what of it shows, for views that draw only that. `there` is told when it comes or goes. */
export function useScrollBox(there: () => void = () => undefined): ScrollBox {
  const box = ref<HTMLElement>();
  const seen = ref({ top: 0, height: 900 });
  const measure = (): void => {
    if (box.value) seen.value = { top: box.value.scrollTop, height: box.value.clientHeight };
  };
  const sizes = new ResizeObserver(measure);
  watch(box, (now, old) => {
    if (old) sizes.unobserve(old);
    if (now) sizes.observe(now);
    there();
  });
  onBeforeUnmount(() => sizes.disconnect());
  return { box, seen, measure };
}
