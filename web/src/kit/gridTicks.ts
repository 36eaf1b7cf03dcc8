import { computed, type ComputedRef, type Ref } from "vue";

import type { GridLines } from "./gridLines";

/** Rows one press on the head ticks at most; beyond them "all" is a choice of its own. */
const MOST = 20_000;

export interface GridTicks<Row> {
  ticked: ComputedRef<ReadonlySet<string>>;
  state: ComputedRef<"all" | "some" | "none">;
  /** Tick or untick a row; `many`: every row from the last one to this. */
  toggle: (index: number, many: boolean) => void;
  /** Tick every row there is, or none. */
  toggleAll: () => void;
  /** The ticked rows that are loaded. */
  rows: () => Row[];
}

/** Which rows of a grid are ticked. */
export function useGridTicks<Row>(lines: () => GridLines<Row>, selected: Ref<string[]>, all: () => boolean): GridTicks<Row> {
  const ticked = computed(() => new Set(selected.value));
  let anchor = -1;

  function toggle(index: number, many: boolean): void {
    const line = lines().at(index);
    if (line.kind !== "row") return;
    const next = new Set(selected.value);
    const on = !next.has(line.key);
    const from = many && anchor >= 0 ? Math.min(anchor, index) : index;
    const to = many && anchor >= 0 ? Math.max(anchor, index) : index;
    for (let step = from; step <= to; step += 1) {
      const one = lines().at(step);
      if (one.kind !== "row") continue;
      if (on || many) next.add(one.key);
      else next.delete(one.key);
    }
    anchor = index;
    selected.value = [...next];
  }

  function toggleAll(): void {
    const keys: string[] = [];
    for (let index = 0; !selected.value.length && index < lines().count && keys.length < MOST; index += 1) {
      const line = lines().at(index);
      if (line.kind === "row") keys.push(line.key);
    }
    selected.value = keys;
  }

  function rows(): Row[] {
    const found: Row[] = [];
    for (let index = 0; index < lines().count && found.length < ticked.value.size; index += 1) {
      const line = lines().at(index);
      if (line.kind === "row" && ticked.value.has(line.key)) found.push(line.row);
    }
    return found;
  }

  return { ticked, state: computed(() => (all() ? "all" : selected.value.length ? "some" : "none")), toggle, toggleAll, rows };
}
