import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from "vue";

const PORTAL: InjectionKey<ShallowRef<HTMLElement | null>> = Symbol("portal");

/** Make an element the place where popups of everything below are put (a dialog in the top layer needs its own). */
export function providePortal(): ShallowRef<HTMLElement | null> {
  const target = shallowRef<HTMLElement | null>(null);
  provide(PORTAL, target);
  return target;
}

/** Where to put a popup: the nearest provided place, else the page body. */
export function usePortal(): ShallowRef<HTMLElement | null> {
  return inject(PORTAL, () => shallowRef(document.body), true);
}
