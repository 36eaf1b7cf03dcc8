import { onScopeDispose, ref, shallowRef, triggerRef, type Ref, type ShallowRef } from "vue";

import { isAbort } from "@/api/problem";
import { listRecords } from "@/api/records";
import type { Labels, RecordQuery, RecordRow } from "@/api/types";

import { mergeLabels } from "../shared/labels";

export interface RecordPages {
  rows: ShallowRef<RecordRow[]>;
  labels: ShallowRef<Labels>;
  /** Null until counted; above the cap it means "more than". */
  count: Ref<number | null>;
  loading: Ref<boolean>;
  /** The first page of the present question is there. */
  ready: Ref<boolean>;
  ended: Ref<boolean>;
  error: ShallowRef<unknown>;
  load: () => Promise<void>;
  more: () => Promise<void>;
  replace: (row: RecordRow, labels?: Labels) => void;
  remove: (ids: Iterable<string>) => void;
}

export const PAGE_SIZE = 60;

/**
 * The rows of a question, page after page as one scrolls. A new question aborts the old one; what a slow old answer
 * brings is dropped. The old rows stay until the new first page is there, so the table does not flash.
 */
export function useRecordPages(
  place: () => { app: string; entity: string },
  question: () => RecordQuery,
): RecordPages {
  const rows = shallowRef<RecordRow[]>([]);
  const labels = shallowRef<Labels>({});
  const count = ref<number | null>(null);
  const loading = ref(false);
  const ready = ref(false);
  const ended = ref(false);
  const error = shallowRef<unknown>(null);

  let cursor = "";
  let turn = 0;
  let abort: AbortController | null = null;

  async function page(first: boolean): Promise<void> {
    if (first) {
      abort?.abort();
      turn += 1;
      cursor = "";
      ended.value = false;
    } else if (loading.value || ended.value || !ready.value) return;
    const mine = turn;
    const control = new AbortController();
    abort = control;
    loading.value = true;
    error.value = null;
    try {
      const { app, entity } = place();
      const answer = await listRecords(
        app,
        entity,
        { ...question(), limit: PAGE_SIZE, cursor: first ? "" : cursor, count: first ? "capped" : "none" },
        control.signal,
      );
      if (mine !== turn) return;
      if (first) {
        rows.value = answer.records;
        labels.value = answer.labels ?? {};
        count.value = answer.count;
        ready.value = true;
      } else {
        const known = new Set(rows.value.map((row) => row.id));
        rows.value = [...rows.value, ...answer.records.filter((row) => !known.has(row.id))];
        labels.value = mergeLabels(labels.value, answer.labels ?? {});
      }
      cursor = answer.next_cursor ?? "";
      ended.value = !cursor;
    } catch (problem) {
      if (isAbort(problem) || mine !== turn) return;
      error.value = problem;
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  onScopeDispose(() => {
    turn += 1;
    abort?.abort();
  });

  return {
    rows,
    labels,
    count,
    loading,
    ready,
    ended,
    error,
    load: () => page(true),
    more: () => page(false),
    replace(row, names) {
      const at = rows.value.findIndex((item) => item.id === row.id);
      if (at < 0) return;
      rows.value[at] = row;
      if (names) labels.value = mergeLabels(labels.value, names);
      triggerRef(rows);
    },
    remove(ids) {
      const gone = new Set(ids);
      const before = rows.value.length;
      rows.value = rows.value.filter((row) => !gone.has(row.id));
      if (count.value !== null && count.value <= 1000) count.value -= before - rows.value.length;
    },
  };
}
