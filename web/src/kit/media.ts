import { ref, type Ref } from "vue";

const known = new Map<string, Ref<boolean>>();

function follow(query: string): Ref<boolean> {
  let state = known.get(query);
  if (!state) {
    const list = matchMedia(query);
    const fresh = ref(list.matches);
    list.addEventListener("change", (event) => (fresh.value = event.matches));
    known.set(query, (state = fresh));
  }
  return state;
}

/** `phone`: the narrow layout; `coarse`: the main pointer is a finger; `still`: no motion wanted. */
export function useMedia(): { phone: Ref<boolean>; coarse: Ref<boolean>; still: Ref<boolean> } {
  return {
    phone: follow("(max-width: 760px)"),
    coarse: follow("(pointer: coarse)"),
    still: follow("(prefers-reduced-motion: reduce)"),
  };
}
