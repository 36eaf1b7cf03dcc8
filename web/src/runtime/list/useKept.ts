import { ref, watch, type Ref } from "vue";

import { session } from "@/api/session";

/** A small choice kept in this browser for this person (column widths, chosen columns). */
export function useKept<T>(name: () => string, otherwise: T): Ref<T> {
  const key = () => `dougong.${session.user?.id ?? ""}.${name()}`;

  function read(): T {
    const text = localStorage.getItem(key());
    if (text === null) return otherwise;
    try {
      return JSON.parse(text) as T;
    } catch {
      // Written by an older version or by hand: begin anew.
      return otherwise;
    }
  }

  const kept = ref(read()) as Ref<T>;
  watch(name, () => (kept.value = read()));
  watch(
    kept,
    (now) => {
      if (now === otherwise || now === null || now === undefined) localStorage.removeItem(key());
      else localStorage.setItem(key(), JSON.stringify(now));
    },
    { deep: true },
  );
  return kept;
}
