import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from "vue";

import { isAbort } from "@/api/problem";

export interface Loader<T> {
  data: ShallowRef<T | null>;
  loading: Ref<boolean>;
  error: ShallowRef<unknown>;
  /** Ask again; what was shown stays until the new answer is there. */
  reload: () => Promise<void>;
}

/** Something read from the server: the newest question wins, leaving the page gives up on it. */
export function useLoad<T>(work: (signal: AbortSignal) => Promise<T>): Loader<T> {
  const data = shallowRef<T | null>(null);
  const loading = ref(false);
  const error = shallowRef<unknown>(null);
  let control: AbortController | null = null;

  async function reload(): Promise<void> {
    control?.abort();
    const mine = new AbortController();
    control = mine;
    loading.value = true;
    error.value = null;
    try {
      data.value = await work(mine.signal);
    } catch (problem) {
      if (isAbort(problem) || mine !== control) return;
      error.value = problem;
    } finally {
      if (mine === control) loading.value = false;
    }
  }

  onScopeDispose(() => control?.abort());
  return { data, loading, error, reload };
}
