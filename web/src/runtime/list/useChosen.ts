import { computed, ref, watch, type ComputedRef, type Ref } from "vue";

import { listRecords } from "@/api/records";
import type { RecordQuery, RecordRow } from "@/api/types";

/** Operations one call takes. */
export const MOST = 20_000;
const PAGE = 200;

export interface Chosen {
  ids: Ref<string[]>;
  /** Everything the list holds is chosen, not only what is ticked. */
  everything: Ref<boolean>;
  /** More can be chosen than is ticked. */
  offered: ComputedRef<boolean>;
  count: ComputedRef<number>;
  /** The records themselves; of everything, they are asked for now. */
  rows: (titleKey: string) => Promise<RecordRow[]>;
  clear: () => void;
}

/** Which rows are chosen: those ticked, or all that the filter lets through. */
export function useChosen(place: () => { app: string; entity: string }, question: () => RecordQuery, loaded: () => RecordRow[], total: () => number | null): Chosen {
  const ids = ref<string[]>([]);
  const everything = ref(false);
  watch(ids, () => (everything.value = false));

  async function all(titleKey: string): Promise<RecordRow[]> {
    const { app, entity } = place();
    const found: RecordRow[] = [];
    let cursor = "";
    do {
      const page = await listRecords(app, entity, { ...question(), fields: [titleKey || "id"], limit: PAGE, cursor });
      found.push(...page.records);
      cursor = page.next_cursor;
    } while (cursor && found.length < MOST);
    return found;
  }

  return {
    ids,
    everything,
    offered: computed(() => !everything.value && ids.value.length > 1 && (total() ?? 0) > ids.value.length && ids.value.length >= Math.min(loaded().length, PAGE)),
    count: computed(() => (everything.value ? Math.min(total() ?? 0, MOST) : ids.value.length)),
    async rows(titleKey) {
      if (everything.value) return all(titleKey);
      const wanted = new Set(ids.value);
      return loaded().filter((row) => wanted.has(row.id));
    },
    clear() {
      everything.value = false;
      ids.value = [];
    },
  };
}
