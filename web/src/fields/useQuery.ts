import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from "vue";

import { isAbort } from "@/api/problem";
import type { FieldMeta } from "@/api/types";

import type { FieldContext, QueryFound, QueryRow } from "./contract";

const QUIET_MS = 350;

export interface QueryState {
  found: ShallowRef<QueryFound | null>;
  /** Waiting for the first answer, or for one to values that changed. */
  busy: Ref<boolean>;
  failed: Ref<boolean>;
  more(): Promise<void>;
  again(): Promise<void>;
}

/** Asks what a query field shows, and again a moment after something its condition reads has changed. */
export function useQuery(field: () => FieldMeta, ctx: () => FieldContext, row: () => QueryRow | undefined): QueryState {
  const found = shallowRef<QueryFound | null>(null);
  const busy = ref(false);
  const failed = ref(false);
  let asking: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(cursor: string): Promise<void> {
    clearTimeout(timer);
    const query = ctx().query;
    if (!query) return;
    asking?.abort();
    const mine = (asking = new AbortController());
    busy.value = true;
    failed.value = false;
    try {
      const next = await query.find(field(), { cursor, row: row() }, mine.signal);
      const before = cursor && found.value ? found.value.records : [];
      found.value = { ...next, records: [...before, ...next.records] };
    } catch (problem) {
      if (isAbort(problem)) return;
      failed.value = true;
    }
    if (asking === mine) busy.value = false;
  }

  watch(
    () => [field().id, ctx().query?.stamp(field(), row())] as const,
    (now, before) => {
      clearTimeout(timer);
      if (!before || now[0] !== before[0]) void ask("");
      else timer = setTimeout(() => void ask(""), QUIET_MS);
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    clearTimeout(timer);
    asking?.abort();
  });
  return { found, busy, failed, more: () => ask(found.value?.next ?? ""), again: () => ask("") };
}
