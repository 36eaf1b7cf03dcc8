import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from "vue";

interface Bar {
  /** Where pages draw their title and actions; null before the shell is there. */
  place: ShallowRef<HTMLElement | null>;
  title: ShallowRef<string>;
  /** The page has its own way back: on a phone it stands where the menu button would. */
  back: ShallowRef<boolean>;
  /** Pages that draw into the bar; while there is none (still loading, refused) the shell writes the title. */
  pages: ShallowRef<number>;
}

const BAR: InjectionKey<Bar> = Symbol("bar");

/** The shell's side: one bar that stays while pages change under it. */
export function provideBar(): Bar {
  const bar: Bar = { place: shallowRef(null), title: shallowRef(""), back: shallowRef(false), pages: shallowRef(0) };
  provide(BAR, bar);
  return bar;
}

/** A page's side; outside the shell the page draws its own bar. */
export function useBar(): Bar | null {
  return inject(BAR, null);
}
