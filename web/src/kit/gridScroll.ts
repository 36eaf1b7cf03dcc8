import { computed, onBeforeUnmount, ref, watch, type ComputedRef, type Ref } from "vue";

/** Browsers stop making elements taller at 17 to 33 million pixels; below this all of them agree. */
export const TALLEST = 8_000_000;

export interface GridScroll {
  /** Where the view begins, in pixels of the whole list, however long it is. */
  top: Ref<number>;
  /** Height of the element that is scrolled. */
  height: ComputedRef<number>;
  /** Where something at `y` of the whole list is drawn. */
  place: (y: number) => number;
  onScroll: (position: number) => void;
  scrollTo: (y: number) => void;
}

/**
 * Scrolling through lists taller than an element can be. As long as the list fits, positions are what they are. Beyond
 * that small steps still move by pixels, and a jump of the scrollbar goes to the same share of the list.
 */
export function useGridScroll(box: Ref<HTMLElement | undefined>, total: () => number, view: () => number): GridScroll {
  const top = ref(0);
  const real = ref(0);
  let rest: ReturnType<typeof setTimeout> | undefined;
  const height = computed(() => Math.min(total(), TALLEST));
  const scaled = (): boolean => total() > TALLEST;
  const last = (): number => Math.max(0, total() - view());
  const share = (): number => last() / Math.max(1, height.value - view());

  function settle(): void {
    // In step with the scrollbar again, so that there is always way left to scroll.
    const at = top.value / share();
    if (!box.value || Math.abs(at - real.value) < 1) return;
    real.value = at;
    box.value.scrollTop = at;
  }

  function onScroll(position: number): void {
    if (!scaled()) {
      top.value = real.value = position;
      return;
    }
    const step = position - real.value;
    if (Math.abs(step) < 1 && position > 0) return;
    const far = Math.abs(step) > view() * 2;
    top.value = position <= 0 ? 0 : position >= height.value - view() - 1 ? last() : far ? position * share() : Math.max(0, Math.min(last(), top.value + step));
    real.value = position;
    clearTimeout(rest);
    rest = setTimeout(settle, 150);
  }

  function scrollTo(y: number): void {
    top.value = Math.max(0, Math.min(last(), y));
    real.value = scaled() ? top.value / share() : top.value;
    if (box.value) box.value.scrollTop = real.value;
  }

  watch(total, () => top.value > last() && scrollTo(last()));
  onBeforeUnmount(() => clearTimeout(rest));
  return { top, height, place: (y) => (scaled() ? y - top.value + real.value : y), onScroll, scrollTo };
}
