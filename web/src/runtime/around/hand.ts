import { computed, shallowRef } from "vue";

import { loadHand, noteVisit, setFavourite, type Hand, type HandItem } from "@/api/around";
import { isAbort } from "@/api/problem";

/** Favourites and what was opened last: one copy for the star, the palette and the home page. */
export const hand = shallowRef<Hand | null>(null);
let coming: Promise<void> | null = null;

export function refreshHand(): Promise<void> {
  coming ??= loadHand()
    .then((found) => {
      hand.value = found;
    })
    .finally(() => {
      coming = null;
    });
  return coming;
}

/** Have the favourites at hand; a second caller asks no second time. */
export const needHand = (): Promise<void> => (hand.value ? Promise.resolve() : refreshHand());

let stale = false;
/** The same, with the records opened since. */
export async function freshHand(): Promise<void> {
  if (hand.value && !stale) return;
  stale = false;
  await refreshHand();
}

export const starred = computed(() => new Set((hand.value?.favourites ?? []).map((item) => `${item.kind}:${item.key ?? item.id}`)));

export async function star(kind: HandItem["kind"], app: string, entity: string, id: string, on: boolean): Promise<void> {
  await setFavourite(app, kind, entity, id, on);
  await refreshHand();
}

/** Tell the server that this person sees a record as it is now; the moment since which it changed, blank for none. */
export async function noteSeen(app: string, entity: string, id: string): Promise<string> {
  stale = true;
  try {
    const { since, unread } = await noteVisit(app, entity, id);
    return unread ? since : "";
  } catch (problem) {
    if (isAbort(problem)) throw problem;
    return ""; // without the note the dot of a changed record merely stays; that is worth no message
  }
}

/** Where a favourite leads. */
export const addressOf = (item: HandItem) =>
  item.kind === "dashboard"
    ? { name: "dashboard", params: { app: item.app, key: item.key ?? item.id } }
    : item.kind === "view"
      ? { name: "list", params: { app: item.app, entity: item.entity }, query: { v: item.id } }
      : { name: "record", params: { app: item.app, entity: item.entity, id: item.id } };
