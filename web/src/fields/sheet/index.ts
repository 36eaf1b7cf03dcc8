import { shallowRef, type Component } from "vue";

/** The part that draws rows, once a form with a sub-table was opened. */
export const sheetBody = shallowRef<Component | null>(null);
let loading: Promise<void> | null = null;

/** Fetch it; a page that waits for this before it shows the form does not jump. */
export function loadSheet(): Promise<void> {
  loading ??= import("./SheetBody.vue").then(
    (part) => void (sheetBody.value = part.default),
    (problem: unknown) => {
      loading = null;
      throw problem;
    },
  );
  return loading;
}
